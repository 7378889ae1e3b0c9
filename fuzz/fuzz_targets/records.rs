//! Records on the log from bytes: whatever arrives, nothing panics, and an event that is wholly understood is written
//! back and read again as the same event.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topspin_event::wire;

fuzz_target!(|bytes: &[u8]| {
    let _ = wire::position_of(bytes);
    let _ = wire::decode_snapshot(bytes);
    let _ = wire::decode_tie_snapshot(bytes);
    let _ = wire::decode_tie_recorded(bytes);
    let _ = wire::decode_reference(bytes);
    let _ = wire::decode_anomaly(bytes);
    let _ = wire::decode_device(bytes);
    let _ = wire::decode_verdict(bytes);
    let Ok(recorded) = wire::decode_recorded(bytes) else { return };
    // An event with parts that this version does not know has no bytes of its own: the payload is passed on.
    if let Some(written) = wire::encode_recorded(&recorded) {
        assert_eq!(wire::decode_recorded(&written).ok(), Some(recorded));
    }
});
