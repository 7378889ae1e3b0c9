//! What the clients of one log share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::admin::AdminClient;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use tokio::sync::Semaphore;
use topspin_log::{Offset, ReadError, Topic, TopicPartition, TopicSpec};

use crate::Settings;
use crate::client::{self, Consumer, Detached, Health, Listener, Sight};
use crate::fault::{ConnectError, Fault};
use crate::limits::{CALL_TIMEOUT, CONNECT_TIMEOUT, MAX_BLOCKING_CALLS};
use crate::member::Members;
use crate::positions::Positions;
use crate::token::{Bearer, Tokens};

/// How long one try to reach a broker waits before the credentials are looked after.
const CONNECT_STEP: Duration = Duration::from_millis(100);

/// How often a partition's new leader is looked for.
const LEADER_POLL: Duration = Duration::from_millis(50);

pub(crate) struct Cluster {
    pub(crate) settings: Settings,
    pub(crate) health: Arc<Health>,
    pub(crate) admin: Arc<Detached<AdminClient<Listener>>>,
    pub(crate) members: Members,
    pub(crate) positions: Positions,
    /// Asks for topics and offsets; sees what is committed.
    watcher: Arc<Detached<Consumer>>,
    /// Asks for the very end, open transactions included.
    everything: OnceLock<Arc<Detached<Consumer>>>,
    topics: Mutex<BTreeMap<Topic, TopicSpec>>,
    permits: Arc<Semaphore>,
}

impl Cluster {
    pub(crate) async fn connect(settings: Settings) -> Result<Arc<Self>, ConnectError> {
        settings.check()?;
        let health = Arc::new(Health::new(tokens(&settings)?));
        let refused = |error| ConnectError::Settings(client::refusal(&error));
        let listener = || Listener(health.clone());
        let admin: AdminClient<Listener> =
            client::base(&settings).create_with_context(listener()).map_err(refused)?;
        let watcher: Consumer =
            client::consumer(&settings, Sight::Committed).create_with_context(listener()).map_err(refused)?;
        // Their own settings are tried now, so that later only the network can fail them.
        for config in
            [client::reader(&settings), client::member(&settings, "g", "m"), client::producer(&settings, "p")]
        {
            config.create_native_config().map_err(refused)?;
        }
        let (admin, watcher) = (Arc::new(Detached::new(admin)), Arc::new(Detached::new(watcher)));
        health.enrol(&admin)?;
        health.enrol(&watcher)?;
        let cluster = Arc::new(Self {
            health,
            admin,
            members: Members::default(),
            positions: Positions::default(),
            watcher,
            everything: OnceLock::new(),
            topics: Mutex::default(),
            permits: Arc::new(Semaphore::new(MAX_BLOCKING_CALLS)),
            settings,
        });
        let reached = cluster.clone();
        match tokio::task::spawn_blocking(move || reached.reach()).await {
            Ok(result) => result.map(|()| cluster),
            Err(error) => Err(cluster.unreachable(error.to_string())),
        }
    }

    /// Waits for the first answer, or for the cluster's refusal.
    fn reach(&self) -> Result<(), ConnectError> {
        let deadline = Instant::now() + CONNECT_TIMEOUT;
        while Instant::now() < deadline {
            if self.watcher.client().fetch_cluster_id(CONNECT_STEP).is_some() {
                self.health.answered();
                return Ok(());
            }
            self.watcher.poll(Duration::ZERO);
            if let Some(reason) = self.health.refused() {
                return Err(ConnectError::NotAuthorized { reason });
            }
        }
        let silence = || format!("nothing within {} s", CONNECT_TIMEOUT.as_secs());
        Err(self.unreachable(self.health.last().unwrap_or_else(silence)))
    }

    fn unreachable(&self, reason: String) -> ConnectError {
        ConnectError::Unavailable { bootstrap: self.settings.bootstrap.clone(), reason }
    }

    /// The name on the cluster.
    pub(crate) fn native(&self, name: &str) -> String {
        format!("{}{name}", self.settings.prefix)
    }

    /// Runs something that waits for the network, on a thread that may wait.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> KafkaResult<T> + Send + 'static,
    ) -> Result<T, Fault> {
        let _permit = self.permits.acquire().await;
        match tokio::task::spawn_blocking(question).await {
            Ok(Ok(answer)) => {
                self.health.answered();
                Ok(answer)
            }
            Ok(Err(error)) => Err(self.health.judge(&error)),
            Err(error) => Err(Fault::Unavailable(error.to_string())),
        }
    }

    /// Runs a question to the cluster with the client that asks for what is committed.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Consumer) -> KafkaResult<T> + Send + 'static,
    ) -> Result<T, Fault> {
        let watcher = self.watcher.clone();
        self.call(move || {
            watcher.poll(Duration::ZERO);
            question(&watcher)
        })
        .await
    }

    /// The first offset, and the end of what is committed.
    pub(crate) async fn bounds(&self, partition: &TopicPartition) -> Result<(Offset, Offset), ReadError> {
        self.known(partition).await?;
        self.bounds_of_leader(partition).await.map_err(|fault| self.read_error(fault, partition))
    }

    /// As [`Cluster::bounds`], of a partition that may be none.
    pub(crate) async fn bounds_of_leader(
        &self,
        partition: &TopicPartition,
    ) -> Result<(Offset, Offset), Fault> {
        let (topic, number) = (self.native(partition.topic.as_str()), partition.partition.0.cast_signed());
        self.ask(move |watcher| watermarks(watcher, &topic, number)).await.map(offsets)
    }

    /// The end of everything, open transactions included.
    pub(crate) async fn high_watermark(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        let client = self.everything().map_err(|fault| self.read_error(fault, partition))?;
        let (topic, number) = (self.native(partition.topic.as_str()), partition.partition.0.cast_signed());
        let answer = self.call(move || watermarks(&client, &topic, number)).await;
        answer.map(|bounds| offsets(bounds).1).map_err(|fault| self.read_error(fault, partition))
    }

    fn everything(&self) -> Result<Arc<Detached<Consumer>>, Fault> {
        if let Some(client) = self.everything.get() {
            return Ok(client.clone());
        }
        let config = client::consumer(&self.settings, Sight::Everything);
        let made: Consumer =
            config.create_with_context(Listener(self.health.clone())).map_err(|error| Fault::of(&error))?;
        let made = Arc::new(Detached::new(made));
        self.enrol(&made)?;
        Ok(self.everything.get_or_init(|| made).clone())
    }

    /// Gives a new client its token, if clients show one.
    pub(crate) fn enrol<T: Bearer + 'static>(&self, client: &Arc<T>) -> Result<(), Fault> {
        self.health.enrol(client).map_err(|error| Fault::Unavailable(error.to_string()))
    }

    /// What the contract says about a fault of a question about a partition.
    pub(crate) fn read_error(&self, fault: Fault, partition: &TopicPartition) -> ReadError {
        match fault {
            Fault::UnknownTopic => {
                self.forget(&partition.topic);
                ReadError::UnknownTopic { topic: partition.topic.clone() }
            }
            // A client that has just lost its brokers, or heard of the topic, does not know what the cluster has.
            Fault::UnknownPartition if self.has_seen(partition) => {
                ReadError::Unavailable { reason: fault.reason() }
            }
            Fault::UnknownPartition => ReadError::UnknownPartition(partition.clone()),
            Fault::NotAuthorized(reason) | Fault::Unauthenticated(reason) => {
                ReadError::NotAuthorized { reason }
            }
            other @ (Fault::Fenced
            | Fault::StaleMember
            | Fault::Refused(_)
            | Fault::Purged
            | Fault::Unavailable(_)) => ReadError::Unavailable { reason: other.reason() },
        }
    }

    fn has_seen(&self, partition: &TopicPartition) -> bool {
        self.remembered().get(&partition.topic).is_some_and(|spec| partition.partition.0 < spec.partitions)
    }

    /// The topic of a partition, if there is such a partition.
    pub(crate) async fn known(&self, partition: &TopicPartition) -> Result<TopicSpec, ReadError> {
        let spec = self.spec(&partition.topic).await?;
        if partition.partition.0 < spec.partitions {
            Ok(spec)
        } else {
            Err(ReadError::UnknownPartition(partition.clone()))
        }
    }

    pub(crate) fn remembered(&self) -> MutexGuard<'_, BTreeMap<Topic, TopicSpec>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody has deleted the topic behind our back.
    pub(crate) fn forget(&self, topic: &Topic) {
        self.remembered().remove(topic);
    }
}

fn tokens(settings: &Settings) -> Result<Option<Arc<Tokens>>, ConnectError> {
    let watched = settings.token_file.as_deref().map(Tokens::watch).transpose();
    let bootstrap = settings.bootstrap.clone();
    watched.map_err(|error| ConnectError::Unavailable {
        bootstrap,
        reason: format!("no thread for the token file: {error}"),
    })
}

/// The bounds of a partition, from whoever leads it: a leader that has changed is looked for.
fn watermarks(client: &Consumer, topic: &str, number: i32) -> KafkaResult<(i64, i64)> {
    let deadline = Instant::now() + CALL_TIMEOUT;
    loop {
        let answer = client.fetch_watermarks(topic, number, CALL_TIMEOUT);
        let moved = matches!(
            answer.as_ref().err().and_then(KafkaError::rdkafka_error_code),
            Some(
                Code::NotLeaderForPartition
                    | Code::LeaderNotAvailable
                    | Code::FencedLeaderEpoch
                    | Code::UnknownPartition
            )
        );
        if !moved || Instant::now() > deadline {
            return answer;
        }
        std::thread::sleep(LEADER_POLL);
        client.fetch_metadata(Some(topic), CALL_TIMEOUT)?;
    }
}

/// Kafka's numbers are signed, its offsets are not negative.
fn offsets((low, high): (i64, i64)) -> (Offset, Offset) {
    (Offset::new(low.max(0).cast_unsigned()), Offset::new(high.max(0).cast_unsigned()))
}
