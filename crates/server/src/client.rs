//! A small client of the HTTP API, for the subcommands that talk to a running server.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

/// Time to an answer at most.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Attempts to reach the server, a second apart, before giving up.
const ATTEMPTS: u32 = 30;

/// A running server and the token to write with.
#[derive(Debug)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
    token: Option<String>,
    origin: TokenOrigin,
    /// Whether somebody was told that the server cannot be reached: once, however many ask.
    told: AtomicBool,
}

/// Where the token is from: what to say when the server refuses it. Every subcommand takes `--token`.
#[derive(Debug)]
enum TokenOrigin {
    /// The command line or the environment.
    Caller,
    /// A file.
    File(PathBuf),
    /// There is none; not in this file either.
    Nowhere(PathBuf),
}

impl TokenOrigin {
    fn refused(&self) -> String {
        let remedy = "set TOPSPIN_TOKEN or --token to the one in the file `token` of its data directory";
        match self {
            TokenOrigin::Caller => format!("the server refuses the token given: {remedy}"),
            TokenOrigin::File(path) => {
                format!("the server refuses the token in {}: {remedy}", path.display())
            }
            TokenOrigin::Nowhere(path) => {
                format!("the server needs a token, and there is no {}: {remedy}", path.display())
            }
        }
    }
}

/// What the server said.
#[derive(Debug)]
pub enum Answer {
    /// A 2xx answer's body.
    Accepted(Value),
    /// Anything else: RFC 9457 problem details.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem.
        problem: Value,
    },
}

impl Answer {
    /// The body, or an error that says what was refused and why.
    pub fn accepted(self, what: &str) -> anyhow::Result<Value> {
        match self {
            Answer::Accepted(body) => Ok(body),
            Answer::Refused { status, problem } => bail!(
                "the server refuses {what}: {status} {}",
                problem["detail"].as_str().or(problem["title"].as_str()).unwrap_or("without saying why")
            ),
        }
    }
}

impl Client {
    /// A client with the token given, or that of the file where the file exists.
    pub fn new(url: &str, token: Option<String>, token_file: &Path) -> anyhow::Result<Self> {
        let (token, origin) = match token {
            Some(token) => (Some(token), TokenOrigin::Caller),
            None if token_file.exists() => {
                let text = std::fs::read_to_string(token_file)
                    .with_context(|| format!("reading the token from {}", token_file.display()))?;
                (Some(text.trim().to_owned()), TokenOrigin::File(token_file.to_owned()))
            }
            None => (None, TokenOrigin::Nowhere(token_file.to_owned())),
        };
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build();
        Ok(Client {
            agent: config.into(),
            url: url.trim_end_matches('/').to_owned(),
            token,
            origin,
            told: AtomicBool::new(false),
        })
    }

    /// Reads a resource. Waits for a server that is not up yet.
    pub fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.reach(path, || self.agent.get(format!("{}{path}", self.url)).call())
    }

    /// Writes. Waits for a server that is not up yet; a command's id makes the repetition safe.
    pub fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.reach(path, || {
            let request = self.agent.post(format!("{}{path}", self.url));
            match &self.token {
                Some(token) => request.header("authorization", format!("Bearer {token}")).send_json(body),
                None => request.send_json(body),
            }
        })
    }

    fn reach(
        &self,
        path: &str,
        attempt: impl Fn() -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> anyhow::Result<Answer> {
        let mut attempts = 1;
        loop {
            match attempt() {
                Ok(mut response) => {
                    let status = response.status().as_u16();
                    if status == 401 {
                        bail!(self.origin.refused());
                    }
                    // Taken, and not decided yet: the same again asks for what it has become.
                    if status == 202 && attempts < ATTEMPTS {
                        attempts += 1;
                        std::thread::sleep(Duration::from_secs(1));
                        continue;
                    }
                    let body = response.body_mut().read_json().unwrap_or(Value::Null);
                    let accepted = (200..300).contains(&status);
                    return Ok(if accepted {
                        Answer::Accepted(body)
                    } else {
                        Answer::Refused { status, problem: body }
                    });
                }
                Err(error) if attempts >= ATTEMPTS => {
                    return Err(error)
                        .with_context(|| format!("{}{path}: is `topspin serve` running?", self.url));
                }
                Err(error) => {
                    if attempts == 1 && !self.told.swap(true, Ordering::Relaxed) {
                        let most = ATTEMPTS - 1;
                        eprintln!(
                            "{}: {error}; trying again for {most} s. Is `topspin serve` running?",
                            self.url
                        );
                    }
                    attempts += 1;
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::path::Path;
    use std::thread;

    use serde_json::json;

    use super::Client;

    /// What a client says that gets `status` for an answer.
    fn told(status: &str, token: Option<&str>, token_file: &Path) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let body = r#"{"detail":"not by this name"}"#;
        let answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        thread::scope(|scope| {
            scope.spawn(move || {
                let (mut stream, _) = listener.accept().expect("a request");
                let mut request = Vec::new();
                // The body is the two bytes `{}` after the head.
                while !request.ends_with(b"\r\n\r\n{}") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).expect("a whole request");
                    request.extend(byte);
                }
                stream.write_all(answer.as_bytes()).expect("answered");
            });
            let client = Client::new(&url, token.map(str::to_owned), token_file).expect("a client");
            let answer = client.post("/v1/matches", &json!({}));
            answer.and_then(|answer| answer.accepted("the match")).expect_err("refused").to_string()
        })
    }

    #[test]
    fn a_refused_token_is_told_with_where_it_came_from_and_what_every_subcommand_takes() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("token");
        let remedy = "set TOPSPIN_TOKEN or --token to the one in the file `token` of its data directory";
        let none = told("401 Unauthorized", None, &file);
        assert_eq!(none, format!("the server needs a token, and there is no {}: {remedy}", file.display()));
        std::fs::write(&file, "stale\n").expect("written");
        let stale = told("401 Unauthorized", None, &file);
        assert_eq!(stale, format!("the server refuses the token in {}: {remedy}", file.display()));
        let given = told("401 Unauthorized", Some("given"), &file);
        assert_eq!(given, format!("the server refuses the token given: {remedy}"));
    }

    #[test]
    fn a_refused_name_of_the_server_is_not_said_to_be_the_token() {
        let said = told("403 Forbidden", Some("given"), Path::new("token"));
        assert_eq!(said, "the server refuses the match: 403 not by this name");
    }
}
