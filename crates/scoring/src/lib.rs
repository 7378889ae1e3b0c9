//! Turns commands into events for one partition.

mod answer;
mod home;
pub mod limits;
mod live;
mod page;
mod resource;

pub use answer::{
    Accepted, Answer, CreateError, Created, OpenError, ReadError, RecordError, Refusal, Replayed,
    SubmitError, Verdict,
};
pub use home::{Clock, Home, HomeConfig};
pub use live::{Change, LiveBatch, Subscription, SubscriptionError};
pub use page::{MatchFilter, Page, StatusFilter};
pub use resource::{MatchResource, NamedEntry, NamedPlayer};
