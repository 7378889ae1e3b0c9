//! The document against the server.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::hall::{Hall, point};

#[tokio::test]
async fn the_document_names_every_route_and_every_problem() {
    let hall = Hall::new().await;
    let document = hall.get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths: BTreeSet<&str> =
        document["paths"].as_object().expect("paths").keys().map(String::as_str).collect();
    let mut expected: BTreeSet<String> = [
        "/livez",
        "/readyz",
        "/metrics",
        "/v1/anomalies",
        "/v1/devices",
        "/v1/devices/{device}/heartbeat",
        "/v1/feed",
        "/v1/live",
        "/v1/matches",
        "/v1/matches/{id}",
        "/v1/matches/{id}/commands",
        "/v1/matches/{id}/commands/{command_id}",
        "/v1/matches/{id}/events",
        "/v1/matches/{id}/live",
        "/v1/matches/{id}/stats",
        "/v1/matches/{id}/strokes",
        "/v1/matches/{id}/forecast",
        "/v1/matches/{id}/cards",
        "/v1/matches/{id}/compared",
        "/v1/ratings",
        "/v1/records",
        "/v1/players/{id}/versus/{opponent}",
        "/v1/players/{id}/strokes",
        "/v1/insights",
        "/v1/status",
        "/v1/ties",
        "/v1/ties/{id}",
        "/v1/ties/{id}/commands",
        "/v1/ties/{id}/events",
        "/v1/ties/{id}/live",
    ]
    .map(str::to_owned)
    .into();
    for kind in ["organisations", "competitions", "seasons", "categories", "venues", "players"] {
        expected.extend([format!("/v1/{kind}"), format!("/v1/{kind}/{{id}}")]);
    }
    assert_eq!(paths, expected.iter().map(String::as_str).collect());
    let codes = document["components"]["schemas"]["ProblemCode"]["enum"].as_array().expect("codes");
    for code in topspin_gateway::Code::ALL.map(topspin_gateway::Code::as_str) {
        assert!(codes.contains(&json!(code)), "{code}");
    }
    for code in topspin_laws::Rejection::CODES.into_iter().chain(topspin_laws::tie::TieRejection::CODES) {
        assert!(codes.contains(&json!(code)), "{code}");
    }
}

#[tokio::test]
async fn operation_ids_are_unique_and_references_lead_somewhere() {
    let document = topspin_gateway::document();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for operation in item.as_object().expect("operations").values() {
            let id = operation["operationId"].as_str().expect("an id");
            assert!(ids.insert(id.to_owned()), "{id} of {path} again");
        }
    }
    check_references(&document, &document);
}

fn check_references(value: &Value, document: &Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get("$ref") {
                let pointer = target.strip_prefix('#').expect("a local reference");
                assert!(document.pointer(pointer).is_some(), "{target}");
            }
            members.values().for_each(|member| check_references(member, document));
        }
        Value::Array(items) => items.iter().for_each(|item| check_references(item, document)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The shapes that are written by hand, beside the types that they describe.
#[tokio::test]
async fn real_answers_have_the_members_of_their_shapes() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let answer = hall.press(&id, point("home")).await;
    let schemas = &topspin_gateway::document()["components"]["schemas"];
    for (shape, real) in [
        ("CommandAnswer", &answer),
        ("Event", &answer["events"][0]),
        ("Match", &answer["match"]),
        ("Facts", &answer["match"]["state"]),
    ] {
        has_shape(&schemas[shape], real, shape);
    }
    let created = hall.get(&format!("/v1/matches/{id}/events")).await.json();
    has_shape(&schemas["MatchMeta"], &created["items"][0]["event"]["match"], "MatchMeta");
}

pub fn has_shape(schema: &Value, real: &Value, name: &str) {
    let properties = schema["properties"].as_object().expect(name);
    let real = real.as_object().expect(name);
    for member in real.keys() {
        assert!(properties.contains_key(member), "{name} has an undocumented member {member}");
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(real.contains_key(required.as_str().expect("a name")), "{name} lacks {required}");
    }
}
