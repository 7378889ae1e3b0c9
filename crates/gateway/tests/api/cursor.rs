//! Resuming across matches: every place that a stream names is one from which nothing is missed and nothing repeated.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use crate::hall::{Hall, point};
use crate::stream::Stream;

type Heads = HashMap<String, u64>;

/// Follows a stream to the heads `until`, checking that each match advances by one. Answers the places that it named,
/// each with the heads that a reader had there.
async fn follow(stream: &mut Stream, mut heads: Heads, until: &Heads) -> Vec<(String, Heads)> {
    let mut places = Vec::new();
    while until.iter().any(|(id, head)| heads.get(id) != Some(head)) || places.is_empty() {
        let event = stream.next().await.expect("the stream goes on");
        match event.name.as_str() {
            "reset" => heads.clear(),
            "snapshot" => {
                assert_eq!(event.id, None, "a snapshot stands at no place");
                heads.insert(
                    event.data["id"].as_str().expect("an id").to_owned(),
                    event.data["seq"].as_u64().expect("a seq"),
                );
            }
            "match" => {
                let head = heads.get_mut(event.match_id()).expect("a known match");
                assert_eq!(event.seq(), *head + 1, "no gap and no duplicate");
                *head += 1;
            }
            _ => assert_eq!(event.name, "heartbeat"),
        }
        places.extend(event.id.map(|id| (id, heads.clone())));
    }
    places
}

async fn heads_of(hall: &Hall, ids: &[String]) -> Heads {
    let mut heads = Heads::new();
    for id in ids {
        let head = hall.get(&format!("/v1/matches/{id}")).await.json()["seq"].as_u64().expect("a seq");
        heads.insert(id.clone(), head);
    }
    heads
}

/// Matches go on while the snapshots are read, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn every_place_that_a_stream_names_is_one_to_resume_from() {
    const MATCHES: usize = 4;
    const QUIET_MATCHES: usize = 300;
    const PRESSES: usize = 12;
    const STREAMS: usize = 6;
    let hall = Arc::new(Hall::new().await);
    let mut ids = Vec::new();
    for _ in 0..MATCHES {
        ids.push(hall.in_play().await);
    }
    // Snapshots are read latest first: those that go on are read long after the stream has begun.
    for _ in 0..QUIET_MATCHES {
        let id = hall.new_match().await;
        hall.press(&id, json!({ "type": "call" })).await;
    }
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let hall = Arc::clone(&hall);
            let mine: Vec<_> = ids.iter().skip(writer).step_by(2).cloned().collect();
            tokio::spawn(async move {
                for press in 0..PRESSES {
                    for id in &mine {
                        hall.press(id, point(if press % 2 == 0 { "home" } else { "away" })).await;
                    }
                }
            })
        })
        .collect();
    let mut streams = Vec::new();
    for _ in 0..STREAMS {
        streams.push(Stream::open(&hall, "/v1/live?status=live", None).await);
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.expect("a writer");
    }
    let until = heads_of(&hall, &ids).await;
    let mut resumed = Vec::new();
    for mut stream in streams {
        for (place, heads) in follow(&mut stream, Heads::new(), &until).await {
            resumed.push((Stream::open(&hall, "/v1/live?status=live", Some(&place)).await, heads));
        }
    }
    for id in &ids {
        hall.press(id, json!({ "type": "let" })).await;
    }
    let until = heads_of(&hall, &ids).await;
    for (mut stream, heads) in resumed {
        follow(&mut stream, heads, &until).await;
    }
}

/// With a filter, a resumed reader gets what one that was never cut off gets.
#[tokio::test]
async fn a_filter_means_the_same_after_a_resume() {
    let hall = Hall::new().await;
    let (first, second) = (hall.new_match().await, hall.new_match().await);
    let mut stream = Stream::open(&hall, "/v1/live?status=live", None).await;
    assert_eq!(stream.news().await.name, "reset");
    let place = stream.next().await.and_then(|event| event.id).expect("a place");
    // Never live; live; no longer live; and again what is not live.
    hall.press(&first, json!({ "type": "move", "table": "4" })).await;
    hall.press(&second, json!({ "type": "call" })).await;
    hall.press(&second, json!({ "type": "postpone" })).await;
    hall.press(&second, json!({ "type": "move", "table": "5" })).await;
    hall.press(&first, json!({ "type": "call" })).await;
    let mut resumed = Stream::open(&hall, "/v1/live?status=live", Some(&place)).await;
    for stream in [&mut stream, &mut resumed] {
        let mut shown: HashMap<String, Vec<String>> = HashMap::new();
        for _ in 0..3 {
            let event = stream.news().await;
            let status = event.data["match"]["status"].as_str().expect("a status").to_owned();
            shown.entry(event.match_id().to_owned()).or_default().push(status);
        }
        // Matches have no order among each other.
        assert_eq!(
            (&shown[&first], &shown[&second]),
            (&vec!["called".to_owned()], &vec!["called".to_owned(), "postponed".to_owned()])
        );
    }
}

/// As after a backup was restored: the log has not come so far yet.
#[tokio::test]
async fn a_place_that_the_log_has_not_reached_begins_again() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let restored = Hall::new().await;
    let mut ahead = Stream::open(&hall, "/v1/live", None).await;
    ahead.first_snapshot().await;
    hall.press(&id, point("home")).await;
    let place = ahead.news().await.id.expect("a place");
    let other = restored.new_match().await;
    restored.press(&other, json!({ "type": "call" })).await;
    let mut stream = Stream::open(&restored, "/v1/live", Some(&place)).await;
    assert_eq!(stream.first_snapshot().await.data["id"], *other);
    restored.press(&other, json!({ "type": "postpone" })).await;
    assert_eq!(stream.news().await.match_id(), other);
}
