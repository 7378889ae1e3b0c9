//! The home of this node's matches.

use std::path::Path;
use std::sync::Arc;

use topspin_event::{
    Anomaly, CommandEnvelope, CreateMatch, Device, EventEnvelope, ExternalId, Heartbeat, Label, MatchId,
    MatchSnapshot, NewAnomaly, NewReference, OrgId, Reference, ReferenceId, ReferenceKind, Seq, Timestamp,
};
use topspin_log::{Log, Offset, Partition as PartitionNumber};
use topspin_runtime::CallError;

use crate::answer::{Answer, CreateError, Created, OpenError, ReadError, RecordError, Replayed, SubmitError};
use crate::live::{Change, LiveBatch, Subscription};
use crate::page::{MatchFilter, Page};
use crate::resource::MatchResource;

/// Tells the time. Only the binary chooses which.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What a home needs to know about itself.
#[derive(Clone)]
pub struct HomeConfig {
    /// The tenant that new records belong to.
    pub org: OrgId,
    /// The node's label: the origin of its events.
    pub origin: Label,
    /// Partitions of every topic; fixed when a log is new.
    pub partitions: u32,
    /// Matches whose fold is kept in memory, for one partition; [`crate::limits::HOT_MATCHES`].
    pub hot_matches: usize,
    /// The time.
    pub clock: Clock,
}

/// Every partition of this node: where commands are decided, and where matches are read. Cheap to clone.
///
/// What a call has answered is durable on the log, and every later read of this home sees it.
#[derive(Clone)]
pub struct Home {}

impl Home {
    /// Makes the topics if they are missing, opens the store in `store_dir` (made or filled again where needed), reads
    /// the log past what the store has applied, and starts the partitions.
    ///
    /// # Errors
    /// [`OpenError`] as its variants say.
    pub async fn open(_log: Arc<dyn Log>, _store_dir: &Path, _config: HomeConfig) -> Result<Self, OpenError> {
        Ok(Home {})
    }

    /// Creates a match, with the players that are not known yet. Repeating it answers with the match as it is now.
    ///
    /// # Errors
    /// [`CreateError`] as its variants say.
    pub async fn create_match(&self, _new: CreateMatch) -> Result<Created, CreateError> {
        Err(CallError::Closed.into())
    }

    /// Has a command decided. `Ok` is a durable verdict, accepted or refused.
    ///
    /// # Errors
    /// [`SubmitError`] as its variants say.
    pub async fn submit(
        &self,
        _match_id: MatchId,
        _envelope: CommandEnvelope,
    ) -> Result<Answer, SubmitError> {
        Err(CallError::Closed.into())
    }

    /// A match as it is; `None` if it is not here.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn match_snapshot(&self, _id: MatchId) -> Result<Option<MatchSnapshot>, ReadError> {
        Ok(None)
    }

    /// The match resource of a snapshot: with the names of its players as they are now.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn resource(&self, _snapshot: &MatchSnapshot) -> Result<MatchResource, ReadError> {
        Err(ReadError::BadCursor)
    }

    /// The events of a match from position `from` (inclusive), in order, at most `limit` and
    /// [`crate::limits::MAX_EVENTS`].
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn events(&self, _id: MatchId, _from: Seq, _limit: usize) -> Result<Vec<EventEnvelope>, ReadError> {
        Ok(Vec::new())
    }

    /// As [`Home::events`], with the match as it was after each event.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn changes(&self, _id: MatchId, _from: Seq, _limit: usize) -> Result<Vec<Change>, ReadError> {
        Ok(Vec::new())
    }

    /// A page of matches, newest first by `scheduled_at`, else `created_at`.
    ///
    /// # Errors
    /// [`ReadError::BadCursor`], or if the store fails.
    pub fn matches(
        &self,
        _filter: &MatchFilter,
        _cursor: Option<&str>,
        _limit: usize,
    ) -> Result<Page<MatchSnapshot>, ReadError> {
        Ok(Page { items: Vec::new(), next_cursor: None })
    }

    /// The match with an external id.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn find_match(&self, _external_id: &ExternalId) -> Result<Option<MatchId>, ReadError> {
        Ok(None)
    }

    /// Creates an item of reference data; if one with the id or an external id is there, answers with that one.
    ///
    /// # Errors
    /// [`RecordError`] as its variants say.
    pub async fn create_reference(
        &self,
        _kind: ReferenceKind,
        _new: NewReference,
    ) -> Result<(Reference, Replayed), RecordError> {
        Err(CallError::Closed.into())
    }

    /// An item of reference data.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn reference(&self, _kind: ReferenceKind, _id: ReferenceId) -> Result<Option<Reference>, ReadError> {
        Ok(None)
    }

    /// The item with an external id.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn find_reference(
        &self,
        _kind: ReferenceKind,
        _external_id: &ExternalId,
    ) -> Result<Option<ReferenceId>, ReadError> {
        Ok(None)
    }

    /// A page of reference data, by id.
    ///
    /// # Errors
    /// [`ReadError::BadCursor`], or if the store fails.
    pub fn references(
        &self,
        _kind: ReferenceKind,
        _cursor: Option<&str>,
        _limit: usize,
    ) -> Result<Page<Reference>, ReadError> {
        Ok(Page { items: Vec::new(), next_cursor: None })
    }

    /// Keeps an anomaly. One with the same id is kept once; the answer says whether it was there.
    ///
    /// # Errors
    /// [`RecordError`] as its variants say.
    pub async fn record_anomaly(&self, _fault: NewAnomaly) -> Result<Replayed, RecordError> {
        Err(CallError::Closed.into())
    }

    /// A page of anomalies, oldest first.
    ///
    /// # Errors
    /// [`ReadError::BadCursor`], or if the store fails.
    pub fn anomalies(&self, _cursor: Option<&str>, _limit: usize) -> Result<Page<Anomaly>, ReadError> {
        Ok(Page { items: Vec::new(), next_cursor: None })
    }

    /// Records a tablet's sign of life.
    ///
    /// # Errors
    /// [`RecordError`] as its variants say.
    pub async fn heartbeat(&self, _device: Label, _heartbeat: Heartbeat) -> Result<Device, RecordError> {
        Err(CallError::Closed.into())
    }

    /// Every tablet that was heard of, by label.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn devices(&self) -> Result<Vec<Device>, ReadError> {
        Ok(Vec::new())
    }

    /// What is committed from now on, in every partition. A subscriber that lags more than
    /// [`crate::limits::LIVE_BATCHES`] is told so; it goes on with [`Home::changes`] or [`Home::catch_up`].
    pub fn subscribe(&self) -> Subscription {
        Subscription::closed()
    }

    /// The last event of every partition that has one: what a cursor across matches begins with.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn positions(&self) -> Result<Vec<(PartitionNumber, Offset)>, ReadError> {
        Ok(Vec::new())
    }

    /// The partitions of `match-events`.
    pub fn partitions(&self) -> Vec<PartitionNumber> {
        Vec::new()
    }

    /// What a partition committed after `after` (exclusive; `None`: from its first event), for a cursor across matches.
    ///
    /// # Errors
    /// [`ReadError`] if the log or the store fails.
    pub async fn catch_up(
        &self,
        _partition: PartitionNumber,
        _after: Option<Offset>,
        _limit: usize,
    ) -> Result<Vec<LiveBatch>, ReadError> {
        Ok(Vec::new())
    }

    /// Takes no more requests, finishes those accepted, and ends the partitions.
    pub async fn shutdown(&self) {}
}
