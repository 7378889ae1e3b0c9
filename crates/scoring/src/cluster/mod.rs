//! Scoring in several processes on one log.
//!
//! The processes share the lanes as a consumer group on `requests`. The owner of a lane decides: what its own clients
//! ask it directly, and what the others forward to it over the log. Everybody else follows what it writes, so that
//! every process has all matches and answers the same.
//!
//! - `station` is a lane in this process, `keeper` its task: following (`follower`) or owning (`pump`).
//! - `group` is what the consumer group says about who owns what.
//! - `courier` sends requests to others, `answers` hears what became of them, `outcome` makes the answer of it.
//! - `owed` adds replies and positions to what an owner commits; `progress` knows when this store has come as far as a
//!   reply says.

mod answers;
mod courier;
mod follower;
mod group;
mod keeper;
mod outcome;
mod owed;
mod progress;
mod pump;
mod station;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use topspin_event::{Request, wire};
use topspin_log::limits::MAX_RECORD_BYTES;
use topspin_log::{GroupMetadata, Log, MemberId, Partition, Record, Start, TransactionalId};
use topspin_runtime::{CallError, RecoveryError, Store, catch_up, trace_context};

pub(crate) use outcome::outcome_of;
pub(crate) use owed::{Arrived, Incoming, Owed};
pub(crate) use progress::Progress;

use self::answers::Pending;
use self::courier::{Courier, Parcel};
use self::group::Seat;
use self::keeper::Keeper;
use self::outcome::Subject;
use self::station::{Role, Station};
use crate::answer::OpenError;
use crate::home::HomeConfig;
use crate::limits::{FOREIGN_TRIES, FORWARD_WAIT, GIVE_UP_WITHIN, LANE_RETRY, LEVEL_WAIT};
use crate::live::Audience;
use crate::records::log_time;
use crate::scorer::{Reply, Work};
use crate::topics;

/// The header of the last record of a topic in a transaction that answers other processes: the offset of the last
/// request that it answers, 8 bytes, big endian.
pub(crate) const THROUGH_HEADER: &str = "through";

/// What all tasks of a process share.
pub(crate) struct Ground {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) store: Store,
    pub(crate) config: HomeConfig,
    pub(crate) audience: Audience,
    /// Who this process is in the group, while it is a member.
    pub(crate) member: watch::Sender<Option<GroupMetadata>>,
    /// Changes of who owns what that this process has heard of.
    pub(crate) rebalances: AtomicU64,
}

/// This process among others.
pub(crate) struct Cluster {
    ground: Arc<Ground>,
    stations: Vec<Arc<Station>>,
    courier: Courier,
    pending: Pending,
    /// What the ids of requests begin with: no other life of any process has it.
    life: String,
    last_request: AtomicU64,
    /// Ends with this.
    tasks: Mutex<JoinSet<()>>,
    closed: watch::Sender<bool>,
}

/// How a lane is in this process, for metrics and readiness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneStatus {
    /// The lane.
    pub partition: Partition,
    /// Whether this process decides.
    pub owned: bool,
    /// Requests that wait to be decided here.
    pub waiting: usize,
    /// How far it was behind the log when that was looked at last, in offsets of all its topics.
    pub behind: u64,
    /// For how long answers may have been out of date, if that is longer than they should be.
    pub stale: Option<Duration>,
}

impl Cluster {
    /// Brings the store to the end of the log, and takes part.
    pub(crate) async fn join(
        log: Arc<dyn Log>,
        store: Store,
        config: HomeConfig,
        audience: Audience,
    ) -> Result<Self, OpenError> {
        topics::create_forwarding(log.as_ref(), config.partitions).await?;
        let stations: Vec<_> = (0..config.partitions).map(|number| Arc::new(Station::new(number))).collect();
        fill(&log, &store, &stations).await?;
        let (member, rebalances) = (watch::Sender::new(None), AtomicU64::new(0));
        let life = format!("{}/{}", config.origin, (config.clock)().as_millis());
        let ground = Arc::new(Ground { log, store, config, audience, member, rebalances });
        let (pending, mut tasks) = (Pending::default(), JoinSet::new());
        for station in &stations {
            // From here on nothing that is answered is missed.
            let reader = ground.log.reader(&station.lane.replies(), Start::End).await;
            let reader = reader.map_err(|error| OpenError::Recovery(RecoveryError::Read(error)))?;
            tasks.spawn(answers::listen(ground.log.clone(), reader, pending.clone()));
            tasks.spawn(Keeper { ground: ground.clone(), station: station.clone() }.run());
            tasks.spawn(keeper::probe(ground.clone(), station.clone()));
        }
        let label = ground.config.origin.as_str();
        let sender = TransactionalId::new(format!("requests-{label}")).expect("a label is a name");
        let (courier, round) = Courier::new(ground.log.clone(), sender);
        tasks.spawn(round);
        let member = MemberId::new(label).expect("a label is a name");
        tasks.spawn(Seat { ground: ground.clone(), stations: stations.clone(), member }.run());
        let (tasks, closed) = (Mutex::new(tasks), watch::Sender::new(false));
        let last_request = AtomicU64::new(0);
        Ok(Cluster { ground, stations, courier, pending, life, last_request, tasks, closed })
    }

    /// Has a request carried out by whoever owns the lane.
    pub(crate) async fn call(&self, partition: Partition, request: Request) -> Result<Reply, CallError> {
        if *self.closed.borrow() {
            return Err(CallError::Closed);
        }
        let station = &self.stations[partition.0 as usize];
        let Some(owner) = station.owner() else { return self.forward(station, request).await };
        match owner.call(Work::Own(request.clone())).await {
            // Nothing of it happened: another process owns the lane by now, or soon.
            Err(CallError::Closed | CallError::Fenced) => self.forward(station, request).await,
            answered => answered,
        }
    }

    async fn forward(&self, station: &Station, request: Request) -> Result<Reply, CallError> {
        let until = Instant::now() + FORWARD_WAIT;
        let number = self.last_request.fetch_add(1, Ordering::Relaxed);
        let key = bytes::Bytes::from(format!("{}/{number}", self.life));
        let now = log_time((self.ground.config.clock)());
        let mut record = Record::new(key.clone(), wire::encode_request(&request), now);
        record.headers.extend(trace_context().iter().flat_map(|trace| trace.headers()));
        let subject = Subject::of(&request);
        let store = &self.ground.store;
        if record.size() > MAX_RECORD_BYTES {
            let too_large = topspin_event::Outcome::Failed(topspin_event::Failure::TooLarge);
            return subject.answer(too_large, store, &station.lane);
        }
        let silent = |what: &str| CallError::Indeterminate { reason: what.to_owned() };
        let mut waiting = self.pending.wait_for(key);
        self.courier.send(Parcel { partition: station.lane.requests(), record, until }).await?;
        let told = timeout_at(until, &mut waiting.told).await;
        let told = told.map_err(|_| silent("the process that decides has not answered in time"))?;
        let told = told.map_err(|_| silent("the answer could not be read"))?;
        let reached = timeout_at(until, station.progress.reaches(&told, &station.lane, store)).await;
        let reached = reached.map_err(|_| silent("it is decided, and not to be seen here yet"))?;
        reached.map_err(|error| silent(&error.to_string()))?;
        subject.answer(told.outcome, store, &station.lane)
    }

    /// Waits, for a bounded time, until the store has what all processes had decided when this was called.
    pub(crate) async fn level(&self) {
        let others = self.stations.iter().filter(|station| station.owner().is_none());
        let all = others.map(|station| self.forward(station, Request::Barrier));
        let _ = timeout(LEVEL_WAIT, futures_util::future::join_all(all)).await;
    }

    /// How each lane is.
    pub(crate) fn lanes(&self) -> Vec<LaneStatus> {
        let status = |station: &Arc<Station>| {
            let owner = station.owner();
            LaneStatus {
                partition: station.lane.number(),
                owned: owner.is_some(),
                waiting: owner.map_or(0, |owner| owner.waiting()),
                behind: station.progress.behind(),
                stale: station.stale(),
            }
        };
        self.stations.iter().map(status).collect()
    }

    /// For how long what is answered about a lane may have been out of date, if that is too long; of the worst one if
    /// none is named.
    pub(crate) fn stale(&self, lane: Option<Partition>) -> Option<Duration> {
        let asked = |station: &&Arc<Station>| lane.is_none_or(|lane| station.lane.number() == lane);
        self.stations.iter().filter(asked).filter_map(|station| station.stale()).max()
    }

    /// Requests that wait for other processes.
    pub(crate) fn forwarded(&self) -> usize {
        self.pending.count()
    }

    /// Changes of who owns what that this process has heard of.
    pub(crate) fn rebalances(&self) -> u64 {
        self.ground.rebalances.load(Ordering::Relaxed)
    }

    /// Takes no more requests, finishes those accepted, and leaves.
    pub(crate) async fn shutdown(&self) {
        self.closed.send_replace(true);
        let given_up = async {
            for station in &self.stations {
                station.wanted.send_replace(Role::Follow);
            }
            for station in &self.stations {
                let _ = station.held.subscribe().wait_for(|role| *role == Role::Follow).await;
            }
        };
        if timeout(GIVE_UP_WITHIN, given_up).await.is_err() {
            tracing::warn!("stopped with something in flight");
        }
        self.tasks.lock().await.shutdown().await;
    }
}

/// Brings the store to the end of the log, all lanes at once. A store of another log is filled again.
async fn fill(log: &Arc<dyn Log>, store: &Store, stations: &[Arc<Station>]) -> Result<(), OpenError> {
    let mut tries = 0;
    loop {
        match fill_once(log, store, stations).await {
            Err(RecoveryError::ForeignStore { partition, applied, end }) if tries < 2 * FOREIGN_TRIES => {
                tries += 1;
                if tries == FOREIGN_TRIES {
                    tracing::warn!(%partition, %applied, %end, "the store is of another log: it is filled again");
                    store.clear()?;
                } else {
                    tokio::time::sleep(LANE_RETRY).await;
                }
            }
            filled => return filled.map_err(OpenError::from),
        }
    }
}

async fn fill_once(
    log: &Arc<dyn Log>,
    store: &Store,
    stations: &[Arc<Station>],
) -> Result<(), RecoveryError> {
    let lane = async |station: &Arc<Station>| {
        let began = Instant::now();
        for partition in station.lane.derived_from() {
            catch_up(log.as_ref(), store, &partition).await?;
        }
        station.progress.fresh(began);
        Ok(())
    };
    futures_util::future::try_join_all(stations.iter().map(lane)).await.map(|_: Vec<()>| ())
}
