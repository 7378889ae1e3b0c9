//! Ties over the API.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hall::{Hall, Reply};

fn body() -> Value {
    json!({ "external_ids": ["test:tie"], "format": "bundesliga",
        "sides": { "home": { "name": "Club A" }, "away": { "name": "Club B" } } })
}

async fn command(hall: &Hall, id: &str, command: Value) -> Reply {
    let body = json!({ "command_id": Uuid::new_v4(), "command": command });
    hall.post(&format!("/v1/ties/{id}/commands"), &body).await
}

#[tokio::test]
async fn a_tie_is_created_once_read_listed_and_commanded() {
    let hall = Hall::new().await;
    let created = hall.post("/v1/ties", &body()).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    let tie = created.json();
    let id = tie["id"].as_str().expect("an id");
    let again = hall.post("/v1/ties", &body()).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, tie.clone()));
    assert_eq!(hall.get(&format!("/v1/ties/{id}")).await.json(), tie);
    for list in ["/v1/ties", "/v1/ties?external_id=test:tie"] {
        assert_eq!(hall.get(list).await.json()["items"], json!([tie]));
    }

    let early = command(&hall, id, json!({ "type": "start_match", "number": 1 })).await;
    assert_eq!((early.status, early.problem().as_str()), (StatusCode::CONFLICT, "line_up_missing"));
    let line_up = json!({ "type": "nominate_line_up", "side": "home", "players": ["a", "b", "c"] });
    let nominated = command(&hall, id, line_up).await;
    assert_eq!(nominated.status, StatusCode::OK, "{}", nominated.text);
    let answer = nominated.json();
    assert_eq!(answer["events"][0]["event"]["type"], "line_up_nominated");
    assert_eq!(answer["tie"], hall.get(&format!("/v1/ties/{id}")).await.json());
    let events = hall.get(&format!("/v1/ties/{id}/events?limit=1")).await.json();
    assert_eq!((&events["items"][0]["event"]["type"], &events["next_from"]), (&json!("created"), &json!(2)));

    let schemas = &topspin_gateway::document()["components"]["schemas"];
    crate::openapi::has_shape(&schemas["TieCommandAnswer"], &answer, "TieCommandAnswer");
    crate::openapi::has_shape(&schemas["TieEvent"], &answer["events"][0], "TieEvent");
    crate::openapi::has_shape(&schemas["Tie"], &tie, "Tie");
}

#[tokio::test]
async fn what_is_no_tie_is_told() {
    let hall = Hall::new().await;
    let nowhere = Uuid::nil().to_string();
    assert_eq!(hall.get(&format!("/v1/ties/{nowhere}")).await.problem(), "tie_not_found");
    let start = json!({ "type": "start_match", "number": 1 });
    assert_eq!(command(&hall, &nowhere, start).await.problem(), "tie_not_found");
    assert_eq!(hall.post("/v1/ties", &json!({ "format": "none" })).await.problem(), "invalid_request");
}
