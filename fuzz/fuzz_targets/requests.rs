//! Bodies of the HTTP API from JSON: whatever arrives, nothing panics, and what is accepted survives being written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use topspin_event::{CommandEnvelope, CreateMatch, CreateTie, Heartbeat, NewAnomaly, NewReference};

fuzz_target!(|text: &str| {
    round_trip::<CommandEnvelope>(text);
    round_trip::<CreateMatch>(text);
    round_trip::<NewReference>(text);
    round_trip::<NewAnomaly>(text);
    let _ = serde_json::from_str::<CreateTie>(text);
    let _ = serde_json::from_str::<Heartbeat>(text);
});

fn round_trip<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(text: &str) {
    if let Ok(body) = serde_json::from_str::<T>(text) {
        let written = serde_json::to_string(&body).expect("a body is written");
        assert_eq!(serde_json::from_str::<T>(&written).ok().as_ref(), Some(&body));
    }
}
