//! A server for a test, and how to ask it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use topspin_event::{Label, OrgId, Timestamp};
use topspin_gateway::{Access, App, Config, Gateway, Names, Token};
use topspin_log::Log;
use topspin_log::memory::MemoryLog;
use topspin_scoring::{Clock, Home, HomeConfig};
use tower::ServiceExt as _;
use uuid::Uuid;

pub const TOKEN: &str = "a-token-that-only-this-test-knows";

/// A server with a log in memory. Its clock advances by a millisecond whenever somebody looks.
pub struct Hall {
    pub app: App,
    pub router: Router,
    pub home: Home,
    pub stop: watch::Sender<bool>,
    _store: TempDir,
}

/// An answer.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The code of a problem, which must be one in form.
    pub fn problem(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        for member in ["type", "title", "detail", "code"] {
            assert!(problem[member].is_string(), "{member} in {problem}");
        }
        assert!(problem["retryable"].is_boolean());
        problem["code"].as_str().expect("a code").to_owned()
    }
}

impl Hall {
    pub async fn new() -> Self {
        Self::with(Access::Open).await
    }

    pub async fn with(access: Access) -> Self {
        Self::on(Arc::new(MemoryLog::new()), access).await
    }

    pub async fn with_token() -> Self {
        Self::with(Access::Token(Token::new(TOKEN).expect("a token"))).await
    }

    pub async fn on(log: Arc<dyn Log>, access: Access) -> Self {
        let store = tempfile::tempdir().expect("a directory");
        let home = Home::open(log, store.path(), config()).await.expect("a home");
        Self::of(home, store, access)
    }

    /// A hall that shares its log with others.
    pub async fn among_others(log: Arc<dyn Log>) -> Self {
        let store = tempfile::tempdir().expect("a directory");
        let home = Home::join(log, store.path(), config()).await.expect("a home");
        Self::of(home, store, Access::Open)
    }

    fn of(home: Home, store: TempDir, access: Access) -> Self {
        let (stop, stopping) = watch::channel(false);
        let app = Gateway::start(Config {
            home: home.clone(),
            views: watch::Sender::new(Vec::new()).subscribe(),
            replica: None,
            zone: jiff::tz::TimeZone::UTC,
            log_id: Uuid::from_u128(0x70),
            access,
            names: Names::new(["hall.local".to_owned()]),
            clock: clock(),
            screens: |_| None,
            stop: stopping,
        })
        .expect("a gateway");
        let router = topspin_gateway::router(&app);
        Hall { app, router, home, stop, _store: store }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 16 * 1024 * 1024).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Reply { status: parts.status, headers: parts.headers, text }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(request("GET", path).body(Body::empty()).expect("a request")).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_text(path, body.to_string()).await
    }

    pub async fn post_text(&self, path: &str, body: impl Into<Body>) -> Reply {
        let request = request("POST", path).header("content-type", "application/json");
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// A new match of two players; its id.
    pub async fn new_match(&self) -> String {
        let created = self.post("/v1/matches", &match_body("Ada", "Bo")).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
        created.json()["id"].as_str().expect("an id").to_owned()
    }

    /// A new match in its first game, home to serve; its id. Four events.
    pub async fn in_play(&self) -> String {
        let id = self.new_match().await;
        self.press(&id, json!({ "type": "choose", "first_server": "home" })).await;
        self.press(&id, json!({ "type": "start_game" })).await;
        id
    }

    /// Presses a button that the laws allow; the answer.
    pub async fn press(&self, id: &str, command: Value) -> Value {
        let answer = self.command(id, command).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// Presses a button.
    pub async fn command(&self, id: &str, command: Value) -> Reply {
        let body = json!({ "command_id": Uuid::new_v4(), "command": command });
        self.post(&format!("/v1/matches/{id}/commands"), &body).await
    }
}

pub fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "localhost")
}

pub fn match_body(home: &str, away: &str) -> Value {
    json!({
        "format": { "preset": "ittf" },
        "sides": { "home": { "players": [{ "name": home }] }, "away": { "players": [{ "name": away }] } },
    })
}

pub fn point(to: &str) -> Value {
    json!({ "type": "point", "to": to })
}

fn config() -> HomeConfig {
    HomeConfig {
        org: OrgId(Uuid::from_u128(1)),
        origin: "test-node".parse::<Label>().expect("a label"),
        partitions: 4,
        hot_matches: 16,
        clock: clock(),
    }
}

fn clock() -> Clock {
    let millis = AtomicI64::new(1_790_000_000_000);
    Arc::new(move || Timestamp::from_millis(millis.fetch_add(1, Ordering::Relaxed)).expect("a time"))
}
