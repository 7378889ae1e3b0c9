//! Live streams: no gap, no duplicate, whatever happens.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use topspin_gateway::limits::{HEARTBEAT, SUBSCRIBER_QUEUE};

use crate::hall::{Hall, point};
use crate::stream::Stream;

#[tokio::test]
async fn a_stream_begins_with_the_match_and_follows_it() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let mut stream = Stream::open(&hall, &format!("/v1/matches/{id}/live"), None).await;
    let first = stream.news().await;
    assert_eq!((first.name.as_str(), first.id.as_deref()), ("snapshot", Some("1-3")));
    assert_eq!(first.data, hall.get(&format!("/v1/matches/{id}")).await.json());
    let pressed = hall.press(&id, point("home")).await;
    let event = stream.news().await;
    assert_eq!((event.name.as_str(), event.id.as_deref()), ("match", Some("1-4")));
    assert_eq!(event.data["match"], pressed["match"]);
    assert_eq!(event.data["event"]["chain"], pressed["chain"]);
    assert!(event.data["event"]["published_at"].is_string());
}

#[tokio::test]
async fn a_stream_resumes_with_what_it_missed_each_with_the_match_as_it_was_then() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let mut answers = Vec::new();
    for to in ["home", "away", "home"] {
        answers.push(hall.press(&id, point(to)).await);
    }
    let path = format!("/v1/matches/{id}/live");
    let mut stream = Stream::open(&hall, &path, Some("1-4")).await;
    for answer in &answers[1..] {
        let event = stream.news().await;
        assert_eq!(event.name, "match");
        assert_eq!(event.data["match"], answer["match"]);
    }
    let mut by_query = Stream::open(&hall, &format!("{path}?last_event_id=1-5"), None).await;
    assert_eq!(by_query.news().await.seq(), 6);
    for unknown in ["1-99", "2-3", "nonsense", ""] {
        let mut stream = Stream::open(&hall, &path, Some(unknown)).await;
        assert_eq!(stream.news().await.name, "snapshot", "{unknown}");
    }
}

/// A writer presses on while a reader breaks off and resumes again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_keeps_breaking_off_sees_every_event_once() {
    const PRESSES: u64 = 120;
    let hall = Arc::new(Hall::new().await);
    let id = hall.in_play().await;
    let writer = tokio::spawn({
        let (hall, id) = (Arc::clone(&hall), id.clone());
        async move {
            for press in 0..PRESSES {
                hall.press(&id, point(if press % 2 == 0 { "home" } else { "away" })).await;
            }
        }
    });
    let path = format!("/v1/matches/{id}/live");
    let mut last = "1-3".to_owned();
    let mut seen = Vec::new();
    while seen.len() < PRESSES as usize {
        let mut stream = Stream::open(&hall, &path, Some(&last)).await;
        for _ in 0..=seen.len() % 7 {
            let event = stream.news().await;
            seen.push(event.seq());
            last = event.id.expect("an id");
            if seen.len() == PRESSES as usize {
                break;
            }
        }
    }
    writer.await.expect("the writer");
    assert_eq!(seen, (4..4 + PRESSES).collect::<Vec<_>>());
}

/// The same across matches, with an opaque cursor.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_across_matches_sees_every_event_once() {
    const MATCHES: usize = 6;
    const PRESSES: usize = 30;
    let hall = Arc::new(Hall::new().await);
    let mut ids = Vec::new();
    for _ in 0..MATCHES {
        ids.push(hall.in_play().await);
    }
    let mut stream = Stream::open(&hall, "/v1/live?status=live", None).await;
    let mut heads: HashMap<String, u64> = HashMap::new();
    let mut cursor = loop {
        let event = stream.next().await.expect("the stream goes on");
        match event.name.as_str() {
            "reset" => assert_eq!((event.id, heads.len()), (None, 0)),
            "snapshot" => {
                assert_eq!(event.id, None);
                let id = event.data["id"].as_str().expect("an id").to_owned();
                heads.insert(id, event.data["seq"].as_u64().expect("a seq"));
            }
            _ => break event.id.expect("a cursor"),
        }
    };
    assert_eq!(heads.len(), MATCHES);
    let writers: Vec<_> = ids
        .into_iter()
        .map(|id| {
            let hall = Arc::clone(&hall);
            tokio::spawn(async move {
                for press in 0..PRESSES {
                    hall.press(&id, point(if press % 2 == 0 { "home" } else { "away" })).await;
                }
            })
        })
        .collect();
    let mut seen = 0;
    while seen < MATCHES * PRESSES {
        for _ in 0..=seen % 11 {
            let event = stream.news().await;
            let head = heads.get_mut(event.match_id()).expect("a known match");
            assert_eq!(event.seq(), *head + 1, "no gap and no duplicate");
            *head += 1;
            cursor = event.id.expect("a cursor");
            seen += 1;
            if seen == MATCHES * PRESSES {
                break;
            }
        }
        stream = Stream::open(&hall, "/v1/live?status=live", Some(&cursor)).await;
    }
    for writer in writers {
        writer.await.expect("a writer");
    }
}

#[tokio::test]
async fn a_cursor_of_another_log_begins_again() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let other = Hall::new().await;
    other.in_play().await;
    for cursor in ["nonsense", "AXAAAA", "1-3"] {
        let mut stream = Stream::open(&hall, "/v1/live", Some(cursor)).await;
        assert_eq!(stream.first_snapshot().await.data["id"], *id);
    }
}

#[tokio::test]
async fn a_match_that_leaves_the_filter_is_shown_once_more() {
    let hall = Hall::new().await;
    let id = hall.new_match().await;
    let other = hall.new_match().await;
    hall.press(&id, json!({ "type": "call" })).await;
    let mut stream = Stream::open(&hall, "/v1/live?status=live", None).await;
    assert_eq!(stream.first_snapshot().await.data["id"], *id);
    hall.press(&other, json!({ "type": "walk_over", "side": "home" })).await;
    hall.press(&id, json!({ "type": "postpone" })).await;
    let left = stream.news().await;
    assert_eq!((left.match_id(), left.data["match"]["status"].as_str()), (id.as_str(), Some("postponed")));
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_told_where_to_resume_and_nothing_is_lost() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let path = format!("/v1/matches/{id}/live");
    let mut slow = Stream::open(&hall, &path, None).await;
    let mut fast = Stream::open(&hall, &path, None).await;
    assert_eq!(slow.news().await.name, "snapshot");
    assert_eq!(fast.news().await.name, "snapshot");
    let presses = SUBSCRIBER_QUEUE + 10;
    for press in 0..presses {
        hall.press(&id, point(if press % 2 == 0 { "home" } else { "away" })).await;
        assert_eq!(fast.news().await.seq(), 4 + press as u64, "the fast reader never waits");
    }
    let mut last = 3;
    let resume = loop {
        let event = slow.news().await;
        if event.name == "lagged" {
            break event.data["resume"].as_str().expect("a place").to_owned();
        }
        assert_eq!(event.seq(), last + 1);
        last += 1;
    };
    assert_eq!(resume, format!("1-{last}"));
    assert!(slow.next().await.is_none(), "the stream is closed after it was told");
    let mut again = Stream::open(&hall, &path, Some(&resume)).await;
    while last < 3 + presses as u64 {
        assert_eq!(again.news().await.seq(), last + 1);
        last += 1;
    }
    assert_eq!(hall.get("/v1/status").await.json()["streams_lagged"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_says_that_it_is_there() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let mut stream = Stream::open(&hall, &format!("/v1/matches/{id}/live"), None).await;
    let head = stream.news().await;
    let began = tokio::time::Instant::now();
    let beat = stream.next().await.expect("a heartbeat");
    assert_eq!(beat.name, "heartbeat");
    assert_eq!(began.elapsed(), HEARTBEAT);
    for member in ["epoch", "seq", "chain", "state_hash"] {
        assert_eq!(beat.data[member], head.data[member], "{member}");
    }
    assert!(beat.data["server_time"].is_string());
}

#[tokio::test]
async fn a_server_that_stops_tells_its_streams_where_to_resume() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let mut one = Stream::open(&hall, &format!("/v1/matches/{id}/live"), None).await;
    let mut all = Stream::open(&hall, "/v1/live", None).await;
    assert_eq!(one.news().await.name, "snapshot");
    all.first_snapshot().await;
    hall.stop.send_replace(true);
    let told = one.news().await;
    assert_eq!((told.name.as_str(), told.data["resume"].as_str()), ("stopping", Some("1-3")));
    assert!(one.next().await.is_none());
    assert_eq!(all.news().await.name, "stopping");
    assert!(all.next().await.is_none());
    assert_eq!(hall.get("/readyz").await.problem(), "stopping");
}

#[tokio::test]
async fn streams_of_what_is_not_there_are_refused() {
    let hall = Hall::new().await;
    let nowhere = hall.get(&format!("/v1/matches/{}/live", uuid::Uuid::nil())).await;
    assert_eq!(nowhere.problem(), "match_not_found");
    assert_eq!(hall.get("/v1/live?status=won").await.problem(), "invalid_query");
}
