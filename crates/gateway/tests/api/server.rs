//! The server on a socket: probes, metrics, a graceful stop, a restart.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::join;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use topspin_gateway::Access;
use topspin_log::Topic;
use topspin_log::conformance::intercept::{Intercepted, Silence};
use topspin_log::memory::MemoryLog;

use crate::hall::{Hall, point};

#[tokio::test]
async fn probes_and_metrics_answer() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    hall.command(&id, serde_json::json!({ "type": "redo" })).await;
    assert_eq!(hall.get("/livez").await.text, "ok\n");
    assert_eq!(hall.get("/readyz").await.text, "ok\n");
    let metrics = hall.get("/metrics").await;
    assert_eq!(metrics.status, StatusCode::OK);
    for expected in [
        "topspin_http_requests_total{method=\"POST\",route=\"/v1/matches\",status=\"201\"} 1",
        "topspin_commands_total{verdict=\"accepted\"} 2",
        "topspin_commands_total{verdict=\"rejected\"} 1",
        "# EOF",
    ] {
        assert!(metrics.text.contains(expected), "{expected} in\n{}", metrics.text);
    }
}

#[tokio::test]
async fn a_server_whose_log_refuses_it_is_not_ready_and_says_why() {
    let log = Arc::new(MemoryLog::new());
    let hall = Hall::on(log.clone(), Access::Open).await;
    let id = hall.in_play().await;
    let _successor = Hall::on(log, Access::Open).await;
    assert_eq!(hall.get("/readyz").await.text, "ok\n", "it does not know yet");
    assert_eq!(hall.command(&id, point("home")).await.problem(), "log_failed");
    let probe = hall.get("/readyz").await;
    assert_eq!((probe.status, probe.problem().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "log_failed"));
    let detail = probe.json()["detail"].as_str().expect("a reason").to_owned();
    assert!(detail.contains("another node owns the partition"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_may_be_out_of_date_says_so_in_its_answers() {
    let (log, silence) = (MemoryLog::new(), Silence::of(vec![Topic::new("matches").expect("valid")]));
    let cut_off = Hall::among_others(Arc::new(Intercepted::silenced(log.clone(), silence.clone()))).await;
    let hall = Hall::among_others(Arc::new(log)).await;
    let stale = async |hall: &Hall, path: &str| {
        let answer = hall.get(path).await;
        answer.headers.get("topspin-stale").map(|seconds| seconds.to_str().expect("text").to_owned())
    };
    let fresh = async |hall: &Hall| {
        while stale(hall, "/v1/matches").await.is_some() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    let ids = [cut_off.in_play().await, hall.in_play().await];
    timeout(Duration::from_mins(1), async { join!(fresh(&cut_off), fresh(&hall)) })
        .await
        .expect("both follow");
    silence.begin();
    for id in &ids {
        hall.press(id, point("home")).await;
    }
    sleep(Duration::from_mins(1)).await;
    let seconds = stale(&cut_off, "/v1/matches").await.expect("it hears nothing");
    assert!((55..=60).contains(&seconds.parse::<u64>().expect("seconds")), "{seconds}");
    assert_eq!(cut_off.get("/readyz").await.problem(), "stale");
    for path in ["/", &format!("/v1/matches/{}", ids[0]), &format!("/matches/{}", ids[1])] {
        assert_eq!(stale(&hall, path).await, None, "{path}");
    }
    assert_eq!(stale(&cut_off, "/").await, Some(seconds));
    assert_eq!(stale(&cut_off, "/livez").await, None);
    silence.end();
    timeout(Duration::from_mins(1), fresh(&cut_off)).await.expect("it catches up");
    assert_eq!(cut_off.get("/readyz").await.text, "ok\n");
}

#[tokio::test]
async fn a_stop_finishes_what_is_in_flight_and_takes_no_more() {
    let hall = Hall::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(topspin_gateway::serve(
        listener,
        hall.router.clone(),
        hall.app.metrics(),
        hall.stop.subscribe(),
    ));
    let begun = spawn_blocking(move || {
        let idle = TcpStream::connect(address).expect("a connection");
        let mut streaming = TcpStream::connect(address).expect("a connection");
        streaming.write_all(b"GET /v1/live HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sent");
        streaming.read_exact(&mut [0; 64]).expect("an answer");
        (idle, streaming)
    });
    let (mut idle, mut streaming) = begun.await.expect("two connections");
    hall.stop.send_replace(true);
    serving.await.expect("the server ends");
    let mut rest = String::new();
    streaming.read_to_string(&mut rest).expect("the rest");
    assert!(rest.contains("event: stopping"), "{rest}");
    assert_eq!(idle.read(&mut [0; 1]).expect("the end"), 0);
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn heads_that_are_too_large_or_no_http_do_not_reach_the_router() {
    let hall = Hall::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(topspin_gateway::serve(
        listener,
        hall.router.clone(),
        hall.app.metrics(),
        hall.stop.subscribe(),
    ));
    let large = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "y".repeat(40_000));
    let many = format!("GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x: y\r\n".repeat(100));
    for (request, status) in [(large.as_str(), "431"), (many.as_str(), "431"), ("\u{0}\u{1}\r\n\r\n", "400")]
    {
        let answer = spawn_blocking({
            let request = request.to_owned();
            move || {
                let mut connection = TcpStream::connect(address).expect("a connection");
                // The server may close before it has read everything.
                let _ = connection.write_all(request.as_bytes());
                let mut answer = Vec::new();
                let _ = connection.read_to_end(&mut answer);
                answer
            }
        });
        let answer = answer.await.expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    assert_eq!(hall.get("/livez").await.status, StatusCode::OK);
    hall.stop.send_replace(true);
    serving.await.expect("the server ends");
}

#[tokio::test]
async fn a_restarted_server_knows_everything_and_goes_on() {
    let log = Arc::new(MemoryLog::new());
    let first = Hall::on(log.clone(), Access::Open).await;
    let id = first.in_play().await;
    let before = first.press(&id, point("home")).await;
    first.home.shutdown().await;
    let after_shutdown = first.command(&id, point("home")).await;
    assert_eq!((after_shutdown.status.as_u16(), after_shutdown.problem().as_str()), (503, "stopping"));
    assert!(after_shutdown.headers.contains_key("retry-after"));
    drop(first);

    let second = Hall::on(log, Access::Open).await;
    assert_eq!(second.get(&format!("/v1/matches/{id}")).await.json(), before["match"]);
    let path = format!("/v1/matches/{id}/live");
    let mut stream = crate::stream::Stream::open(&second, &path, Some("1-4")).await;
    second.press(&id, point("away")).await;
    assert_eq!(stream.news().await.seq(), 5);
}

#[tokio::test]
async fn a_full_disk_is_told_as_retryable() {
    let hall = Hall::on(Arc::new(MemoryLog::with_capacity(40_000)), Access::Open).await;
    let id = hall.in_play().await;
    let mut to = ["home", "away"].into_iter().cycle();
    let refused = loop {
        let answer = hall.command(&id, point(to.next().expect("a side"))).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (503, "storage_full"));
    assert_eq!(refused.json()["retryable"], true);
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(hall.get(&format!("/v1/matches/{id}")).await.status, StatusCode::OK);
}
