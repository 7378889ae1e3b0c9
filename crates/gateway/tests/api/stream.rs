//! Reading server-sent events out of an answer's body.

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::hall::{Hall, request};

/// An open stream.
pub struct Stream {
    body: BodyDataStream,
    text: String,
}

/// One event of a stream.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: Option<String>,
    pub name: String,
    pub data: Value,
}

impl Event {
    /// The position of the event, for `match` events.
    pub fn seq(&self) -> u64 {
        self.data["event"]["seq"].as_u64().expect("a seq")
    }

    /// The match of the event, for `match` events.
    pub fn match_id(&self) -> &str {
        self.data["match"]["id"].as_str().expect("an id")
    }
}

impl Stream {
    /// Opens a stream, after an event if one is named.
    pub async fn open(hall: &Hall, path: &str, last: Option<&str>) -> Self {
        let mut request = request("GET", path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = hall.router.clone().oneshot(request).await.expect("infallible");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; `None` at the end.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let event = parse(&block);
                if event.is_some() {
                    return event;
                }
            }
            let piece = self.body.next().await?.expect("a piece");
            self.text.push_str(std::str::from_utf8(&piece).expect("text"));
        }
    }

    /// The first snapshot of a stream across matches, which comes after the reader was told to forget the rest.
    pub async fn first_snapshot(&mut self) -> Event {
        let reset = self.news().await;
        assert_eq!((reset.name.as_str(), reset.id), ("reset", None));
        let first = self.news().await;
        assert_eq!((first.name.as_str(), &first.id), ("snapshot", &None));
        first
    }

    /// The next event that is no heartbeat.
    pub async fn news(&mut self) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event.name != "heartbeat" {
                return event;
            }
        }
    }
}

fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let data = field("data")?;
    Some(Event {
        id: field("id").map(str::to_owned),
        name: field("event").unwrap_or("message").to_owned(),
        data: serde_json::from_str(data).expect("JSON"),
    })
}
