//! Commands: verdicts, retries, preconditions.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;
use topspin_log::memory::MemoryLog;
use topspin_log::{GroupEvent, GroupId, Log as _, MemberId, Membership};
use uuid::Uuid;

use crate::hall::{Hall, point};

#[tokio::test]
async fn an_accepted_command_answers_with_its_events_and_the_match() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let answer = hall.press(&id, point("away")).await;
    assert_eq!(answer["verdict"], "accepted");
    assert_eq!(answer["events"][0]["event"]["type"], "point_scored");
    assert_eq!(answer["match"]["games"], json!([{ "home": 0, "away": 1 }]));
    for member in ["seq", "epoch", "lease", "chain", "state_hash"] {
        assert_eq!(answer[member], answer["match"][member], "{member}");
    }
    assert_eq!(answer["from_seq"], answer["seq"]);
}

#[tokio::test]
async fn a_refusal_names_the_law() {
    let hall = Hall::new().await;
    let id = hall.new_match().await;
    let refused = hall.command(&id, point("home")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(topspin_laws::Rejection::CODES.contains(&refused.problem().as_str()));
    assert!(refused.json()["law"].is_string());
    assert_eq!(refused.json()["retryable"], false);
}

#[tokio::test]
async fn a_repeated_command_gets_the_first_answer_and_happens_once() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let path = format!("/v1/matches/{id}/commands");
    let body = json!({ "command_id": Uuid::new_v4(), "command": point("home") });
    let first = hall.post(&path, &body).await;
    hall.press(&id, point("away")).await;
    let again = hall.post(&path, &body).await;
    assert!(!first.headers.contains_key("idempotent-replay"));
    assert_eq!(again.headers["idempotent-replay"], "true");
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    let head = hall.get(&format!("/v1/matches/{id}")).await.json();
    assert_eq!(head["games"], json!([{ "home": 1, "away": 1 }]));

    let other = json!({ "command_id": body["command_id"], "command": point("away") });
    let reused = hall.post(&path, &other).await;
    assert_eq!((reused.status.as_u16(), reused.problem().as_str()), (422, "command_id_reused"));
}

#[tokio::test]
async fn a_repeated_refusal_is_the_same_refusal() {
    let hall = Hall::new().await;
    let id = hall.new_match().await;
    let path = format!("/v1/matches/{id}/commands");
    let body = json!({ "command_id": Uuid::new_v4(), "command": point("home") });
    let first = hall.post(&path, &body).await;
    hall.press(&id, json!({ "type": "choose", "first_server": "home" })).await;
    let again = hall.post(&path, &body).await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(again.headers["idempotent-replay"], "true");
}

#[tokio::test]
async fn two_umpires_racing_are_told_apart_by_the_expected_position() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let path = format!("/v1/matches/{id}/commands");
    let press = || json!({ "command_id": Uuid::new_v4(), "command": point("home"), "expected_seq": 3 });
    assert_eq!(hall.post(&path, &press()).await.status, StatusCode::OK);
    let second = hall.post(&path, &press()).await;
    assert_eq!((second.status.as_u16(), second.problem().as_str()), (412, "seq_mismatch"));
    assert_eq!(second.json()["head_seq"], 4);
}

#[tokio::test]
async fn a_tablet_that_lost_the_match_is_told_who_has_it() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let path = format!("/v1/matches/{id}/commands");
    let answer = hall.press(&id, json!({ "type": "hand_over", "to": "Cy" })).await;
    assert_eq!(answer["lease"], 2);
    let old = json!({ "command_id": Uuid::new_v4(), "command": point("home"), "lease": 1 });
    let lost = hall.post(&path, &old).await;
    assert_eq!((lost.status.as_u16(), lost.problem().as_str()), (409, "lease_lost"));
    assert_eq!((&lost.json()["holder"], &lost.json()["lease"]), (&json!("Cy"), &json!(2)));
}

#[tokio::test]
async fn what_is_no_command_is_told_and_changes_nothing() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let path = format!("/v1/matches/{id}/commands");
    let uuid = Uuid::new_v4();
    for (body, status, code) in [
        ("nonsense".to_owned(), 400, "invalid_json"),
        (json!({ "command_id": uuid, "command": { "type": "smash" } }).to_string(), 422, "invalid_command"),
        (
            json!({ "command_id": uuid, "command": { "type": "point", "to": "both" } }).to_string(),
            422,
            "invalid_command",
        ),
        (
            json!({ "command_id": uuid, "command": point("home"), "colour": 1 }).to_string(),
            422,
            "invalid_command",
        ),
        (
            json!({ "command_id": uuid, "command": { "type": "move", "table": "x".repeat(201) } })
                .to_string(),
            422,
            "invalid_command",
        ),
        (json!({ "command_id": "seven", "command": point("home") }).to_string(), 422, "invalid_command"),
    ] {
        let answer = hall.post_text(&path, body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (status, code), "{body}");
    }
    let nowhere = format!("/v1/matches/{}/commands", Uuid::nil());
    let body = json!({ "command_id": uuid, "command": point("home") });
    assert_eq!(hall.post(&nowhere, &body).await.problem(), "match_not_found");
    assert_eq!(hall.get(&format!("/v1/matches/{id}")).await.json()["seq"], 3);
}

#[tokio::test]
async fn a_move_and_a_reported_result_are_recorded_beside_the_laws() {
    let hall = Hall::new().await;
    let id = hall.new_match().await;
    let moved = hall.press(&id, json!({ "type": "move", "table": "7" })).await;
    assert_eq!(moved["match"]["table"], "7");
    let claim = json!({ "type": "report_result", "source": "ttbl", "games": [{ "home": 11, "away": 0 }] });
    let reported = hall.press(&id, claim).await;
    assert_eq!(reported["match"]["reported_result"]["source"], "ttbl");
}

#[tokio::test]
async fn the_strokes_of_a_rally_are_recorded_and_shown_in_the_timeline() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let rally = hall.press(&id, point("home")).await["seq"].clone();
    let strokes = |side: &str| {
        json!({ "type": "record_strokes", "rally": rally, "strokes": [
            { "side": side, "hand": "forehand", "spin": "side_topspin", "zone": 8, "class": "hook_service" }
        ] })
    };
    let refused = hall.command(&id, strokes("away")).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (StatusCode::CONFLICT, "first_stroke_not_servers")
    );
    assert_eq!(refused.json()["law"], "2.8.1");
    let recorded = hall.press(&id, strokes("home")).await;
    assert_eq!(recorded["events"][0]["event"]["type"], "strokes_recorded");
    assert_eq!(recorded["events"][0]["event"]["strokes"][0]["zone"], 8);
    assert!(hall.get(&format!("/matches/{id}")).await.text.contains("Strokes recorded"));
}

#[tokio::test]
async fn a_verdict_can_be_asked_for() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let path = format!("/v1/matches/{id}/commands");
    for (command, status) in [(point("home"), 200), (json!({ "type": "redo" }), 409)] {
        let body = json!({ "command_id": Uuid::new_v4(), "command": command });
        let answered = hall.post(&path, &body).await;
        hall.press(&id, point("away")).await;
        let read = hall.get(&format!("{path}/{}", body["command_id"].as_str().expect("an id"))).await;
        assert_eq!((read.status.as_u16(), read.json()), (status, answered.json()));
    }
    let unknown = hall.get(&format!("{path}/{}", Uuid::new_v4())).await;
    assert_eq!((unknown.status.as_u16(), unknown.problem().as_str()), (404, "command_not_found"));
    assert_eq!(unknown.json()["retryable"], true);
    assert_eq!(hall.get(&format!("{path}/x")).await.problem(), "invalid_id");
}

/// Takes its share of the lanes and decides nothing.
async fn silent_member(log: &MemoryLog) -> Box<dyn Membership> {
    let group = GroupId::new("scoring").expect("a name");
    let member = MemberId::new("silent").expect("a name");
    let mut membership = log.join(&group, &[topspin_scoring::requests()], &member).await.expect("joined");
    assert!(matches!(membership.next_event().await, Ok(GroupEvent::Assigned(_))));
    membership
}

#[tokio::test(start_paused = true)]
async fn a_command_without_a_verdict_in_time_is_answered_with_where_to_ask_for_it() {
    let log = MemoryLog::new();
    let hall = Hall::among_others(Arc::new(log.clone())).await;
    let mut ids = Vec::new();
    for _ in 0..16 {
        ids.push(hall.in_play().await);
    }
    let silent = silent_member(&log).await;
    let mut asked = Vec::new();
    for id in &ids {
        let body = json!({ "command_id": Uuid::new_v4(), "command": point("home") });
        let path = format!("/v1/matches/{id}/commands");
        let answer = hall.post(&path, &body).await;
        if answer.status == StatusCode::OK {
            continue;
        }
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
        assert_eq!(answer.json(), json!({ "verdict": "pending", "command_id": body["command_id"] }));
        let location = answer.headers["location"].to_str().expect("text").to_owned();
        assert_eq!(location, format!("{path}/{}", body["command_id"].as_str().expect("an id")));
        assert_eq!(hall.get(&location).await.problem(), "command_not_found");
        asked.push((path, body, location));
    }
    assert!((1..ids.len()).contains(&asked.len()), "some lanes are the other's: {}", asked.len());
    assert_eq!(hall.get("/readyz").await.text, "ok\n", "what is decided is here");
    drop(silent);
    for (path, body, location) in asked {
        let answer = hall.post(&path, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(hall.get(&location).await.json(), answer.json());
        assert_eq!(answer.json()["match"]["games"], json!([{ "home": 1, "away": 0 }]), "once");
    }
}
