//! Turns commands into events for one partition.

mod answer;
mod catch_up;
mod claims;
mod cluster;
mod decision;
mod entrants;
mod entry;
mod fold;
mod history;
mod home;
mod hot;
pub mod limits;
mod live;
mod page;
mod preconditions;
mod reading;
mod records;
mod referents;
mod resource;
mod scorer;
mod strokes;
mod submission;
mod tables;
mod tie_fold;
mod tie_history;
mod tie_submission;
mod ties;
mod topics;

pub use answer::{
    Accepted, Answer, CreateError, Created, OpenError, ReadError, RecordError, Replayed, SubmitError,
    UnknownReference, Verdict,
};
pub use cluster::LaneStatus;
pub use home::{Clock, Home, HomeConfig};
pub use live::{Change, LiveBatch, Subscription, SubscriptionError, TieChange};
pub use page::{MatchFilter, Page, StatusFilter};
pub use resource::{MatchResource, NamedEntry, NamedPlayer};
pub use ties::{TieAccepted, TieAnswer, TieCreateError, TieCreated, TieResource, TieVerdict};
pub use topics::{contracts, replies, requests};
pub use topspin_event::Refusal;
pub use topspin_runtime::Condition;
