//! Matches: create, read, list, events.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hall::{Hall, match_body, point};

#[tokio::test]
async fn a_match_is_created_once_and_read_back() {
    let hall = Hall::new().await;
    let mut body = match_body("Ada", "Bo");
    body["external_ids"] = json!(["test:1"]);
    body["table"] = json!("3");
    let created = hall.post("/v1/matches", &body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    let resource = created.json();
    let id = resource["id"].as_str().expect("an id");
    assert_eq!(created.headers["location"], format!("/v1/matches/{id}"));
    assert_eq!(resource["sides"]["home"]["name"], "Ada");
    assert_eq!(
        (&resource["status"], &resource["state"]["status"]),
        (&json!("scheduled"), &json!("scheduled"))
    );
    assert_eq!((&resource["seq"], &resource["epoch"], &resource["lease"]), (&json!(1), &json!(1), &json!(1)));

    let again = hall.post("/v1/matches", &body).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, resource.clone()));
    assert_eq!(hall.get(&format!("/v1/matches/{id}")).await.json(), resource);

    body["table"] = json!("4");
    let other = hall.post("/v1/matches", &body).await;
    assert_eq!((other.status, other.problem().as_str()), (StatusCode::CONFLICT, "already_exists"));
    assert_eq!(other.json()["existing_id"], id);
}

#[tokio::test]
async fn a_match_without_any_id_gets_one() {
    let hall = Hall::new().await;
    assert_ne!(hall.new_match().await, hall.new_match().await);
}

#[tokio::test]
async fn what_is_not_a_match_is_told_precisely() {
    let hall = Hall::new().await;
    let unknown = hall.get(&format!("/v1/matches/{}", Uuid::nil())).await;
    assert_eq!((unknown.status, unknown.problem().as_str()), (StatusCode::NOT_FOUND, "match_not_found"));
    let no_id = hall.get("/v1/matches/seven").await;
    assert_eq!((no_id.status, no_id.problem().as_str()), (StatusCode::BAD_REQUEST, "invalid_id"));
    for (body, status, code) in [
        ("{", 400, "invalid_json"),
        ("[]", 422, "invalid_request"),
        (
            r#"{"format":{"best_of":4},"sides":{"home":{"players":[]},"away":{"players":[]}}}"#,
            422,
            "invalid_request",
        ),
        (r#"{"format":{},"sides":{"home":{"players":[]},"away":{"players":[]}}}"#, 422, "invalid_request"),
        (r#"{"colour":"red"}"#, 422, "invalid_request"),
    ] {
        let answer = hall.post_text("/v1/matches", body).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (status, code), "{body}");
    }
}

#[tokio::test]
async fn bodies_have_a_type_a_size_and_a_depth() {
    let hall = Hall::new().await;
    let request = crate::hall::request("POST", "/v1/matches").body("{}".into()).expect("a request");
    let untyped = hall.send(request).await;
    assert_eq!((untyped.status.as_u16(), untyped.problem().as_str()), (415, "not_json"));
    let large = hall.post_text("/v1/matches", format!("{{\"table\":\"{}\"}}", "x".repeat(140_000))).await;
    assert_eq!((large.status.as_u16(), large.problem().as_str()), (413, "body_too_large"));
    let id = hall.new_match().await;
    let deep = format!("{{\"command_id\":\"{id}\",\"command\":{}", "[".repeat(5_000));
    let deep = hall.post_text(&format!("/v1/matches/{id}/commands"), deep).await;
    assert_eq!((deep.status.as_u16(), deep.problem().as_str()), (400, "invalid_json"));
}

#[tokio::test]
async fn the_list_filters_and_goes_on_where_it_stopped() {
    let hall = Hall::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(hall.new_match().await);
    }
    hall.press(&ids[2], json!({ "type": "call" })).await;
    let live = hall.get("/v1/matches?status=live").await.json();
    assert_eq!(listed(&live), [ids[2].as_str()]);
    let mut seen = Vec::new();
    let mut path = "/v1/matches?limit=2".to_owned();
    loop {
        let page = hall.get(&path).await.json();
        seen.extend(listed(&page).into_iter().map(str::to_owned));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/matches?limit=2&cursor={cursor}");
    }
    seen.sort();
    ids.sort();
    assert_eq!(seen, ids);
    for (query, code) in [
        ("limit=0", "invalid_query"),
        ("limit=501", "invalid_query"),
        ("status=won", "invalid_query"),
        ("colour=red", "invalid_query"),
        ("external_id=none", "invalid_query"),
        ("cursor=%00", "invalid_cursor"),
    ] {
        let answer = hall.get(&format!("/v1/matches?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, code), "{query}");
    }
}

#[tokio::test]
async fn events_come_in_pages_up_to_the_head() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    for _ in 0..4 {
        hall.press(&id, point("home")).await;
    }
    let first = hall.get(&format!("/v1/matches/{id}/events?limit=3")).await.json();
    assert_eq!(seqs(&first), [1, 2, 3]);
    assert_eq!((&first["next_from"], &first["head_seq"]), (&json!(4), &json!(7)));
    assert_eq!(first["items"][0]["event"]["type"], "created");
    let rest = hall.get(&format!("/v1/matches/{id}/events?from=4")).await.json();
    assert_eq!(seqs(&rest), [4, 5, 6, 7]);
    assert!(rest.get("next_from").is_none());
    let head = hall.get(&format!("/v1/matches/{id}")).await.json();
    assert_eq!(rest["items"][3]["chain"], head["chain"]);
    assert_eq!(seqs(&hall.get(&format!("/v1/matches/{id}/events?from=99")).await.json()), [0_u64; 0]);
}

fn listed(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

fn seqs(page: &Value) -> Vec<u64> {
    page["items"].as_array().expect("items").iter().map(|item| item["seq"].as_u64().expect("a seq")).collect()
}
