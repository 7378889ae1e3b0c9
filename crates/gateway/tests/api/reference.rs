//! Reference data, tablets and anomalies.

use axum::http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::hall::Hall;

const KINDS: [&str; 6] = ["organisations", "competitions", "seasons", "categories", "venues", "players"];

#[tokio::test]
async fn every_kind_is_created_once_read_and_listed() {
    let hall = Hall::new().await;
    for kind in KINDS {
        let path = format!("/v1/{kind}");
        let body = json!({ "name": "A name", "external_ids": [format!("test:{kind}")] });
        let created = hall.post(&path, &body).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
        let item = created.json();
        let again = hall.post(&path, &body).await;
        assert_eq!((again.status, again.json()), (StatusCode::OK, item.clone()));
        let id = item["id"].as_str().expect("an id");
        assert_eq!(hall.get(&format!("{path}/{id}")).await.json(), item);
        assert_eq!(hall.get(&path).await.json()["items"], json!([item]));
        let found = hall.get(&format!("{path}?external_id=test:{kind}")).await.json();
        assert_eq!(found["items"], json!([item]));
        assert_eq!(hall.get(&format!("{path}/{}", Uuid::nil())).await.problem(), "item_not_found");
    }
    assert_eq!(hall.get("/v1/umbrellas").await.problem(), "not_found");
}

#[tokio::test]
async fn a_tablet_learns_how_far_its_clock_is_off() {
    let hall = Hall::new().await;
    let body = json!({ "battery_percent": 80, "charging": false, "client_time": "2026-01-01T00:00:00.000Z" });
    let heard = hall.post("/v1/devices/tablet-1/heartbeat", &body).await;
    assert_eq!(heard.status, StatusCode::OK, "{}", heard.text);
    assert!(heard.json()["clock_offset_ms"].as_i64().expect("an offset") > 0);
    let devices = hall.get("/v1/devices").await.json();
    assert_eq!(devices["items"][0]["device"], "tablet-1");
    assert_eq!(devices["items"][0]["battery_percent"], 80);
    let nameless = hall.post("/v1/devices/two%20words/heartbeat", &body).await;
    assert_eq!(nameless.problem(), "invalid_id");
}

#[tokio::test]
async fn an_anomaly_is_kept_once() {
    let hall = Hall::new().await;
    let fault =
        json!({ "id": Uuid::from_u128(5), "source": "ttbl", "kind": "gap", "detail": "a gap", "raw": "{}" });
    let report = json!({ "items": [fault] });
    assert_eq!(hall.post("/v1/anomalies", &report).await.json(), json!({ "recorded": 1, "known": 0 }));
    assert_eq!(hall.post("/v1/anomalies", &report).await.json(), json!({ "recorded": 0, "known": 1 }));
    let list = hall.get("/v1/anomalies").await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["items"][0]["kind"], "gap");
    let many = json!({ "items": vec![fault; 101] });
    assert_eq!(hall.post("/v1/anomalies", &many).await.problem(), "invalid_request");
}
