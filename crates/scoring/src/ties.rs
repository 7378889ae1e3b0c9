//! Ties: what the home is asked about them and answers.

use serde::Serialize;
use topspin_event::{
    Chain, CommandId, CompetitionId, CreateTie, Epoch, ExternalId, OrgId, Refusal, Request, Seq, StateHash,
    Team, TieCommandEnvelope, TieEventEnvelope, TieId, TieMeta, TieSnapshot, Timestamp, VenueId, wire,
};
use topspin_laws::tie::{TieFacts, TieFormat, TieMatch, TieStatus};
use topspin_laws::{Both, Certainty, Side};
use topspin_log::partition_for;
use topspin_runtime::{AppendError, CallError, StoreError};

use crate::answer::{ReadError, Replayed, SubmitError, UnknownReference};
use crate::home::{Home, unreachable_reply};
use crate::live::TieChange;
use crate::page::Page;
use crate::scorer::Reply;
use crate::tables::{Ties, bad_row};
use crate::{claims, entry, reading, referents, tie_history};

/// The answer to a command to a tie; as [`crate::Answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieAnswer {
    /// What was decided.
    pub verdict: TieVerdict,
    /// Whether the command had been decided before.
    pub replayed: Replayed,
}

/// What was decided about a command to a tie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TieVerdict {
    /// It happened.
    Accepted(Box<TieAccepted>),
    /// It may not happen.
    Refused(Refusal),
}

/// A command to a tie that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieAccepted {
    /// The command.
    pub command_id: CommandId,
    /// The position of its first event.
    pub from_seq: Seq,
    /// The events, in order.
    pub events: Vec<TieEventEnvelope>,
    /// The tie after the last of them.
    pub snapshot: TieSnapshot,
}

/// A tie that is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieCreated {
    /// The tie as it is.
    pub snapshot: TieSnapshot,
    /// Whether it was there before.
    pub replayed: Replayed,
}

/// A tie was not created.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TieCreateError {
    /// Another tie has the id or an external id.
    #[error("tie {existing} has this id or external id, and is another tie")]
    AlreadyExists {
        /// The tie that has it.
        existing: TieId,
    },
    /// Neither an id nor an external id to derive one from.
    #[error("a tie needs an id or an external id")]
    IdMissing,
    /// A field makes no sense.
    #[error("{field}: {problem}")]
    Invalid {
        /// Where, as a path in the body.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// The tie would be too large to be recorded.
    #[error("the tie is too large")]
    TooLarge,
    /// A field refers to what is not here.
    #[error(transparent)]
    Unknown(#[from] UnknownReference),
    /// The partition did not handle it.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What is derived from the log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TieCreateError {
    /// Whether the same creation can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            TieCreateError::Call(error) => error.is_retryable(),
            TieCreateError::Store(error) => error.is_retryable(),
            TieCreateError::AlreadyExists { .. }
            | TieCreateError::IdMissing
            | TieCreateError::Invalid { .. }
            | TieCreateError::Unknown(_)
            | TieCreateError::TooLarge => false,
        }
    }
}

impl From<AppendError> for TieCreateError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::TooLarge { .. } => TieCreateError::TooLarge,
            AppendError::Store(error) => TieCreateError::Store(error),
        }
    }
}

impl Home {
    /// Creates a tie. Repeating it answers with the tie as it is now.
    ///
    /// # Errors
    /// [`TieCreateError`] as its variants say.
    pub async fn create_tie(&self, new: CreateTie) -> Result<TieCreated, TieCreateError> {
        entry::check_tie(&new)?;
        let _claims = self.0.claims.of_tie(&new.external_ids).await;
        let id = claims::tie_id(&self.0.store, self.0.config.org, &new)?;
        let meta = TieMeta {
            id,
            org: self.0.config.org,
            external_ids: new.external_ids,
            competition_id: new.competition_id,
            category: new.category,
            venue_id: new.venue_id,
            scheduled_at: new.scheduled_at,
            format: new.format,
            sides: new.sides,
            created_at: Timestamp::EPOCH,
        };
        if self.0.store.get(Ties::NAME, id.0.as_bytes())?.is_none() {
            match referents::of_tie(&self.0.store, &meta) {
                Err(TieCreateError::Unknown(_)) if self.hears_from_others().await => {
                    referents::of_tie(&self.0.store, &meta)?;
                }
                known => known?,
            }
        }
        match self.call(self.partition_of_tie(id), Request::CreateTie(Box::new(meta))).await? {
            Reply::TieCreated(created) => created.map(|created| *created),
            other => unreachable_reply(&other),
        }
    }

    /// Has a command to a tie decided; as [`Home::submit`].
    ///
    /// # Errors
    /// [`SubmitError`] as its variants say.
    pub async fn submit_tie(
        &self,
        tie_id: TieId,
        envelope: TieCommandEnvelope,
    ) -> Result<TieAnswer, SubmitError> {
        let request = Request::SubmitTie(tie_id, Box::new(envelope));
        match self.call(self.partition_of_tie(tie_id), request).await? {
            Reply::TieDecided(answer) => answer.map(|answer| *answer),
            other => unreachable_reply(&other),
        }
    }

    /// A tie as it is; `None` if it is not here.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn tie_snapshot(&self, id: TieId) -> Result<Option<TieSnapshot>, ReadError> {
        reading::tie_snapshot(&self.0.store, id)
    }

    /// The events of a tie from position `from` (inclusive), in order.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn tie_events(&self, id: TieId, from: Seq, limit: usize) -> Result<Vec<TieEventEnvelope>, ReadError> {
        Ok(tie_history::events(&self.0.store, id, from, limit)?)
    }

    /// The events of a tie from position `from` (inclusive) on, with the tie as it was after each.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn tie_changes(&self, id: TieId, from: Seq) -> Result<Vec<TieChange>, ReadError> {
        Ok(tie_history::changes(&self.0.store, id, from)?)
    }

    /// A page of ties, by id.
    ///
    /// # Errors
    /// [`ReadError::BadCursor`], or if the store fails.
    pub fn ties(&self, cursor: Option<&str>, limit: usize) -> Result<Page<TieSnapshot>, ReadError> {
        self.page((Ties::NAME, bytes::Bytes::new()), cursor, limit, |stored| {
            wire::decode_tie_snapshot(stored).map_err(|error| bad_row(Ties::NAME, error))
        })
    }

    /// The tie with an external id.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn find_tie(&self, external_id: &ExternalId) -> Result<Option<TieId>, ReadError> {
        Ok(claims::find(&self.0.store, "tie", external_id)?.map(TieId))
    }

    fn partition_of_tie(&self, id: TieId) -> topspin_log::Partition {
        partition_for(id.to_string().as_bytes(), self.0.config.partitions)
    }
}

/// A tie as the API shows it; fields that repeat `state`'s are for those who do not check hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Tie))]
pub struct TieResource {
    pub id: TieId,
    pub external_ids: Vec<ExternalId>,
    pub org: OrgId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub competition_id: Option<CompetitionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue_id: Option<VenueId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    pub status: TieStatus,
    pub certainty: Certainty,
    pub format: TieFormat,
    pub sides: Both<Team>,
    pub score: Both<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<Side>,
    pub matches: Vec<TieMatch>,
    /// The hashed member.
    pub state: TieFacts,
    pub epoch: Epoch,
    pub seq: Seq,
    pub chain: Chain,
    pub state_hash: StateHash,
    pub laws_version: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<&TieSnapshot> for TieResource {
    fn from(snapshot: &TieSnapshot) -> Self {
        let (meta, facts) = (&snapshot.meta, &snapshot.facts);
        TieResource {
            id: meta.id,
            external_ids: meta.external_ids.clone(),
            org: meta.org,
            competition_id: meta.competition_id,
            category: meta.category.clone(),
            venue_id: meta.venue_id,
            scheduled_at: meta.scheduled_at,
            status: facts.status,
            certainty: facts.certainty,
            format: meta.format.clone(),
            sides: meta.sides.clone(),
            score: facts.score,
            winner: facts.winner,
            matches: facts.matches.clone(),
            state: facts.clone(),
            epoch: snapshot.epoch,
            seq: snapshot.seq,
            chain: snapshot.chain,
            state_hash: snapshot.state_hash.clone(),
            laws_version: snapshot.laws_version,
            created_at: meta.created_at,
            updated_at: snapshot.updated_at,
        }
    }
}
