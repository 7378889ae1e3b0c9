//! Ties over the API.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hall::{Hall, Reply, point};
use crate::stream::Stream;

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

#[tokio::test]
async fn a_tie_is_followed_and_resumed_like_a_match() {
    let hall = Hall::new().await;
    let tie = hall.post("/v1/ties", &body()).await.json();
    let id = tie["id"].as_str().expect("an id");
    let path = format!("/v1/ties/{id}/live");
    let mut stream = Stream::open(&hall, &path, None).await;
    let first = stream.news().await;
    assert_eq!((first.name.as_str(), first.id.as_deref(), &first.data), ("snapshot", Some("1-1"), &tie));
    let mut answers = Vec::new();
    for side in ["home", "away"] {
        let players = if side == "home" { ["a", "b", "c"] } else { ["x", "y", "z"] };
        let line_up = json!({ "type": "nominate_line_up", "side": side, "players": players });
        answers.push(command(&hall, id, line_up).await.json());
    }
    answers.push(command(&hall, id, json!({ "type": "start_match", "number": 1 })).await.json());
    for last in 1..=4 {
        let mut resumed = Stream::open(&hall, &path, Some(&format!("1-{last}"))).await;
        for answer in &answers[last - 1..] {
            let event = resumed.news().await;
            assert_eq!(event.name, "tie");
            assert_eq!((&event.data["tie"], &event.data["event"]), (&answer["tie"], &answer["events"][0]));
        }
    }
    for answer in &answers {
        let event = stream.news().await;
        assert_eq!(event.id, Some(format!("1-{}", answer["seq"])));
        assert_eq!((&event.data["tie"], &event.data["event"]), (&answer["tie"], &answer["events"][0]));
    }
    for unknown in ["1-99", "1-0", "2-1", "nonsense"] {
        let mut again = Stream::open(&hall, &path, Some(unknown)).await;
        assert_eq!(again.news().await.name, "snapshot", "{unknown}");
    }
    hall.stop.send_replace(true);
    let told = stream.news().await;
    assert_eq!((told.name.as_str(), told.data["resume"].as_str()), ("stopping", Some("1-4")));
    assert!(stream.next().await.is_none());
    let nowhere = hall.get(&format!("/v1/ties/{}/live", Uuid::nil())).await;
    assert_eq!(nowhere.problem(), "tie_not_found");
}

#[tokio::test]
async fn a_tie_has_a_page_that_its_matches_and_the_front_page_link_to() {
    let hall = Hall::new().await;
    let tie = hall.post("/v1/ties", &body()).await.json();
    let id = tie["id"].as_str().expect("an id");
    let mut body = crate::hall::match_body("Ada & Ann", "Bo");
    body["tie_id"] = json!(id);
    let created = hall.post("/v1/matches", &body).await.json();
    let in_tie = created["id"].as_str().expect("an id");
    let players: Vec<_> =
        ["home", "away"].map(|side| created["sides"][side]["players"][0]["id"].clone()).into();
    for (side, player) in ["home", "away"].into_iter().zip(&players) {
        let (second, third) = if side == "home" { ("b", "c") } else { ("y", "z") };
        let line_up = json!({ "type": "nominate_line_up", "side": side, "players": [player, second, third] });
        assert_eq!(command(&hall, id, line_up).await.status, StatusCode::OK);
    }
    let number = tie["format"]["rubbers"]
        .as_array()
        .expect("matches")
        .iter()
        .position(|rubber| rubber["home"] == json!(1) && rubber["away"] == json!(1));
    let number = number.expect("the first against the first") + 1;
    command(&hall, id, json!({ "type": "start_match", "number": number })).await;
    hall.press(in_tie, json!({ "type": "choose", "first_server": "home" })).await;
    hall.press(in_tie, json!({ "type": "start_game" })).await;
    hall.press(in_tie, point("home")).await;
    let chances = async || {
        let told = hall.get(&format!("/v1/matches/{in_tie}/forecast")).await.json();
        assert_eq!(told["now"]["tie"]["id"], json!(id));
        (told["now"]["wins"].as_f64(), told["now"]["tie"]["wins"]["home"].as_f64())
    };
    let (own, of_tie) = chances().await;
    assert!(Some(0.5) < of_tie && of_tie < own, "one match of several: {own:?} {of_tie:?}");
    let games = json!({ "home": 3, "away": 1 });
    let result = json!({ "type": "record_result", "number": number, "winner": "home", "games": games });
    assert_eq!(command(&hall, id, result).await.status, StatusCode::OK);
    // Two of the other four, each as likely as not, are enough now: 11 of 16 ways.
    assert_eq!(chances().await.1, Some(11.0 / 16.0));

    let page = hall.get(&format!("/ties/{id}")).await.text;
    for expected in [
        "Club A",
        "Ada &amp; Ann",
        "not named yet",
        &format!("<a href=\"/matches/{in_tie}\">3–1</a>"),
        &format!("data-stream=\"/v1/ties/{id}/live /v1/live\""),
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    let part = hall.get(&format!("/ties/{id}?part=standing")).await.text;
    assert!(part.contains("3–1") && !part.contains("<html"));
    for path in ["/".to_owned(), format!("/matches/{in_tie}")] {
        let page = hall.get(&path).await.text;
        assert!(page.contains(&format!("href=\"/ties/{id}\"")), "{path}");
    }
    let nowhere = hall.get("/ties/seven").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert!(nowhere.text.contains("no such team match"));
}
