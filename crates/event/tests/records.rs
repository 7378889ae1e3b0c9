//! Records on the log: every kind round trips, version 1 decodes for ever, and damage is an error.

mod samples;

use proptest::prelude::*;
use prost::Message as _;
use samples::{created, law_events, recorded, ties};
use topspin_event::{MatchEvent, Recorded, TieEvent, wire};

fn round_trip(recorded: &Recorded) {
    let payload = wire::encode_recorded(recorded).expect("known");
    assert_eq!(wire::decode_recorded(&payload).as_ref(), Ok(recorded));
    assert!(!wire::holds_unknown(&payload));
    let position = wire::position_of(&payload).expect("well formed");
    assert_eq!(position, (recorded.match_id, recorded.seq));
}

#[test]
fn every_kind_of_event_round_trips() {
    round_trip(&recorded(1, MatchEvent::Created(created())));
    for (index, event) in law_events().into_iter().enumerate() {
        round_trip(&recorded(index as u64 + 2, event));
    }
}

#[test]
fn every_kind_of_event_of_a_tie_round_trips() {
    for recorded in ties() {
        let payload = wire::encode_tie_recorded(&recorded).expect("known");
        assert_eq!(wire::decode_tie_recorded(&payload), Ok(recorded));
    }
}

/// The bytes of version 1, as hexadecimal text, one record a line. Nothing here may ever change; new kinds of events
/// are added at the end by a run with `TOPSPIN_BLESS=1`.
#[test]
fn records_of_version_1_have_the_same_bytes_for_ever() {
    let path =
        std::path::PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
            .join("tests/version-1.hex");
    let kinds = std::iter::once(MatchEvent::Created(created())).chain(law_events());
    let now: Vec<String> = kinds
        .enumerate()
        .map(|(index, event)| {
            let payload = wire::encode_recorded(&recorded(index as u64 + 1, event)).expect("known");
            hex::encode(payload)
        })
        .collect();
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let kept: Vec<_> = kept.lines().collect();
    if std::env::var_os("TOPSPIN_BLESS").is_some() && now.iter().zip(&kept).all(|(now, kept)| now == kept) {
        std::fs::write(&path, now.join("\n") + "\n").expect("written");
        return;
    }
    assert_eq!(kept, now);
    for (index, line) in kept.iter().enumerate() {
        let payload = hex::decode(line).expect("hexadecimal");
        let decoded = wire::decode_recorded(&payload).expect("version 1 is read for ever");
        assert_eq!(decoded.seq.0, index as u64 + 1);
        assert!(!matches!(decoded.event, MatchEvent::Unknown(_)));
    }
}

#[test]
fn an_event_of_a_later_version_is_marked_and_its_bytes_are_kept() {
    let payload = wire::encode_recorded(&recorded(2, law_events().remove(0))).expect("known");
    let wire = wire::v1::Recorded::decode(payload.as_ref()).expect("well formed");
    let mut later = wire::v1::Recorded { event: None, ..wire }.encode_to_vec();
    // Field 900, a message of two bytes.
    later.extend([0xa2, 0x38, 0x02, 0x08, 0x01]);
    let decoded = wire::decode_recorded(&later).expect("readable");
    let MatchEvent::Unknown(unknown) = &decoded.event else { panic!("{decoded:?}") };
    assert_eq!(unknown.field, Some(900));
    assert!(wire::holds_unknown(&later));
    assert_eq!(wire::encode_recorded(&decoded), None, "this version cannot write it anew");
}

#[test]
fn an_enum_value_of_a_later_version_is_marked() {
    let mut wire = wire::v1::Recorded::decode(
        wire::encode_recorded(&recorded(2, law_events().remove(0))).expect("known").as_ref(),
    )
    .expect("well formed");
    wire.event = Some(wire::v1::recorded::Event::EndsCorrected(wire::v1::EndsCorrected { home_end: 77 }));
    let decoded = wire::decode_recorded(&wire.encode_to_vec()).expect("readable");
    let MatchEvent::Unknown(unknown) = &decoded.event else { panic!("{decoded:?}") };
    assert!(unknown.what.contains("77"), "{unknown:?}");
}

#[test]
fn a_field_of_a_later_version_is_marked_and_the_rest_is_read() {
    let known = recorded(2, law_events().remove(0));
    let mut later = wire::encode_recorded(&known).expect("known").to_vec();
    // Field 15, a number.
    later.extend([0x78, 0x05]);
    assert_eq!(wire::decode_recorded(&later), Ok(known));
    assert!(wire::holds_unknown(&later));
}

proptest! {
    #[test]
    fn damaged_bytes_are_an_error_or_another_record_and_never_a_panic(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut kinds = law_events();
        kinds.push(MatchEvent::Created(created()));
        let event = kinds.swap_remove(which.index(kinds.len()));
        let mut payload = wire::encode_recorded(&recorded(3, event)).expect("known").to_vec();
        let at = at.index(payload.len());
        payload[at] = byte;
        let cut = cut.index(payload.len() + 1);
        for bytes in [&payload[..], &payload[..cut]] {
            if let Ok(read) = wire::decode_recorded(bytes)
                && let Some(again) = wire::encode_recorded(&read)
            {
                prop_assert_eq!(wire::decode_recorded(&again), Ok(read), "what is read can be written");
            }
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_a_record_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (wire::decode_recorded(&bytes), wire::decode_snapshot(&bytes), wire::decode_verdict(&bytes));
        let tie = wire::decode_tie_recorded(&bytes);
        prop_assert!(tie.is_err() || !matches!(tie, Ok(tie) if matches!(tie.event, TieEvent::Created(_)) && tie.seq.0 == 0));
        let _ = (wire::decode_reference(&bytes), wire::decode_anomaly(&bytes), wire::decode_device(&bytes));
        let _ = wire::holds_unknown(&bytes);
    }
}
