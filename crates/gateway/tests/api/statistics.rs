//! What the numbers say of a match, over HTTP.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::hall::{Hall, point};

async fn statistics(hall: &Hall, id: &str, query: &str) -> Value {
    let answer = hall.get(&format!("/v1/matches/{id}/stats{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn statistics_are_as_of_a_position_and_follow_corrections() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    for to in ["home", "home", "home", "away"] {
        hall.press(&id, point(to)).await;
    }
    let told = statistics(&hall, &id, "").await;
    assert_eq!((&told["match_id"], &told["epoch"], &told["seq"]), (&json!(id), &json!(1), &json!(7)));
    let home = &told["whole"]["sides"]["home"];
    assert_eq!(home["points_in_a_row"], 3);
    assert_eq!(home["serve"], json!({ "won": 2, "of": 2 }));
    assert_eq!(home["receive"], json!({ "won": 1, "of": 2 }));
    assert_eq!(told["points"].as_array().map(Vec::len), Some(4));
    assert!(home.get("aces").is_none(), "nobody has recorded how a point was won: {home}");
    assert!(told["whole"].get("strokes").is_none());
    // The second rally was not home's.
    hall.press(&id, json!({ "type": "amend", "seq": 5, "outcome": { "type": "point", "to": "away", "how": "edge", "strokes": 9 } })).await;
    let told = statistics(&hall, &id, "").await;
    assert_eq!(told["seq"], 8);
    assert_eq!(told["whole"]["sides"]["home"]["points_in_a_row"], 1);
    assert_eq!(told["whole"]["sides"]["away"]["edges"], 1);
    assert_eq!(told["whole"]["strokes"]["longest"], 9);
    assert_eq!(told["points"][1]["winner"], "away");
}

#[tokio::test]
async fn a_match_and_its_statistics_can_be_asked_as_of_a_time() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    hall.press(&id, point("home")).await;
    let events = hall.get(&format!("/v1/matches/{id}/events")).await.json();
    let then = events["items"][3]["recorded_at"].as_str().expect("a time").to_owned();
    let before = hall.get(&format!("/v1/matches/{id}")).await.json();
    hall.press(&id, json!({ "type": "undo" })).await;
    hall.press(&id, point("away")).await;

    let told = statistics(&hall, &id, &format!("?as_of={then}")).await;
    assert_eq!((&told["seq"], &told["whole"]["sides"]["home"]["points"]), (&json!(4), &json!(1)));
    let now = statistics(&hall, &id, "").await;
    assert_eq!((&now["seq"], &now["whole"]["sides"]["home"]["points"]), (&json!(6), &json!(0)));
    let as_it_was = hall.get(&format!("/v1/matches/{id}?as_of={then}")).await.json();
    assert_eq!(as_it_was, before, "byte for byte what was answered then");

    let early = hall.get(&format!("/v1/matches/{id}/stats?as_of=2001-01-01T00:00:00Z")).await;
    assert_eq!((early.status, early.problem().as_str()), (StatusCode::NOT_FOUND, "match_not_found"));
    let wrong = hall.get(&format!("/v1/matches/{id}?as_of=yesterday")).await;
    assert_eq!((wrong.status, wrong.problem().as_str()), (StatusCode::BAD_REQUEST, "invalid_query"));
}

#[tokio::test]
async fn what_cannot_be_asked_as_of_a_time_says_so() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    for path in [
        "/v1/matches".to_owned(),
        format!("/v1/matches/{id}/events"),
        "/v1/ties".to_owned(),
        "/v1/players".to_owned(),
        "/v1/status".to_owned(),
    ] {
        let answer = hall.get(&format!("{path}?as_of=2026-01-01T00:00:00Z")).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (StatusCode::BAD_REQUEST, "as_of_unsupported"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_page_of_a_match_shows_its_statistics_once_there_is_a_rally() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    assert!(!hall.get(&format!("/matches/{id}")).await.text.contains("Statistics"));
    hall.press(&id, json!({ "type": "point", "to": "home", "strokes": 7 })).await;
    hall.press(&id, json!({ "type": "take_time_out", "side": "away" })).await;
    let page = hall.get(&format!("/matches/{id}?part=story")).await.text;
    for expected in [
        "Statistics",
        "Won on serve",
        "100 % (1 of 1)",
        "not recorded",
        "7.0 strokes in the mean",
        "Time-outs",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
}
