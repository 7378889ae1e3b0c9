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

#[tokio::test]
async fn a_forecast_has_a_step_for_each_rally_and_follows_corrections() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let forecast = async |query: &str| {
        let answer = hall.get(&format!("/v1/matches/{id}/forecast{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    };
    let wins = |told: &Value| told["now"]["wins"].as_f64().expect("a probability");
    let before = forecast("").await;
    assert!((wins(&before) - 0.5).abs() < 1e-9, "nobody is known to be stronger: {before}");
    assert_eq!(before["series"], json!([]));
    for _ in 0..3 {
        hall.press(&id, point("home")).await;
    }
    let ahead = forecast("").await;
    assert!(wins(&ahead) > 0.6, "{ahead}");
    assert_eq!(ahead["series"].as_array().map(Vec::len), Some(3));
    assert_eq!((&ahead["seq"], &ahead["series"][0]["seq"]), (&json!(6), &json!(4)));
    assert!((ahead["series"][0]["wins"].as_f64().expect("a probability") - 0.5).abs() < 1e-9);
    let scores = ahead["now"]["scores"].as_array().cloned().unwrap_or_default();
    let all: f64 = scores.iter().filter_map(|score| score["probability"].as_f64()).sum();
    assert!(
        (all - 1.0).abs() < 1e-9 && ahead["now"]["total_points"]["mean"].as_f64() > Some(30.0),
        "{ahead}"
    );
    // Two of the three were not home's.
    for seq in [4, 5] {
        let outcome = json!({ "type": "point", "to": "away" });
        hall.press(&id, json!({ "type": "amend", "seq": seq, "outcome": outcome })).await;
    }
    let behind = forecast("").await;
    assert!(wins(&behind) < 0.5 && behind["series"][1]["winner"] == "away", "{behind}");
    hall.press(&id, json!({ "type": "retire", "side": "home" })).await;
    let over = forecast("").await;
    assert_eq!((wins(&over), over["now"].get("point")), (0.0, None), "{over}");
    let page = hall.get(&format!("/matches/{id}")).await.text;
    assert!(page.contains("Forecast") && page.contains("Who wins the match, point by point"), "{page}");
}

#[tokio::test]
async fn a_player_without_views_is_reference_data_and_records_say_how_to_get_them() {
    let hall = Hall::new().await;
    let player = hall.post("/v1/players", &json!({ "name": "Ada" })).await.json();
    let id = player["id"].as_str().expect("an id");
    assert_eq!(hall.get(&format!("/v1/players/{id}")).await.json(), player);
    let nobody = hall.get("/v1/players/00000000-0000-0000-0000-000000000001").await;
    assert_eq!((nobody.status, nobody.problem().as_str()), (StatusCode::NOT_FOUND, "item_not_found"));
    let versus = format!("/v1/players/{id}/versus/{id}");
    for path in ["/v1/records", "/v1/ratings", "/v1/insights", versus.as_str()] {
        let answer = hall.get(path).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (StatusCode::NOT_FOUND, "views_not_kept"),
            "{path}"
        );
    }
    for page in ["/records", "/ratings"] {
        let page = hall.get(page).await;
        let says_how = page.text.contains("topspin serve --views");
        assert!(page.status == StatusCode::NOT_FOUND && says_how, "{}", page.text);
    }
    let unknown = hall.get("/v1/ratings?list=uscf").await;
    assert_eq!((unknown.status, unknown.problem().as_str()), (StatusCode::BAD_REQUEST, "invalid_query"));
    assert!(hall.get(&format!("/players/{id}")).await.text.contains("Ada"));
}
