//! What strokes come to, over HTTP and on the page of a match.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::hall::Hall;

async fn strokes(hall: &Hall, id: &str, query: &str) -> Value {
    let answer = hall.get(&format!("/v1/matches/{id}/strokes{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

/// Scores a rally of three strokes that home serves and wins, with its strokes: a service to `zone` and a third ball.
async fn rally(hall: &Hall, id: &str, zone: u8) -> u64 {
    let scored = hall.press(id, json!({ "type": "point", "to": "home", "strokes": 4 })).await;
    let seq = scored["match"]["seq"].as_u64().or_else(|| scored["seq"].as_u64()).expect("a position");
    record(hall, id, seq, zone).await;
    seq
}

async fn record(hall: &Hall, id: &str, seq: u64, zone: u8) {
    let strokes = json!([
        { "side": "home", "class": "hook_service", "spin": "backspin", "zone": zone },
        { "side": "away", "class": "push", "zone": 8 },
        { "side": "home", "class": "drive", "hand": "forehand", "zone": 9 },
        { "side": "away", "class": "block" },
    ]);
    hall.press(id, json!({ "type": "record_strokes", "rally": seq, "strokes": strokes })).await;
}

#[tokio::test]
async fn strokes_are_counted_by_what_is_alike_and_follow_corrections() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let told = strokes(&hall, &id, "").await;
    assert_eq!(told["rallies"], 0);
    assert!(told.get("sides").is_none(), "nobody has recorded strokes: {told}");
    let first = rally(&hall, &id, 1).await;
    let second = rally(&hall, &id, 1).await;
    let told = strokes(&hall, &id, "").await;
    let home = &told["sides"]["home"];
    assert_eq!((&told["epoch"], &told["seq"], &told["rallies"]), (&json!(1), &json!(second + 1), &json!(2)));
    let serve = json!({ "class": "hook_service", "spin": "backspin", "zone": 1, "won": 2, "of": 2 });
    assert_eq!(home["serves"], json!([serve]));
    let third = json!({ "serve_spin": "backspin", "serve_zone": 1, "class": "drive", "hand": "forehand", "zone": 9,
        "won": 2, "of": 2 });
    assert_eq!(home["third_balls"], json!([third]));
    assert_eq!(home["receives"], json!([]));
    let away = &told["sides"]["away"];
    assert_eq!(away["receives"], json!([{ "class": "push", "zone": 8, "won": 0, "of": 2 }]));
    let placed = json!([{ "phase": "receive", "zone": 8, "won": 0, "of": 2 }, { "phase": "later", "won": 0, "of": 2 }]);
    assert_eq!(away["placements"], placed, "a block that landed nowhere has no zone");
    assert_eq!(away["lengths"], json!([{ "from": 3, "to": 4, "receive": { "won": 0, "of": 2 } }]));
    assert_eq!(away["last_strokes"], json!([{ "class": "block", "winners": 0, "errors": 2 }]));
    assert_eq!(home["last_strokes"], json!([{ "class": "drive", "winners": 2, "errors": 0 }]));

    // Recorded again, given to the other side, and amended to another number of strokes.
    record(&hall, &id, second, 7).await;
    let zones = |told: &Value| {
        let serves = told["sides"]["home"]["serves"].as_array().cloned().unwrap_or_default();
        serves.iter().map(|one| (one["zone"].as_u64(), one["won"].as_u64())).collect::<Vec<_>>()
    };
    assert_eq!(zones(&strokes(&hall, &id, "").await), [(Some(1), Some(1)), (Some(7), Some(1))]);
    let amend = |count: u16| json!({ "type": "amend", "seq": first, "outcome": { "type": "point", "to": "away", "strokes": count } });
    hall.press(&id, amend(4)).await;
    assert_eq!(zones(&strokes(&hall, &id, "").await), [(Some(1), Some(0)), (Some(7), Some(1))]);
    hall.press(&id, amend(6)).await;
    let told = strokes(&hall, &id, "").await;
    assert_eq!((zones(&told), &told["rallies"]), (vec![(Some(7), Some(1))], &json!(1)), "moot");
}

#[tokio::test]
async fn strokes_of_a_rally_that_was_taken_back_do_not_count_and_the_past_stays_as_it_was() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    rally(&hall, &id, 1).await;
    let events = hall.get(&format!("/v1/matches/{id}/events")).await.json();
    let last = events["items"].as_array().and_then(|items| items.last()).cloned().expect("an event");
    let then = last["recorded_at"].as_str().expect("a time").to_owned();
    hall.press(&id, json!({ "type": "undo" })).await;
    assert_eq!(strokes(&hall, &id, "").await["rallies"], 0);
    assert_eq!(strokes(&hall, &id, &format!("?as_of={then}")).await["rallies"], 1);
    hall.press(&id, json!({ "type": "redo" })).await;
    assert_eq!(strokes(&hall, &id, "").await["rallies"], 1);
    let nobody = hall.get("/v1/matches/00000000-0000-0000-0000-000000000001/strokes").await;
    assert_eq!((nobody.status, nobody.problem().as_str()), (StatusCode::NOT_FOUND, "match_not_found"));
}

#[tokio::test]
async fn strokes_of_players_say_what_is_missing() {
    let hall = Hall::new().await;
    let player = hall.post("/v1/players", &json!({ "name": "Ada" })).await.json();
    let id = player["id"].as_str().expect("an id");
    for (path, expected) in [
        (format!("/v1/players/{id}/strokes"), "views_not_kept"),
        (format!("/v1/players/{id}/strokes?opponent={id}"), "views_not_kept"),
        (format!("/v1/players/{id}/strokes?opponent=00000000-0000-0000-0000-000000000001"), "item_not_found"),
        ("/v1/players/00000000-0000-0000-0000-000000000001/strokes".to_owned(), "item_not_found"),
        ("/v1/players/x/strokes".to_owned(), "invalid_id"),
        (format!("/v1/players/{id}/strokes?opponent=x"), "invalid_query"),
        (format!("/v1/players/{id}/strokes?as_of=2026-01-01T00:00:00Z"), "as_of_unsupported"),
    ] {
        assert_eq!(hall.get(&path).await.problem(), expected, "{path}");
    }
}

#[tokio::test]
async fn the_page_of_a_match_shows_strokes_once_some_are_recorded() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    hall.press(&id, json!({ "type": "point", "to": "home", "strokes": 4 })).await;
    assert!(!hall.get(&format!("/matches/{id}")).await.text.contains("Strokes</h2>"));
    rally(&hall, &id, 3).await;
    let page = hall.get(&format!("/matches/{id}?part=story")).await.text;
    for expected in [
        "The strokes of 1 of 2 rallies are recorded.",
        "Service, where the ball landed: short backhand 1, 1 won",
        "hook service, backspin to short backhand",
        "forehand drive to long backhand",
        "Placements as a table",
        "Rallies by their number of strokes: 3–4 strokes 1",
        "100 %<small> 1 of 1</small>",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
}
