//! Asking servers, with the patience of a tablet: the same command again, to any of them, until there is a verdict.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::chance::Chance;
use super::umpire::{Ask, Verdict};

/// A server says after 5 s that it has no verdict yet; one that says nothing is given up soon after.
const ANSWER_WITHIN: Duration = Duration::from_secs(6);
/// However bad it gets, a verdict comes within this.
const VERDICT_WITHIN: Duration = Duration::from_mins(5);
const PAUSE: Duration = Duration::from_millis(100);

pub struct Client {
    agent: ureq::Agent,
    token: String,
    urls: Vec<String>,
}

enum Said {
    Verdict(Verdict),
    /// Not decided, or nobody knows: to be asked again.
    NotYet(String),
}

impl Client {
    pub fn new(urls: Vec<String>, token: &str) -> Self {
        let config = ureq::Agent::config_builder();
        let config = config.http_status_as_error(false).timeout_global(Some(ANSWER_WITHIN)).build();
        Self { agent: config.into(), token: token.to_owned(), urls }
    }

    /// Asks one server after another until there is a verdict.
    pub fn verdict(&self, ask: &Ask, route: &mut Chance) -> Result<Verdict> {
        let began = Instant::now();
        loop {
            let url = &self.urls[route.below(self.urls.len())];
            match self.ask(url, ask)? {
                Said::Verdict(verdict) => return Ok(verdict),
                Said::NotYet(why) if began.elapsed() > VERDICT_WITHIN => {
                    bail!("no verdict within {VERDICT_WITHIN:?} on {}: {why}", ask.body)
                }
                Said::NotYet(_) => thread::sleep(PAUSE),
            }
        }
    }

    fn ask(&self, url: &str, ask: &Ask) -> Result<Said> {
        let request = self.agent.post(format!("{url}{}", ask.path));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let answer = request.send_json(&ask.body).and_then(|mut answer| {
            let body: Value = answer.body_mut().read_json()?;
            Ok((answer.status().as_u16(), body))
        });
        Ok(match answer {
            Err(error) => Said::NotYet(format!("{url}: {error}")),
            Ok((202, _)) => Said::NotYet(format!("{url}: pending")),
            Ok((_, body)) if body["retryable"] == true => Said::NotYet(format!("{url}: {body}")),
            Ok((status @ (200 | 201 | 409), body)) => Said::Verdict(Verdict { status, body }),
            Ok((status, body)) => bail!("{url} answers {status} to {}: {body}", ask.body),
        })
    }

    pub fn servers(&self) -> usize {
        self.urls.len()
    }

    /// What one server says that is not JSON.
    pub fn text(&self, server: usize, path: &str) -> Result<String> {
        let mut answer = self.agent.get(format!("{}{path}", self.urls[server])).call()?;
        Ok(answer.body_mut().read_to_string()?)
    }

    /// What one server says, whatever its status.
    pub fn get(&self, server: usize, path: &str) -> Result<Verdict> {
        let url = format!("{}{path}", self.urls[server]);
        let mut answer = self.agent.get(&url).call().with_context(|| url.clone())?;
        let status = answer.status().as_u16();
        Ok(Verdict { status, body: answer.body_mut().read_json().context(url)? })
    }
}
