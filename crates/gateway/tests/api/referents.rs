//! What a creation refers to is there, and an item is what was asked for.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hall::{Hall, match_body};

/// Refused with the code, naming the field, and for good.
async fn refused(hall: &Hall, path: &str, body: &Value, (code, field): (&str, &str)) {
    let answer = hall.post(path, body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {}", answer.text);
    assert_eq!((answer.problem().as_str(), &answer.json()["field"]), (code, &json!(field)));
    assert_eq!(answer.json()["retryable"], false);
}

#[tokio::test]
async fn a_match_refers_to_what_is_there() {
    let hall = Hall::new().await;
    let nobody = Uuid::from_u128(77);
    for field in ["competition_id", "venue_id", "tie_id"] {
        let mut body = match_body("Ada", "Bo");
        body[field] = json!(nobody);
        refused(&hall, "/v1/matches", &body, ("reference_not_found", field)).await;
    }
    for player in [json!({ "id": nobody }), json!({ "external_ids": ["club:nobody"] })] {
        let mut body = match_body("Ada", "Bo");
        body["sides"]["away"]["players"][0] = player;
        refused(&hall, "/v1/matches", &body, ("reference_not_found", "sides.away.players[0]")).await;
    }
    assert_eq!(hall.get("/v1/matches").await.json()["items"], json!([]));
    assert_eq!(hall.get("/v1/players").await.json()["items"], json!([]), "nobody is recorded for it");
}

#[tokio::test]
async fn nobody_plays_on_both_sides_or_twice_in_a_pair() {
    let hall = Hall::new().await;
    let ada = hall.post("/v1/players", &json!({ "name": "Ada", "external_ids": ["club:ada"] })).await.json();
    let same = [json!({ "id": ada["id"] }), json!({ "external_ids": ["club:ada"] })];
    let mut body = match_body("Ada", "Bo");
    body["sides"]["home"]["players"] = json!([same[0]]);
    body["sides"]["away"]["players"] = json!([same[1]]);
    refused(&hall, "/v1/matches", &body, ("invalid_request", "sides.away.players[0]")).await;
    let mut pairs = match_body("Ada", "Bo");
    pairs["format"]["discipline"] = json!("doubles");
    pairs["sides"]["home"]["players"] = json!(same);
    pairs["sides"]["away"]["players"] = json!([{ "name": "Cy" }, { "name": "Di" }]);
    refused(&hall, "/v1/matches", &pairs, ("invalid_request", "sides.home.players[1]")).await;
    pairs["sides"]["home"]["players"] = json!([same[0], { "name": "Ada" }]);
    let namesakes = hall.post("/v1/matches", &pairs).await;
    assert_eq!(namesakes.status, StatusCode::CREATED, "{}", namesakes.text);
}

#[tokio::test]
async fn a_tie_and_an_item_refer_to_what_is_there() {
    let hall = Hall::new().await;
    let nobody = Uuid::from_u128(77);
    let tie =
        json!({ "format": "bundesliga", "sides": { "home": { "name": "A" }, "away": { "name": "B" } } });
    for field in ["competition_id", "venue_id"] {
        let mut body = tie.clone();
        body[field] = json!(nobody);
        refused(&hall, "/v1/ties", &body, ("reference_not_found", field)).await;
    }
    let mut body = tie.clone();
    body["sides"]["away"]["club_id"] = json!(nobody);
    refused(&hall, "/v1/ties", &body, ("reference_not_found", "sides.away.club_id")).await;
    for kind in ["organisations", "competitions", "seasons", "categories", "venues", "players"] {
        let body = json!({ "name": "A name", "parent_id": nobody });
        refused(&hall, &format!("/v1/{kind}"), &body, ("reference_not_found", "parent_id")).await;
    }
    let club = hall.post("/v1/organisations", &json!({ "name": "Club" })).await.json()["id"].clone();
    let player = json!({ "name": "Ada", "parent_id": club });
    assert_eq!(hall.post("/v1/players", &player).await.status, StatusCode::CREATED);
    refused(&hall, "/v1/seasons", &player, ("reference_not_found", "parent_id")).await;
}

#[tokio::test]
async fn an_item_asked_for_as_another_is_a_conflict() {
    let hall = Hall::new().await;
    let body = json!({ "name": "Hall", "zone": "Europe/Berlin", "external_ids": ["club:hall"] });
    let item = hall.post("/v1/venues", &body).await.json();
    for less in [&body, &json!({ "name": "Hall", "external_ids": ["club:hall"] })] {
        let again = hall.post("/v1/venues", less).await;
        assert_eq!((again.status, again.json()), (StatusCode::OK, item.clone()));
    }
    for other in [
        json!({ "name": "Barn", "external_ids": ["club:hall"] }),
        json!({ "name": "Barn", "id": item["id"] }),
        json!({ "name": "Hall", "zone": "Europe/Vienna", "external_ids": ["club:hall"] }),
        json!({ "name": "Hall", "short_name": "H", "external_ids": ["club:hall"] }),
        json!({ "name": "Hall", "external_ids": ["club:hall", "town:hall"] }),
    ] {
        let answer = hall.post("/v1/venues", &other).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (StatusCode::CONFLICT, "already_exists"),
            "{other}"
        );
        assert_eq!(answer.json()["existing_id"], item["id"]);
    }
    assert_eq!(hall.get("/v1/venues").await.json()["items"], json!([item]));
}

#[tokio::test]
async fn a_match_names_a_known_player_otherwise_and_leaves_the_name_as_it_is() {
    let hall = Hall::new().await;
    let ada = hall.post("/v1/players", &json!({ "name": "Ada", "external_ids": ["club:ada"] })).await.json();
    for player in [
        json!({ "id": ada["id"], "name": "A. Lovelace" }),
        json!({ "external_ids": ["club:ada"], "name": "A. Lovelace" }),
    ] {
        let mut body = match_body("Ada", "Bo");
        body["sides"]["home"]["players"][0] = player;
        let created = hall.post("/v1/matches", &body).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
        assert_eq!(created.json()["sides"]["home"]["name"], "Ada");
    }
}

#[tokio::test]
async fn an_item_has_no_unknown_field_and_a_zone_that_exists() {
    let hall = Hall::new().await;
    let colourful = hall.post("/v1/venues", &json!({ "name": "Hall", "colour": "red" })).await;
    assert_eq!((colourful.status.as_u16(), colourful.problem().as_str()), (422, "invalid_request"));
    assert!(colourful.json()["detail"].as_str().is_some_and(|detail| detail.contains("colour")));
    for zone in ["Mars/Olympus", "", "europe/berlin", "Berlin"] {
        let body = json!({ "name": "Hall", "zone": zone });
        refused(&hall, "/v1/venues", &body, ("invalid_request", "zone")).await;
    }
    for zone in ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"] {
        let created = hall.post("/v1/venues", &json!({ "name": "Hall", "zone": zone })).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    }
}

#[tokio::test]
async fn a_lease_never_given_is_not_said_to_be_over() {
    let hall = Hall::new().await;
    let id = hall.new_match().await;
    let press =
        |lease: u32| json!({ "command_id": Uuid::new_v4(), "lease": lease, "command": { "type": "call" } });
    let path = format!("/v1/matches/{id}/commands");
    let ahead = hall.post(&path, &press(7)).await;
    assert_eq!(ahead.problem(), "lease_lost");
    assert_eq!(ahead.json()["detail"], "another tablet scores under lease 1; 7 was never given");
    let hand_over = hall.command(&id, json!({ "type": "hand_over", "to": "tablet-2" })).await;
    assert_eq!(hand_over.status, StatusCode::OK, "{}", hand_over.text);
    let behind = hall.post(&path, &press(1)).await;
    assert_eq!(behind.json()["detail"], "tablet-2 scores under lease 2; 1 is over");
}
