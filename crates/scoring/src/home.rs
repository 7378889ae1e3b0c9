//! The home of this node's matches.

use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, broadcast, watch};
use tokio::task::JoinHandle;
use topspin_event::{
    CommandEnvelope, CreateMatch, Device, Heartbeat, Label, MatchId, MatchMeta, NewAnomaly, NewReference,
    OrgId, Reference, ReferenceKind, Request, Timestamp,
};
use topspin_log::{Log, Partition as PartitionNumber, TransactionalId, partition_for};
use topspin_runtime::{CallError, Condition, Partition, PartitionConfig, RecoveryError, StartError, Store};

use crate::answer::{Answer, CreateError, Created, OpenError, ReadError, RecordError, Replayed, SubmitError};
use crate::claims::Claims;
use crate::cluster::{Cluster, LaneStatus};
use crate::limits::LIVE_BATCHES;
use crate::live::{Audience, LiveBatch, Subscription};
use crate::scorer::{Reply, Scorer, Work};
use crate::topics::{self, Lane};
use crate::{claims, entrants, entry, referents, tables};

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
pub struct Home(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) store: Store,
    pub(crate) config: HomeConfig,
    pub(crate) lanes: Vec<Lane>,
    deciders: Deciders,
    /// Until the shutdown, so that subscribers see the end.
    live: std::sync::Mutex<Option<broadcast::Sender<Arc<LiveBatch>>>>,
    ties: watch::Sender<()>,
    pub(crate) claims: Claims,
}

/// Who decides.
enum Deciders {
    /// This process, everything.
    Alone { partitions: Vec<Partition<Scorer>>, tasks: Mutex<Vec<JoinHandle<()>>> },
    /// The processes of a cluster, each its part.
    Shared(Cluster),
}

impl Home {
    /// Opens the home of all matches of a log that no other process writes.
    ///
    /// Makes the topics if they are missing, opens the store in `store_dir` (made or filled again where needed), reads
    /// the log past what the store has applied, and starts the partitions.
    ///
    /// # Errors
    /// [`OpenError`] as its variants say.
    pub async fn open(log: Arc<dyn Log>, store_dir: &Path, config: HomeConfig) -> Result<Self, OpenError> {
        let (store, audience) = prepare(log.as_ref(), store_dir, &config).await?;
        let (partitions, tasks) = match start(&log, &store, &config, &audience).await {
            Err(StartError::Recovery(RecoveryError::ForeignStore { partition, applied, end })) => {
                tracing::warn!(%partition, %applied, %end, "the store is of another log: it is filled again");
                store.clear()?;
                start(&log, &store, &config, &audience).await?
            }
            started => started?,
        };
        let deciders = Deciders::Alone { partitions, tasks: Mutex::new(tasks) };
        Ok(Self::new(log, store, config, (audience, deciders)))
    }

    /// Opens a home on a log that other processes write too: each decides a part of the matches, and has all of them.
    /// The label of each is its own.
    ///
    /// # Errors
    /// [`OpenError`] as its variants say.
    pub async fn join(log: Arc<dyn Log>, store_dir: &Path, config: HomeConfig) -> Result<Self, OpenError> {
        let (store, audience) = prepare(log.as_ref(), store_dir, &config).await?;
        let shared = (log.clone(), store.clone(), config.clone(), audience.clone());
        let cluster = Cluster::join(shared.0, shared.1, shared.2, shared.3).await?;
        Ok(Self::new(log, store, config, (audience, Deciders::Shared(cluster))))
    }

    fn new(
        log: Arc<dyn Log>,
        store: Store,
        config: HomeConfig,
        (audience, deciders): (Audience, Deciders),
    ) -> Self {
        let lanes = (0..config.partitions).map(Lane::new).collect();
        let Audience { matches, ties } = audience;
        let live = std::sync::Mutex::new(Some(matches));
        let claims = Claims::new();
        Home(Arc::new(Inner { log, store, config, lanes, deciders, live, ties, claims }))
    }

    /// Creates a match, with the players that are not known yet. Repeating it answers with the match as it is now. A
    /// creation that is refused records nobody.
    ///
    /// # Errors
    /// [`CreateError`] as its variants say.
    pub async fn create_match(&self, new: CreateMatch) -> Result<Created, CreateError> {
        entry::check(&new)?;
        let _claims = self.0.claims.of_match(self.0.config.org, &new).await;
        let id = claims::match_id(&self.0.store, self.0.config.org, &new)?;
        let players = entrants::external_ids(&new.sides);
        let _players = self.0.claims.of_reference(ReferenceKind::Player, &players).await;
        let (meta, named, allowed) = match self.describe(id, new.clone())? {
            (.., Err(CreateError::Unknown(_))) if self.hears_from_others().await => self.describe(id, new)?,
            described => described,
        };
        let partition = topics::of_match(id, self.0.config.partitions);
        if !named.is_empty() || allowed.is_err() {
            // What is refused to a new match is no reason against one that is there. The players come first, so that
            // nobody sees the match without their names; but only if it can come. What is found here stays so: nobody
            // else creates the match while its id is held.
            match self.call(partition, Request::Find(Box::new(meta.clone()))).await? {
                Reply::Found(found) => {
                    if let Some(created) = found? {
                        return Ok(*created);
                    }
                }
                other => unreachable_reply(&other),
            }
            allowed?;
            for player in named {
                self.record_player(player).await?;
            }
        }
        match self.call(partition, Request::Create(Box::new(meta))).await? {
            Reply::Created(created) => created.map(|created| *created),
            other => unreachable_reply(&other),
        }
    }

    /// What a new match is, its players that may have to be recorded, and whether it may be created if it is not there.
    fn describe(&self, id: MatchId, new: CreateMatch) -> Result<Described, CreateError> {
        let entrants = entrants::resolve(&self.0.store, (self.0.config.org, id), new.sides)?;
        let meta = MatchMeta {
            id,
            org: self.0.config.org,
            external_ids: new.external_ids,
            competition_id: new.competition_id,
            category: new.category,
            tie_id: new.tie_id,
            venue_id: new.venue_id,
            table: new.table,
            scheduled_at: new.scheduled_at,
            format: new.format,
            sides: entrants.sides,
            carried_cards: new.carried_cards,
            created_at: Timestamp::EPOCH,
        };
        let allowed = entrants.refused.map_or_else(|| referents::of_match(&self.0.store, &meta), Err);
        Ok((meta, entrants.named, allowed))
    }

    /// Records a player whose external ids are held.
    async fn record_player(&self, player: NewReference) -> Result<(), CreateError> {
        let recorded = self.record_reference(ReferenceKind::Player, player).await;
        recorded.map(|_| ()).map_err(|error| match error {
            RecordError::Call(error) => CreateError::Call(error),
            RecordError::Store(error) => CreateError::Store(error),
            RecordError::Invalid { field, problem } => CreateError::Invalid { field, problem },
            RecordError::TooLarge => CreateError::TooLarge,
            RecordError::AlreadyExists { existing } => CreateError::Invalid {
                field: "sides".to_owned(),
                problem: format!("{existing} has this external id"),
            },
            RecordError::Unknown(unknown) => CreateError::Unknown(unknown),
            RecordError::IdMissing => CreateError::IdMissing,
        })
    }

    /// Has a command decided. `Ok` is a durable verdict, accepted or refused.
    ///
    /// # Errors
    /// [`SubmitError`] as its variants say.
    pub async fn submit(&self, match_id: MatchId, envelope: CommandEnvelope) -> Result<Answer, SubmitError> {
        entry::check_command(&envelope.command)?;
        let partition = topics::of_match(match_id, self.0.config.partitions);
        match self.call(partition, Request::Submit(match_id, Box::new(envelope))).await? {
            Reply::Decided(answer) => answer.map(|answer| *answer),
            other => unreachable_reply(&other),
        }
    }

    /// Creates an item of reference data. Repeating it answers with the item as it is; asking for one that is there and
    /// says something else is refused.
    ///
    /// # Errors
    /// [`RecordError`] as its variants say.
    pub async fn create_reference(
        &self,
        kind: ReferenceKind,
        new: NewReference,
    ) -> Result<(Reference, Replayed), RecordError> {
        entry::check_reference(&new)?;
        let _claims = self.0.claims.of_reference(kind, &new.external_ids).await;
        let id = claims::reference_id(&self.0.store, self.0.config.org, kind, &new)?;
        if !referents::is_there(&self.0.store, kind, id.0)? {
            match referents::of_reference(&self.0.store, kind, &new) {
                Err(RecordError::Unknown(_)) if self.hears_from_others().await => {
                    referents::of_reference(&self.0.store, kind, &new)?;
                }
                known => known?,
            }
        }
        let (item, replayed) = self.record_reference(kind, new.clone()).await?;
        if referents::says(&item, &new) {
            Ok((item, replayed))
        } else {
            Err(RecordError::AlreadyExists { existing: item.id })
        }
    }

    /// As [`Home::create_reference`], for whoever holds the external ids.
    async fn record_reference(
        &self,
        kind: ReferenceKind,
        new: NewReference,
    ) -> Result<(Reference, Replayed), RecordError> {
        let id = claims::reference_id(&self.0.store, self.0.config.org, kind, &new)?;
        let item = Reference {
            kind,
            id,
            org: self.0.config.org,
            external_ids: new.external_ids,
            details: new.details,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
        };
        let partition = self.partition_of(&format!("{kind}/{id}"));
        match self.call(partition, Request::Refer(Box::new(item))).await? {
            Reply::Referred(referred) => referred.map(|(item, replayed)| (*item, replayed)),
            other => unreachable_reply(&other),
        }
    }

    /// Keeps an anomaly. One with the same id is kept once; the answer says whether it was there.
    ///
    /// # Errors
    /// [`RecordError`] as its variants say.
    pub async fn record_anomaly(&self, fault: NewAnomaly) -> Result<Replayed, RecordError> {
        let partition = self.partition_of(&fault.id.to_string());
        match self.call(partition, Request::Report(Box::new(entry::cut(fault)))).await? {
            Reply::Reported(reported) => reported,
            other => unreachable_reply(&other),
        }
    }

    /// Records a tablet's sign of life.
    ///
    /// # Errors
    /// [`RecordError`] as its variants say.
    pub async fn heartbeat(&self, device: Label, heartbeat: Heartbeat) -> Result<Device, RecordError> {
        entry::check_heartbeat(&heartbeat)?;
        let partition = self.partition_of(device.as_str());
        let device = Device { device, heartbeat, heard_at: Timestamp::EPOCH, clock_offset_ms: 0 };
        match self.call(partition, Request::Hear(Box::new(device))).await? {
            Reply::Heard(heard) => heard.map(|device| *device),
            other => unreachable_reply(&other),
        }
    }

    /// What is committed from now on, in every partition. A subscriber that lags more than
    /// [`crate::limits::LIVE_BATCHES`] is told so; it goes on with [`Home::changes`] or [`Home::catch_up`].
    pub fn subscribe(&self) -> Subscription {
        let live = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = || broadcast::channel(1).1;
        Subscription::new(live.as_ref().map_or_else(closed, broadcast::Sender::subscribe))
    }

    /// Changes whenever a tie has; what has changed is read with [`Home::tie_changes`].
    pub fn ties_changed(&self) -> watch::Receiver<()> {
        self.0.ties.subscribe()
    }

    /// Everything that is derived from the log, to compare two stores of one log.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn dump_store(&self) -> Result<Vec<(&'static str, topspin_runtime::Row)>, ReadError> {
        Ok(self.0.store.dump()?)
    }

    /// How each lane is: for metrics and readiness.
    pub fn lanes(&self) -> Vec<LaneStatus> {
        match &self.0.deciders {
            Deciders::Alone { partitions, .. } => {
                let status = |(partition, lane): (&Partition<Scorer>, &Lane)| LaneStatus {
                    partition: lane.number(),
                    owned: true,
                    waiting: partition.waiting(),
                    behind: 0,
                    stale: None,
                };
                partitions.iter().zip(&self.0.lanes).map(status).collect()
            }
            Deciders::Shared(cluster) => cluster.lanes(),
        }
    }

    /// How the lane of a match is.
    pub fn lane_of(&self, id: MatchId) -> LaneStatus {
        self.lanes().swap_remove(topics::of_match(id, self.0.config.partitions).0 as usize)
    }

    /// Requests that wait for other processes.
    pub fn forwarded(&self) -> usize {
        match &self.0.deciders {
            Deciders::Alone { .. } => 0,
            Deciders::Shared(cluster) => cluster.forwarded(),
        }
    }

    /// How often lanes have moved between processes, as far as this one has heard.
    pub fn rebalances(&self) -> u64 {
        match &self.0.deciders {
            Deciders::Alone { .. } => 0,
            Deciders::Shared(cluster) => cluster.rebalances(),
        }
    }

    /// For how long what this home answers about a match may have been out of date, if that is too long; about anything,
    /// if no match is named.
    pub fn stale(&self, id: Option<MatchId>) -> Option<Duration> {
        match &self.0.deciders {
            Deciders::Alone { .. } => None,
            Deciders::Shared(cluster) => {
                cluster.stale(id.map(|id| topics::of_match(id, self.0.config.partitions)))
            }
        }
    }

    /// Whether every partition serves; if not, which has failed first by number, and why.
    pub fn condition(&self) -> Condition {
        // What fails in a cluster is tried again.
        let Deciders::Alone { partitions, .. } = &self.0.deciders else { return Condition::Running };
        let failed = |partition: &Partition<Scorer>| match partition.condition() {
            Condition::Running => None,
            Condition::Fenced => Some(CallError::Fenced.to_string()),
            Condition::Failed { reason } => Some(reason),
        };
        let mut reasons = partitions.iter().map(failed).enumerate();
        let first = reasons.find_map(|(number, reason)| Some((number, reason?)));
        first.map_or(Condition::Running, |(number, reason)| Condition::Failed {
            reason: format!("partition {number}: {reason}"),
        })
    }

    /// Takes no more requests, finishes those accepted, and ends the partitions.
    pub async fn shutdown(&self) {
        match &self.0.deciders {
            Deciders::Alone { partitions, tasks } => {
                for partition in partitions {
                    partition.close();
                }
                self.end_live();
                for task in tasks.lock().await.drain(..) {
                    if let Err(error) = task.await {
                        tracing::error!(%error, "a partition did not end well");
                    }
                }
            }
            Deciders::Shared(cluster) => {
                self.end_live();
                cluster.shutdown().await;
            }
        }
    }

    /// Whether other processes decide too. Then what they had decided is here now: nothing is missing that somebody was
    /// told is there.
    pub(crate) async fn hears_from_others(&self) -> bool {
        match &self.0.deciders {
            Deciders::Alone { .. } => false,
            Deciders::Shared(cluster) => {
                cluster.level().await;
                true
            }
        }
    }

    fn end_live(&self) {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn partition_of(&self, key: &str) -> PartitionNumber {
        partition_for(key.as_bytes(), self.0.config.partitions)
    }

    pub(crate) async fn call(
        &self,
        partition: PartitionNumber,
        request: Request,
    ) -> Result<Reply, CallError> {
        match &self.0.deciders {
            Deciders::Alone { partitions, .. } => {
                partitions[partition.0 as usize].call(Work::Own(request)).await
            }
            Deciders::Shared(cluster) => cluster.call(partition, request).await,
        }
    }
}

/// The topics, the store, and those who will listen.
async fn prepare(
    log: &dyn Log,
    store_dir: &Path,
    config: &HomeConfig,
) -> Result<(Store, Audience), OpenError> {
    topics::create(log, config.partitions).await?;
    let store = Store::open(store_dir, tables::VERSION, tables::all())?;
    let audience = Audience { matches: broadcast::Sender::new(LIVE_BATCHES), ties: watch::Sender::new(()) };
    Ok((store, audience))
}

type Described = (MatchMeta, Vec<NewReference>, Result<(), CreateError>);

type Started = (Vec<Partition<Scorer>>, Vec<JoinHandle<()>>);

async fn start(
    log: &Arc<dyn Log>,
    store: &Store,
    config: &HomeConfig,
    audience: &Audience,
) -> Result<Started, StartError> {
    let (mut partitions, mut tasks) = (Vec::new(), Vec::new());
    for number in 0..config.partitions {
        let lane = Lane::new(number);
        let owner = PartitionConfig {
            transactional_id: TransactionalId::new(format!("scoring-{number}"))
                .expect("a word and a number are a valid name"),
            owned: lane.derived_from(),
        };
        let (config, audience) = (config.clone(), audience.clone());
        let scorer =
            move |store: &Store| Scorer::new(config.clone(), Lane::new(number), audience.clone(), store);
        let (partition, task) = Partition::start(log.clone(), store.clone(), owner, scorer).await?;
        partitions.push(partition);
        tasks.push(task);
    }
    Ok((partitions, tasks))
}

/// The processor answers every request with its own kind of reply.
#[expect(clippy::panic, reason = "a broken invariant of this crate")]
pub(crate) fn unreachable_reply<T>(_: &Reply) -> T {
    panic!("the processor answered another request")
}
