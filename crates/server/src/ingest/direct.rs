//! An import into a data directory, without a server.

use std::path::Path;

use anyhow::Context as _;
use tokio::runtime::Runtime;
use topspin_event::{
    CommandEnvelope, CreateMatch, CreateTie, MatchId, NewAnomaly, NewReference, ReferenceKind, Refusal,
    TieCommandEnvelope, TieId,
};
use topspin_scoring::{self as scoring, RecordError};

use super::target::{Taken, Target, Verdict};
use crate::engine::KafkaArgs;
use crate::node::Node;

/// A node of this process.
pub struct Direct {
    runtime: Runtime,
    node: Node,
}

impl Direct {
    /// Opens the data directory, which is made if there is none.
    pub fn open(data: &Path, kafka: &KafkaArgs) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.context("cannot start threads")?;
        let node = runtime.block_on(Node::open(data, None, kafka))?;
        Ok(Direct { runtime, node })
    }

    /// Where the matches are.
    #[cfg(test)]
    pub fn home(&self) -> &scoring::Home {
        &self.node.home
    }

    /// Finishes what was accepted and closes the log.
    pub fn close(self) {
        self.runtime.block_on(self.node.close());
    }
}

impl Target for Direct {
    fn refer(&self, kind: ReferenceKind, item: &NewReference) -> anyhow::Result<Taken> {
        match self.runtime.block_on(self.node.home.create_reference(kind, item.clone())) {
            Ok(_) => Ok(Taken::Yes),
            // Known, by what an earlier file or somebody else said of it.
            Err(RecordError::AlreadyExists { existing }) if Some(existing) == item.id => Ok(Taken::Yes),
            Err(error) if error.is_retryable() => Err(error).context("writing reference data"),
            Err(error) => Ok(Taken::No(error.to_string())),
        }
    }

    fn create(&self, create: &CreateMatch) -> anyhow::Result<Taken> {
        match self.runtime.block_on(self.node.home.create_match(create.clone())) {
            Ok(_) => Ok(Taken::Yes),
            Err(error) if error.is_retryable() => Err(error).context("creating a match"),
            Err(error) => Ok(Taken::No(error.to_string())),
        }
    }

    fn submit(&self, id: MatchId, envelope: &CommandEnvelope) -> anyhow::Result<Verdict> {
        match self.runtime.block_on(self.node.home.submit(id, envelope.clone())) {
            Ok(answer) => Ok(match answer.verdict {
                scoring::Verdict::Accepted(_) => Verdict::Accepted,
                scoring::Verdict::Refused(refusal) => rejected(refusal),
            }),
            Err(error) => undecided(error),
        }
    }

    fn create_tie(&self, create: &CreateTie) -> anyhow::Result<Taken> {
        match self.runtime.block_on(self.node.home.create_tie(create.clone())) {
            Ok(_) => Ok(Taken::Yes),
            Err(error) if error.is_retryable() => Err(error).context("creating a tie"),
            Err(error) => Ok(Taken::No(error.to_string())),
        }
    }

    fn submit_tie(&self, id: TieId, envelope: &TieCommandEnvelope) -> anyhow::Result<Verdict> {
        match self.runtime.block_on(self.node.home.submit_tie(id, envelope.clone())) {
            Ok(answer) => Ok(match answer.verdict {
                scoring::TieVerdict::Accepted(_) => Verdict::Accepted,
                scoring::TieVerdict::Refused(refusal) => rejected(refusal),
            }),
            Err(error) => undecided(error),
        }
    }

    fn report(&self, anomalies: &[NewAnomaly]) -> anyhow::Result<()> {
        self.runtime.block_on(async {
            for anomaly in anomalies {
                self.node.home.record_anomaly(anomaly.clone()).await.context("recording an anomaly")?;
            }
            Ok(())
        })
    }
}

fn rejected(refusal: Refusal) -> Verdict {
    match refusal {
        Refusal::Law { code, .. } => Verdict::Rejected(code),
        other => Verdict::Rejected(format!("{other:?}")),
    }
}

/// What an error says about the command, if it is about the command.
fn undecided(error: scoring::SubmitError) -> anyhow::Result<Verdict> {
    match error {
        scoring::SubmitError::CommandIdReused(_) => Ok(Verdict::Rejected("command_id_reused".to_owned())),
        scoring::SubmitError::MatchNotFound(_)
        | scoring::SubmitError::TieNotFound(_)
        | scoring::SubmitError::Invalid { .. }
        | scoring::SubmitError::TooLarge => Ok(Verdict::Rejected(error.to_string())),
        error => Err(error).context("submitting a command"),
    }
}
