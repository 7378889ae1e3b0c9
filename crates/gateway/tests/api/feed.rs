//! The feed on a real socket: what is no request. What a consumer makes of it is tested with the binary.

use std::net::TcpStream;

use serde_json::Value;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::hall::Hall;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_is_answered_and_the_connection_goes_on() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let (router, metrics) = (hall.router.clone(), hall.app.metrics());
    let serving = tokio::spawn(topspin_gateway::serve(listener, router, metrics, hall.stop.subscribe()));
    let talk = spawn_blocking(move || {
        let stream = TcpStream::connect(address).expect("a connection");
        let (mut socket, _) = tungstenite::client(format!("ws://{address}/v1/feed"), stream).expect("a feed");
        let mut say = |text: String| {
            socket.send(tungstenite::Message::text(text)).expect("sent");
            loop {
                let told = socket.read().expect("an answer").into_text().expect("text");
                let told: Value = serde_json::from_str(&told).expect("JSON");
                if told["type"] != "heartbeat" {
                    return told;
                }
            }
        };
        let hello = r#"{"type":"hello","protocol":"topspin.feed/1","heartbeat_ms":1}"#;
        let welcome = say(hello.to_owned());
        assert_eq!(
            (welcome["type"].as_str(), welcome["heartbeat_ms"].as_u64()),
            (Some("welcome"), Some(500))
        );
        let unknown = Uuid::nil();
        for (text, code) in [
            ("nonsense".to_owned(), "invalid_request"),
            (hello.to_owned(), "hello_repeated"),
            (
                r#"{"type":"subscribe","subscription":1,"to":{"mtach":"x"},"kinds":["events"]}"#.to_owned(),
                "invalid_request",
            ),
            (
                r#"{"type":"subscribe","subscription":1,"to":{},"kinds":["odds"]}"#.to_owned(),
                "no_kind_granted",
            ),
            (
                format!(
                    r#"{{"type":"subscribe","subscription":1,"to":{{"match":"{unknown}"}},"kinds":["events"]}}"#
                ),
                "match_not_found",
            ),
            (r#"{"type":"unsubscribe","subscription":7}"#.to_owned(), "subscription_unknown"),
            (format!("[{}", "[".repeat(10_000)), "invalid_request"),
        ] {
            let told = say(text);
            assert_eq!((told["type"].as_str(), told["code"].as_str()), (Some("error"), Some(code)), "{told}");
        }
        let subscribe =
            format!(r#"{{"type":"subscribe","subscription":1,"to":{{"match":"{id}"}},"kinds":["events"]}}"#);
        assert_eq!(say(subscribe)["type"], "subscribed");
        socket
    });
    let mut socket = talk.await.expect("it is answered");
    hall.stop.send_replace(true);
    let last = spawn_blocking(move || {
        let mut last = Value::Null;
        while let Ok(message) = socket.read() {
            if let tungstenite::Message::Text(text) = message {
                last = serde_json::from_str(&text).expect("JSON");
            }
        }
        last
    });
    let last = last.await.expect("it ends");
    assert_eq!((last["type"].as_str(), last["code"].as_str()), (Some("closing"), Some("stopping")), "{last}");
    serving.await.expect("the server ends");
}
