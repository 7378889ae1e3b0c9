//! A small client of the HTTP API, for the subcommands that talk to a running server.

use std::path::Path;
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
            Answer::Refused { status: 401 | 403, .. } => {
                bail!(
                    "the server refuses the token: set TOPSPIN_TOKEN or --token-file to that of its data directory"
                )
            }
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
        let token = match token {
            Some(token) => Some(token),
            None if token_file.exists() => Some(
                std::fs::read_to_string(token_file)
                    .with_context(|| format!("reading the token from {}", token_file.display()))?
                    .trim()
                    .to_owned(),
            ),
            None => None,
        };
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build();
        Ok(Client { agent: config.into(), url: url.trim_end_matches('/').to_owned(), token })
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
                Err(_) => {
                    attempts += 1;
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
        }
    }
}
