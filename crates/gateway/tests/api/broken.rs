//! A change that cannot be read ends a stream, which says where to resume, and is never passed over.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;
use topspin_gateway::Access;
use topspin_log::memory::MemoryLog;
use topspin_log::{Log as _, Record, Timestamp, Topic, TopicPartition, TransactionalId, partition_for};

use crate::hall::{Hall, point};
use crate::stream::Stream;

/// A hall with a match of whose player there is nothing but rubbish on the log, and with a sound match.
async fn hall_with_rubbish() -> (Hall, String, String) {
    let log = Arc::new(MemoryLog::new());
    let before = Hall::on(log.clone(), Access::Open).await;
    let (broken, sound) = (before.in_play().await, before.in_play().await);
    let player =
        before.get(&format!("/v1/matches/{broken}")).await.json()["sides"]["home"]["players"][0]["id"]
            .as_str()
            .expect("a player")
            .to_owned();
    before.home.shutdown().await;
    let key = format!("player/{player}");
    let topic = Topic::new("reference").expect("a topic");
    let partition = TopicPartition::new(topic, partition_for(key.as_bytes(), 4));
    let mut producer =
        log.begin_producer(&TransactionalId::new("rubbish").expect("an id")).await.expect("a producer");
    let mut transaction = producer.begin();
    transaction.append(partition, Record::new(key, "", Timestamp::default())).expect("appended");
    transaction.commit().await.expect("committed");
    (Hall::on(log, Access::Open).await, broken, sound)
}

#[tokio::test]
async fn a_change_that_cannot_be_read_is_not_passed_over() {
    let (hall, broken, sound) = hall_with_rubbish().await;
    let path = format!("/v1/matches/{broken}/live");
    let mut one = Stream::open(&hall, &path, Some("1-3")).await;
    let competition = uuid::Uuid::from_u128(5);
    let mut across = Stream::open(&hall, &format!("/v1/live?competition={competition}"), None).await;
    assert_eq!(across.news().await.name, "reset");
    let place = across.next().await.and_then(|event| event.id).expect("a place");
    let mut across = Stream::open(&hall, "/v1/live", Some(&place)).await;

    hall.press(&sound, point("home")).await;
    // It is committed, though it cannot be shown.
    let answer = hall.command(&broken, point("home")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    hall.press(&sound, point("away")).await;
    hall.command(&broken, json!({ "type": "let" })).await;

    let told = one.news().await;
    assert_eq!((told.name.as_str(), told.data["resume"].as_str()), ("lagged", Some("1-3")));
    assert!(one.next().await.is_none());

    let shown = across.news().await;
    assert_eq!((shown.match_id(), shown.seq()), (sound.as_str(), 4));
    let told = across.news().await;
    assert_eq!(told.name, "lagged");
    assert_eq!(told.data["resume"].as_str(), shown.id.as_deref(), "nothing after the change is passed");
    assert!(across.next().await.is_none());
    // The log is no more readable than what was handed out.
    let mut again = Stream::open(&hall, "/v1/live", shown.id.as_deref()).await;
    loop {
        let event = again.news().await;
        if event.name == "lagged" {
            break;
        }
        assert_eq!(event.match_id(), sound);
    }
    assert!(again.next().await.is_none());
}
