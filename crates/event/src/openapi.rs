//! The JSON forms that are written by hand elsewhere in this crate, as schemas for the `OpenAPI` document.
//!
//! Nothing is ever made of these types. The gateway's tests hold real JSON against them.
#![allow(dead_code, missing_docs)]

use topspin_laws::tie::{TieEvent as LawTieEvent, TieFormat};
use topspin_laws::{Both, Card, Command, Event, Format};
use utoipa::ToSchema;

use crate::{
    CommandId, CompetitionId, Entry, Epoch, ExternalId, Label, Lease, Liveness, MatchId, Move, OrgId,
};
use crate::{Precision, RallyStrokes, ReportedResult, Seq, Team, TieId, Timestamp, VenueId};

/// What is asked of a match. The laws decide most commands; `move`, `report_result` and
/// `record_strokes` are recorded beside them.
#[derive(ToSchema)]
#[schema(as = MatchCommand)]
#[serde(untagged)]
pub enum CommandForm {
    /// A command that the laws decide.
    Law(Command),
    /// A command beside the laws.
    BesideLaws(CommandBesideLaws),
}

/// Commands that the laws know nothing of.
#[derive(ToSchema)]
#[schema(as = CommandBesideLaws)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CommandBesideLaws {
    /// Another table, venue or time.
    Move(Move),
    /// What a source claims as the result.
    ReportResult(ReportedResult),
    /// The strokes of a rally that was scored.
    RecordStrokes(RallyStrokes),
}

/// An event: the recorded part, its hash and link in the chain, and the delivery part.
#[derive(ToSchema)]
#[schema(as = Event)]
pub struct EventForm {
    /// The match.
    pub match_id: MatchId,
    /// The number of its home.
    pub epoch: Epoch,
    /// The position in the match, from 1, gapless.
    pub seq: Seq,
    /// The tablet's number.
    pub lease: Lease,
    /// The laws that decided.
    pub laws_version: u32,
    /// The command that caused it.
    pub command_id: CommandId,
    /// The node that recorded it.
    pub origin: Label,
    /// When it happened, as far as anybody knows.
    pub occurred_at: Option<Timestamp>,
    /// How exactly that is known.
    pub precision: Precision,
    /// When the home's log took the command.
    pub recorded_at: Timestamp,
    /// SHA-256 of the recorded payload, hexadecimal.
    pub payload_sha256: String,
    /// `SHA-256(chain before ‖ payload_sha256)`, hexadecimal.
    pub chain: String,
    /// What happened.
    pub event: EventKindForm,
    /// How it comes.
    pub liveness: Liveness,
    /// When this node received it from another.
    pub received_at: Option<Timestamp>,
    /// When this node passed it on.
    pub published_at: Option<Timestamp>,
}

/// What happened in a match.
#[derive(ToSchema)]
#[schema(as = MatchEvent)]
#[serde(untagged)]
pub enum EventKindForm {
    /// Something that the laws know.
    Law(Event),
    /// Something beside the laws.
    BesideLaws(EventBesideLaws),
}

/// Events that the laws know nothing of.
#[derive(ToSchema)]
#[schema(as = EventBesideLaws)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventBesideLaws {
    /// The match was recorded; always at position 1.
    Created {
        /// What it is.
        #[serde(rename = "match")]
        meta: Box<MetaForm>,
    },
    /// Another table, venue or time.
    Moved(Move),
    /// A source claimed a result.
    ResultReported(ReportedResult),
    /// Somebody recorded the strokes of a rally, in place of those recorded before.
    StrokesRecorded(RallyStrokes),
    /// Written by a later version: passed on as it is.
    Unknown {
        /// The field of the event's kind.
        field: Option<u32>,
        /// What is not understood.
        what: String,
    },
}

/// What a match is, beside its score. Players are ids.
#[derive(ToSchema)]
#[schema(as = MatchMeta)]
pub struct MetaForm {
    /// The match.
    pub id: MatchId,
    /// The tenant.
    pub org: OrgId,
    /// Ids that others gave it.
    pub external_ids: Vec<ExternalId>,
    /// The competition.
    pub competition_id: Option<CompetitionId>,
    /// The category or round.
    pub category: Option<String>,
    /// The tie that it is part of.
    pub tie_id: Option<TieId>,
    /// Where it is played.
    pub venue_id: Option<VenueId>,
    /// The table.
    pub table: Option<String>,
    /// When it should begin.
    pub scheduled_at: Option<Timestamp>,
    /// How it is played.
    pub format: Format,
    /// Who plays.
    pub sides: Both<Entry>,
    /// Cards carried in.
    pub carried_cards: Both<Vec<Card>>,
    /// When the match was recorded.
    pub created_at: Timestamp,
}

/// An event of a tie.
#[derive(ToSchema)]
#[schema(as = TieEvent)]
pub struct TieEventForm {
    /// The tie.
    pub tie_id: TieId,
    /// The number of its home.
    pub epoch: Epoch,
    /// The position in the tie, from 1, gapless.
    pub seq: Seq,
    /// The laws that decided.
    pub laws_version: u32,
    /// The command that caused it.
    pub command_id: CommandId,
    /// The node that recorded it.
    pub origin: Label,
    /// When it happened, as far as anybody knows.
    pub occurred_at: Option<Timestamp>,
    /// How exactly that is known.
    pub precision: Precision,
    /// When the home's log took the command.
    pub recorded_at: Timestamp,
    /// SHA-256 of the recorded payload, hexadecimal.
    pub payload_sha256: String,
    /// `SHA-256(chain before ‖ payload_sha256)`, hexadecimal.
    pub chain: String,
    /// What happened.
    pub event: TieEventKindForm,
}

/// What happened in a tie.
#[derive(ToSchema)]
#[schema(as = TieEventKind)]
#[serde(untagged)]
pub enum TieEventKindForm {
    /// Something that the laws of ties know.
    Law(LawTieEvent),
    /// Something beside the laws.
    BesideLaws(TieEventBesideLaws),
}

/// Events of ties that the laws know nothing of.
#[derive(ToSchema)]
#[schema(as = TieEventBesideLaws)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TieEventBesideLaws {
    /// The tie was recorded; always at position 1.
    Created {
        /// What it is.
        tie: Box<TieMetaForm>,
    },
    /// Written by a later version: passed on as it is.
    Unknown {
        /// The field of the event's kind.
        field: Option<u32>,
        /// What is not understood.
        what: String,
    },
}

/// What a tie is, beside its score.
#[derive(ToSchema)]
#[schema(as = TieMeta)]
pub struct TieMetaForm {
    /// The tie.
    pub id: TieId,
    /// The tenant.
    pub org: OrgId,
    /// Ids that others gave it.
    pub external_ids: Vec<ExternalId>,
    /// The competition.
    pub competition_id: Option<CompetitionId>,
    /// The category or round.
    pub category: Option<String>,
    /// Where it is played.
    pub venue_id: Option<VenueId>,
    /// When it should begin.
    pub scheduled_at: Option<Timestamp>,
    /// Its matches and how many win it.
    pub format: TieFormat,
    /// The teams.
    pub sides: Both<Team>,
    /// When the tie was recorded.
    pub created_at: Timestamp,
}
