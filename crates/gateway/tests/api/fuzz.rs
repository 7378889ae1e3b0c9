//! Whatever is sent, the answer is no defect of the server.

use axum::http::StatusCode;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::hall::{Hall, match_body, point};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "home",
            "away",
            "point",
            "undo",
            "set_score",
            "ittf",
            "2026-01-01T00:00:00Z"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A request that is nearly right: one member is replaced, added or removed.
fn nearly(good: Value) -> impl Strategy<Value = Value> {
    let members: Vec<String> = good.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
    (prop::sample::select(members), "[a-z_]{1,10}", any_json(), 0..4_u8).prop_map(
        move |(member, new, value, how)| {
            let mut body = good.clone();
            if let Some(object) = body.as_object_mut() {
                match how {
                    0 => drop(object.remove(&member)),
                    1 => drop(object.insert(new, value)),
                    2 | 3 => drop(object.insert(member, value)),
                    _ => unreachable!("how is below 4"),
                }
            }
            body
        },
    )
}

fn bodies() -> impl Strategy<Value = (usize, Value)> {
    let command = json!({ "command_id": uuid::Uuid::nil(), "command": point("home"), "expected_seq": 3, "lease": 1,
        "occurred_at": "2026-01-01T00:00:00.000Z", "precision": "ms", "device": "tablet" });
    let kinds = json!({ "name": "A", "external_ids": ["a:b"], "country": "AUT" });
    let beat = json!({ "battery_percent": 50, "charging": true, "client_time": "2026-01-01T00:00:00.000Z" });
    let anomaly = json!({ "items": [{ "id": uuid::Uuid::nil(), "source": "s", "kind": "k", "detail": "d", "raw": "r" }] });
    let of_command =
        any_json().prop_map(|value| json!({ "command_id": uuid::Uuid::new_v4(), "command": value }));
    let score = prop::collection::vec((any::<u16>(), any::<u16>()), 0..12).prop_map(|games| {
        let games: Vec<Value> = games.iter().map(|(h, a)| json!({ "home": h, "away": a })).collect();
        json!({ "command_id": uuid::Uuid::new_v4(), "command": { "type": "set_score", "games": games } })
    });
    prop_oneof![
        nearly(match_body("Ada", "Bo")).prop_map(|body| (0, body)),
        nearly(command).prop_map(|body| (1, body)),
        of_command.prop_map(|body| (1, body)),
        score.prop_map(|body| (1, body)),
        nearly(kinds).prop_map(|body| (2, body)),
        nearly(beat).prop_map(|body| (3, body)),
        nearly(anomaly).prop_map(|body| (4, body)),
        (0..5_usize, any_json()),
    ]
}

#[test]
fn no_body_is_a_defect() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (hall, paths) = runtime.block_on(async {
        let hall = Hall::new().await;
        let id = hall.in_play().await;
        let paths = [
            "/v1/matches".to_owned(),
            format!("/v1/matches/{id}/commands"),
            "/v1/players".to_owned(),
            "/v1/devices/tablet/heartbeat".to_owned(),
            "/v1/anomalies".to_owned(),
        ];
        (hall, paths)
    });
    proptest!(|((path, body) in bodies())| {
        let answer = runtime.block_on(hall.post(&paths[path], &body));
        prop_assert!(answer.status.as_u16() < 500, "{} {body}: {}", paths[path], answer.text);
        if !answer.status.is_success() {
            answer.problem();
        }
    });
}

#[test]
fn no_text_and_no_query_is_a_defect() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let hall = runtime.block_on(Hall::new());
    let text = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        "[\\[{\"a:,1}\\]]{0,32}".prop_map(String::into_bytes)
    ];
    proptest!(|(bytes in text, query in "[a-z_]{1,12}=[a-z0-9%:+-]{0,20}")| {
        let posted = runtime.block_on(hall.post_text("/v1/matches", bytes));
        prop_assert!(posted.status.is_client_error());
        for path in ["/v1/matches", "/v1/players", "/v1/anomalies"] {
            let listed = runtime.block_on(hall.get(&format!("{path}?{query}")));
            prop_assert!(listed.status == StatusCode::OK || listed.status.is_client_error(), "{}", listed.text);
        }
    });
}
