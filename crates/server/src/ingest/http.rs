//! An import into a running server, through its public API alone.

use std::thread;
use std::time::Duration;

use anyhow::bail;
use serde_json::{Value, json};
use topspin_event::{
    CommandEnvelope, CreateMatch, CreateTie, MatchId, NewAnomaly, NewReference, ReferenceKind,
    TieCommandEnvelope, TieId,
};

use super::target::{Taken, Target, Verdict};
use crate::client::{Answer, Client};

/// Anomalies in one request at most, and bytes of them.
const ANOMALIES_A_REQUEST: usize = 50;
const ANOMALY_BYTES_A_REQUEST: usize = 1024 * 1024;

/// Attempts at a request that the server cannot take now, a second apart.
const ATTEMPTS: u32 = 30;

/// A running server.
pub struct Http {
    client: Client,
}

impl Http {
    pub fn new(client: Client) -> Self {
        Http { client }
    }

    /// Posts, and again while the server says that it can be tried again.
    fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let mut attempts = 1;
        loop {
            match self.client.post(path, body)? {
                Answer::Refused { status: 429 | 503 | 504, .. } if attempts < ATTEMPTS => {
                    attempts += 1;
                    thread::sleep(Duration::from_secs(1));
                }
                answer => return Ok(answer),
            }
        }
    }

    fn taken(&self, path: &str, body: &Value) -> anyhow::Result<Taken> {
        taken(self.post(path, body)?, path)
    }

    fn decided(&self, path: &str, body: &Value) -> anyhow::Result<Verdict> {
        match self.post(path, body)? {
            Answer::Accepted(_) => Ok(Verdict::Accepted),
            Answer::Refused { status: 404 | 409 | 412 | 413 | 422, problem } => {
                match problem["code"].as_str() {
                    Some(code) => Ok(Verdict::Rejected(code.to_owned())),
                    None => bail!("the server refuses a command and gives no code: {}", detail(&problem)),
                }
            }
            refused @ Answer::Refused { .. } => refused.accepted("a command").map(|_| Verdict::Accepted),
        }
    }
}

impl Target for Http {
    fn refer(&self, kind: ReferenceKind, item: &NewReference) -> anyhow::Result<Taken> {
        let path = format!("/v1/{}", plural(kind));
        match self.post(&path, &json!(item))? {
            // Known, by what an earlier file or somebody else said of it.
            Answer::Refused { status: 409, problem } if problem["existing_id"] == json!(item.id) => {
                Ok(Taken::Yes)
            }
            answer => taken(answer, &path),
        }
    }

    fn create(&self, create: &CreateMatch) -> anyhow::Result<Taken> {
        self.taken("/v1/matches", &json!(create))
    }

    fn create_tie(&self, create: &CreateTie) -> anyhow::Result<Taken> {
        self.taken("/v1/ties", &json!(create))
    }

    fn submit_tie(&self, id: TieId, envelope: &TieCommandEnvelope) -> anyhow::Result<Verdict> {
        self.decided(&format!("/v1/ties/{id}/commands"), &json!(envelope))
    }

    fn submit(&self, id: MatchId, envelope: &CommandEnvelope) -> anyhow::Result<Verdict> {
        self.decided(&format!("/v1/matches/{id}/commands"), &json!(envelope))
    }

    fn report(&self, anomalies: &[NewAnomaly]) -> anyhow::Result<()> {
        for batch in batches(anomalies) {
            self.post("/v1/anomalies", &json!({ "items": batch }))?.accepted("the anomalies")?;
        }
        Ok(())
    }
}

fn taken(answer: Answer, path: &str) -> anyhow::Result<Taken> {
    match answer {
        Answer::Accepted(_) => Ok(Taken::Yes),
        Answer::Refused { status: 400 | 409 | 413 | 422, problem } => Ok(Taken::No(detail(&problem))),
        refused @ Answer::Refused { .. } => refused.accepted(path).map(|_| Taken::Yes),
    }
}

/// The anomalies in requests that the server takes.
fn batches(anomalies: &[NewAnomaly]) -> Vec<Vec<&NewAnomaly>> {
    let mut batches: Vec<Vec<&NewAnomaly>> = Vec::new();
    let mut bytes = usize::MAX;
    for anomaly in anomalies {
        // JSON text in JSON: escapes make it longer.
        let size = json!(anomaly).to_string().len();
        let full = batches.last().is_none_or(|batch| batch.len() >= ANOMALIES_A_REQUEST);
        if full || bytes.saturating_add(size) > ANOMALY_BYTES_A_REQUEST {
            batches.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(batch) = batches.last_mut() {
            batch.push(anomaly);
        }
    }
    batches
}

fn detail(problem: &Value) -> String {
    let said = problem["detail"].as_str().or(problem["title"].as_str());
    said.unwrap_or("without saying why").to_owned()
}

/// The path of a kind.
const fn plural(kind: ReferenceKind) -> &'static str {
    match kind {
        ReferenceKind::Organisation => "organisations",
        ReferenceKind::Competition => "competitions",
        ReferenceKind::Season => "seasons",
        ReferenceKind::Category => "categories",
        ReferenceKind::Venue => "venues",
        ReferenceKind::Player => "players",
    }
}
