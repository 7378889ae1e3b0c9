//! The JSON forms of what comes in and goes out.

mod samples;

use serde_json::json;
use topspin_event::{
    CommandEnvelope, CreateMatch, Delivery, EventEnvelope, Label, Liveness, MatchCommand, MatchEvent,
    Precision, Timestamp, wire,
};
use topspin_laws::{Command, Side};

#[test]
fn a_command_is_read_from_the_body_of_the_api() {
    let body = json!({
        "command_id": "00000000-0000-0000-0000-000000000009",
        "command": {"type": "point", "to": "home"},
        "expected_seq": 4,
        "lease": 2,
        "occurred_at": "2026-11-22T20:27:49.123Z",
        "device": "tablet-3"
    });
    let envelope: CommandEnvelope = serde_json::from_value(body.clone()).expect("read");
    let point = Command::Point { to: Side::Home, how: None, strokes: None };
    assert_eq!(envelope.command, MatchCommand::Law(point));
    assert_eq!(envelope.occurred_at.map(Timestamp::as_millis), Some(1_795_379_269_123));
    let mut written = serde_json::to_value(&envelope).expect("JSON");
    assert_eq!(written.as_object_mut().and_then(|body| body.remove("precision")), Some(json!("ms")));
    assert_eq!(written, body);
}

#[test]
fn commands_beside_the_laws_are_read_and_written() {
    for command in [
        json!({"type": "move", "table": "7"}),
        json!({"type": "report_result", "source": "ttbl", "games": [{"home": 11, "away": 14}], "winner": "away"}),
        json!({"type": "record_strokes", "rally": 8, "strokes": [
            {
                "side": "home", "place": "second", "hand": "backhand", "strength": "weak", "spin": "side_backspin",
                "zone": 1, "class": "squat_service", "position": "left"
            },
            {"side": "away", "spin": "none", "zone": 9, "class": "push"},
            {"side": "home"}
        ]}),
    ] {
        let read: MatchCommand = serde_json::from_value(command.clone()).expect("read");
        assert!(!matches!(read, MatchCommand::Law(_)));
        assert_eq!(serde_json::to_value(&read).expect("JSON"), command);
    }
}

#[test]
fn unknown_commands_and_fields_are_refused() {
    for command in [
        json!({"type": "jump"}),
        json!({"type": "point", "to": "home", "colour": "red"}),
        json!({"type": "move", "colour": "red"}),
        json!({"type": "record_strokes", "rally": 8}),
        json!({"type": "record_strokes", "rally": 8, "strokes": [{"hand": "forehand"}]}),
        json!({"type": "record_strokes", "rally": 8, "strokes": [{"side": "home", "zone": 0}]}),
        json!({"type": "record_strokes", "rally": 8, "strokes": [{"side": "home", "zone": 10}]}),
        json!({"type": "record_strokes", "rally": 8, "strokes": [{"side": "home", "class": "tweener"}]}),
        json!({"to": "home"}),
        json!("point"),
    ] {
        assert!(serde_json::from_value::<MatchCommand>(command.clone()).is_err(), "{command}");
    }
}

#[test]
fn a_match_is_created_from_the_body_of_the_api() {
    let body = json!({
        "external_ids": ["ttbl:4711"],
        "format": {"preset": "bundesliga"},
        "sides": {"home": {"players": [{"name": "Ada"}]}, "away": {"players": [{"external_ids": ["ttbl:9"]}]}}
    });
    let new: CreateMatch = serde_json::from_value(body).expect("read");
    assert_eq!(new.format.best_of, 5);
    assert!(serde_json::from_value::<CreateMatch>(json!({"format": {}, "sides": {}, "colour": 1})).is_err());
}

#[test]
fn an_event_shows_its_recorded_part_beside_its_delivery() {
    let recorded = samples::recorded(2, MatchEvent::Law(topspin_laws::Event::Called {}));
    let payload = wire::encode_recorded(&recorded).expect("known");
    let chain = topspin_event::Chain::START.link(topspin_event::PayloadHash::of(&payload));
    let envelope = EventEnvelope { recorded, payload, chain, delivery: Delivery::default() };
    let json = serde_json::to_value(&envelope).expect("JSON");
    assert_eq!(json["event"], json!({"type": "called"}));
    assert_eq!((&json["seq"], &json["liveness"]), (&json!(2), &json!("live")));
    assert_eq!(json["chain"], json!(chain.to_string()));
    assert_eq!(json["recorded_at"], json!("2023-11-14T22:13:20.456Z"));
}

#[test]
fn liveness_follows_from_the_times() {
    let at = |millis| Timestamp::from_millis(millis).expect("a time");
    let of = |occurred_at, precision| Liveness::of(occurred_at, precision, at(100_000));
    assert_eq!(of(None, Precision::Ms), Liveness::Live);
    assert_eq!(of(Some(at(95_000)), Precision::Ms), Liveness::Live);
    assert_eq!(of(Some(at(5_000)), Precision::Ms), Liveness::Delayed);
    assert_eq!(of(Some(at(95_000)), Precision::Day), Liveness::Reconstructed);
}

#[test]
fn labels_and_external_ids_are_checked() {
    assert!("hall-1".parse::<Label>().is_ok());
    assert!("hall 1".parse::<Label>().is_err());
    let external: topspin_event::ExternalId = "ttbl:a:b".parse().expect("an id");
    assert_eq!((external.scheme(), external.value()), ("ttbl", "a:b"));
    for bad in ["ttbl", ":x", "TTBL:x", "ttbl:", "ttbl:\n"] {
        assert!(bad.parse::<topspin_event::ExternalId>().is_err(), "{bad}");
    }
}
