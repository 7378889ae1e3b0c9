//! W3C trace context: from the request onto the records of what it caused.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;
use topspin_gateway::Access;
use topspin_log::memory::MemoryLog;
use topspin_log::{BatchLimit, Log, Start, TraceContext};
use uuid::Uuid;

use crate::hall::{Hall, point, request};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// How many records of each topic are traced, and how many there are.
async fn traced(log: &MemoryLog, context: &TraceContext) -> BTreeMap<String, (usize, usize)> {
    let mut counts = BTreeMap::new();
    for spec in log.topics().await.expect("topics") {
        let count: &mut (usize, usize) = counts.entry(spec.topic.to_string()).or_default();
        for partition in spec.topic_partitions() {
            let mut reader = log.reader(&partition, Start::Beginning).await.expect("a reader");
            for read in reader.try_next_batch(BatchLimit::default()).await.expect("a batch") {
                let found = TraceContext::of(&read.record);
                assert!(found.is_none() || found.as_ref() == Some(context), "{found:?}");
                count.0 += usize::from(found.is_some());
                count.1 += 1;
            }
        }
    }
    counts.retain(|_, (_, all)| *all > 0);
    counts
}

async fn press(hall: &Hall, id: &str, headers: &[(&str, &str)]) {
    let body = json!({ "command_id": Uuid::new_v4(), "command": point("home") });
    let mut request =
        request("POST", &format!("/v1/matches/{id}/commands")).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = hall.send(request.body(Body::from(body.to_string())).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test]
async fn what_a_request_causes_carries_its_trace() {
    let log = Arc::new(MemoryLog::new());
    let hall = Hall::on(log.clone(), Access::Open).await;
    let id = hall.in_play().await;
    let context = TraceContext::parse(PARENT, "a=1,b=2").expect("valid");
    let before = traced(&log, &context).await;
    assert!(before.values().all(|(traced, _)| *traced == 0), "{before:?}");
    press(&hall, &id, &[("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2")]).await;
    let after = traced(&log, &context).await;
    for topic in ["match-commands", "match-dedupe", "match-events", "matches"] {
        assert_eq!(after[topic], (1, before[topic].1 + 1), "{topic}");
    }
}

#[tokio::test]
async fn a_trace_that_cannot_be_understood_is_ignored() {
    let log = Arc::new(MemoryLog::new());
    let hall = Hall::on(log.clone(), Access::Open).await;
    let id = hall.in_play().await;
    let all_zero = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
    press(&hall, &id, &[("tracestate", "a=1")]).await;
    press(&hall, &id, &[("traceparent", all_zero), ("tracestate", "a=1")]).await;
    press(&hall, &id, &[("traceparent", PARENT), ("traceparent", PARENT)]).await;
    let context = TraceContext::parse(PARENT, "").expect("valid");
    let counts = traced(&log, &context).await;
    assert!(counts.values().all(|(traced, _)| *traced == 0), "{counts:?}");
    press(&hall, &id, &[("traceparent", PARENT), ("tracestate", "A=1")]).await;
    assert_eq!(traced(&log, &context).await["match-events"].0, 1);
}
