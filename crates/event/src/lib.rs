//! The versioned records on the log with their codecs.
#![deny(missing_docs)]

mod anomaly;
mod canonical;
mod cards;
mod command;
mod device;
mod event;
mod forward;
mod hash;
mod id;
pub mod limits;
mod meta;
#[cfg(feature = "openapi")]
pub mod openapi;
mod pattern;
mod profile;
mod rating;
mod records;
mod reference;
pub mod schema;
mod snapshot;
mod statistics;
mod stroke;
mod tie;
mod time;
mod totals;
mod verdict;
pub mod wire;

pub use anomaly::{Anomaly, NewAnomaly};
pub use canonical::canonical_facts;
pub use cards::{
    CardEnd, CardMoment, CardSubject, ComparisonCard, CourseCard, MatchCard, MatchCards, RecordCard,
};
pub use command::{CommandEnvelope, MatchCommand};
pub use device::{Device, Heartbeat};
pub use event::{Delivery, EventEnvelope, Liveness, MatchEvent, Recorded, UnknownEvent};
pub use forward::{Failure, Outcome, Reply, Request};
pub use hash::{BodyHash, Chain, HashError, PayloadHash, StateHash};
pub use id::{
    AnomalyId, CommandId, CompetitionId, Epoch, ExternalId, ExternalIdError, Label, LabelError, Lease,
    MatchId, OrgId, PlayerId, ReferenceId, Seq, TieId, VenueId,
};
pub use meta::{CreateMatch, Entry, MatchMeta, Move, NewEntry, NewPlayer, ReportedResult};
pub use pattern::{
    LastStroke, LengthTally, MatchStrokes, Placement, PlayerStrokes, ReceivePattern, ServePattern,
    StrokePatterns, StrokePhase, ThirdBallPattern,
};
pub use profile::{AspectTally, PlayerForm, PlayerProfile, PlayerResult};
pub use rating::{MatchRatings, PlayerRating, Rating, RatingListState};
pub use records::{RecordDecision, RecordEntry, RecordList};
pub use reference::{NewReference, Reference, ReferenceDetails, ReferenceKind, UnknownKind};
pub use snapshot::MatchSnapshot;
pub use statistics::{
    LengthCount, Lengths, MatchStatistics, Pressure, SideStatistics, Statistics, Tally, TimeOutEffect,
};
pub use stroke::{Hand, RallyStrokes, Spin, Stance, Strength, Stroke, StrokeClass, Zone, ZoneError};
pub use tie::{
    CreateTie, Team, TieCommandEnvelope, TieEvent, TieEventEnvelope, TieMeta, TieRecorded, TieSnapshot,
    canonical_tie_facts,
};
pub use time::{Precision, Timestamp, TimestampError};
pub use totals::PlayerTotals;
pub use verdict::{RecordedVerdict, Refusal, Verdict};
