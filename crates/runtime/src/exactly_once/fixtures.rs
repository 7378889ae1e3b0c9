//! What the tests of the suite share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use topspin_log::conformance::fixtures::member;
use topspin_log::memory::MemoryLog;
use topspin_log::{
    Cleanup, CommitError, GroupMetadata, Log, Partition, Producer, Record, Topic, TopicPartition, TopicSpec,
    TransactionalId,
};
use topspin_stream::Topology;

use super::expected::expected;
use super::observed::{Onlooker, Outputs, Overseer, outputs, state};
use super::trial::{CLOCK_PARTITIONS, Dice, PARTITIONS, Source, WEIGHT_PARTITIONS, clock, topology};
use crate::{
    Application, ApplicationConfig, Deployment, DeploymentConfig, Generation, LocalState, Origin, StartFrom,
    Switch, Task, TaskConfig, TaskEnd, TaskStatus,
};

/// How soon a condition that somebody else brings about is looked at again, and how soon at last: on a cluster a look is
/// work for everybody.
const LOOK: Duration = Duration::from_millis(5);
const LOOK_AT_LAST: Duration = Duration::from_millis(400);

/// The generation that tests run, unless they run two.
pub const FIRST: Generation = Generation(1);

const INPUTS: [(&str, u32, Cleanup); 4] = [
    ("words", PARTITIONS, Cleanup::KeepForever),
    ("names", PARTITIONS, Cleanup::Compact),
    ("weights", WEIGHT_PARTITIONS, Cleanup::Compact),
    ("clock", CLOCK_PARTITIONS, Cleanup::KeepForever),
];

/// A log with the inputs of the trial, and somebody who feeds them.
pub struct Stage {
    /// The log.
    pub log: Arc<dyn Log>,
    /// Decides what happens.
    pub dice: Dice,
    source: Source,
    producer: Producer,
}

impl Stage {
    /// A log with empty inputs.
    pub async fn new(log: Arc<dyn Log>, seed: u64) -> Self {
        create_inputs(log.as_ref()).await;
        let producer = feeder(log.as_ref()).await;
        Self { log, dice: Dice::new(!seed), source: Source::new(seed), producer }
    }

    /// Feeds so many records, in small transactions; all are visible when it returns.
    pub async fn feed(&mut self, records: u64) {
        let mut left = records;
        while left > 0 {
            let together = left.min(1 + self.dice.roll(8));
            let records: Vec<_> = (0..together).map(|_| self.source.draw()).collect();
            self.commit(&records).await;
            left -= together;
        }
        self.show().await;
    }

    /// Feeds a word that is more than a window takes in one step, and a tick that lets it in.
    pub async fn litany(&mut self) {
        let records = self.source.litany();
        self.commit(&records).await;
        self.show().await;
    }

    /// Feeds a tick after which nothing is remembered or recent. What was fed before is to be read before this, and
    /// this before what is fed afterwards: which words are first ones depends on it.
    pub async fn leap(&mut self) {
        let record = self.source.leap();
        self.commit(&[record]).await;
        self.show().await;
    }

    /// What the earlier producer of an id has committed is visible when the later has begun.
    async fn show(&mut self) {
        self.producer = feeder(self.log.as_ref()).await;
    }

    /// Commits some records, however often that takes. What is there twice then is part of the input.
    async fn commit(&mut self, records: &[(TopicPartition, Record)]) {
        loop {
            let mut transaction = self.producer.begin();
            for (partition, record) in records {
                transaction.append(partition.clone(), record.clone()).expect("within limits");
            }
            match transaction.commit().await {
                Ok(_) => return,
                Err(CommitError::Indeterminate { .. }) => self.producer = feeder(self.log.as_ref()).await,
                Err(error) => assert!(error.is_retryable(), "{error}"),
            }
        }
    }

    /// A process that runs the trial.
    pub async fn process(&self, name: &str, local: &LocalState) -> Application {
        let config = application(self.log.clone(), name, local);
        Application::start(&topology(), config).await.expect("started")
    }

    /// The tasks of the trial, without a group that shares them out.
    pub async fn lone_tasks(&self, local: &LocalState) -> LoneTasks {
        LoneTasks::start(&self.log, &self.deployment().await, local)
    }

    /// Tasks that die at any point so many times, and others that do what is left.
    pub async fn survive(&mut self, local: &LocalState, deaths: u64) {
        let deployment = self.deployment().await;
        for _ in 0..deaths {
            let tasks = self.lone_tasks(local).await;
            let some = 1 + self.dice.roll(3);
            tokio::select! {
                () = tasks.processed(some) => {}
                () = until_read(self.log.as_ref(), &deployment) => {}
            }
            tasks.kill().await;
        }
        let tasks = self.lone_tasks(local).await;
        self.settle().await;
        tasks.stop().await;
    }

    /// The first generation, as it is laid out.
    pub async fn deployment(&self) -> Deployment {
        let config = deployment(FIRST, StartFrom::Beginning);
        Deployment::create(self.log.as_ref(), &topology(), &config).await.expect("laid out")
    }

    /// Waits until the outputs are what they must be, and everything was read: not every record says something.
    pub async fn settle(&self) {
        self.settle_on(FIRST, &expected(self.log.as_ref()).await).await;
        let deployment = self.deployment().await;
        until_read(self.log.as_ref(), &deployment).await;
    }

    /// Waits until the outputs of a generation are what they must be.
    pub async fn settle_on(&self, generation: Generation, expected: &Outputs) {
        let mut onlooker = Onlooker::new(&self.log, "trial", generation).await;
        until(async || onlooker.sees(expected).await).await;
    }

    /// What the outputs and the state are when every process has stopped: those of a quiet run on a log of its own.
    pub async fn check(&self) {
        let there = outputs(&self.log, "trial", FIRST).await;
        assert_eq!(there, expected(self.log.as_ref()).await);
        let quiet = quiet_copy(self.log.as_ref()).await;
        let stage = Self::new(quiet, 0).await;
        let process = stage.process("quiet", &LocalState::in_memory()).await;
        stage.settle().await;
        process.stop().await;
        let state_there = state(self.log.as_ref(), "trial", FIRST).await;
        assert_eq!(state_there, state(stage.log.as_ref(), "trial", FIRST).await);
    }
}

async fn feeder(log: &dyn Log) -> Producer {
    let id = TransactionalId::new("feeder").expect("a valid name");
    log.begin_producer(&id).await.expect("a producer")
}

/// Creates the inputs of the trial.
pub async fn create_inputs(log: &dyn Log) {
    for (name, partitions, cleanup) in INPUTS {
        let spec = TopicSpec::new(Topic::new(name).expect("a valid name"), partitions).with_cleanup(cleanup);
        log.create_topic(&spec).await.expect("created");
    }
}

/// A log in memory with the same inputs.
async fn quiet_copy(log: &dyn Log) -> Arc<dyn Log> {
    let copy = MemoryLog::new();
    create_inputs(&copy).await;
    let id = TransactionalId::new("copier").expect("a valid name");
    let mut producer = copy.begin_producer(&id).await.expect("a producer");
    for (name, partitions, _) in INPUTS {
        let topic = Topic::new(name).expect("a valid name");
        for number in (0..partitions).map(Partition) {
            let partition = TopicPartition::new(topic.clone(), number);
            for committed in super::observed::records(log, &partition).await {
                let mut transaction = producer.begin();
                transaction.append(partition.clone(), committed.record).expect("within limits");
                transaction.commit().await.expect("committed");
            }
        }
    }
    Arc::new(copy)
}

/// How the trial is laid out.
pub fn deployment(generation: Generation, start: StartFrom) -> DeploymentConfig {
    DeploymentConfig { generation, start, clock: Arc::new(clock), origin: Origin(*b"an origin of 16.") }
}

/// How a process runs the first generation of the trial.
pub fn application(log: Arc<dyn Log>, name: &str, local: &LocalState) -> ApplicationConfig {
    ApplicationConfig {
        log,
        local: local.clone(),
        member: member(name),
        deployment: deployment(FIRST, StartFrom::Beginning),
        switch: Switch::ByHand,
    }
}

/// Waits until something holds.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let mut pause = LOOK;
    while !holds().await {
        tokio::time::sleep(pause).await;
        pause = LOOK_AT_LAST.min(2 * pause);
    }
}

/// Waits until everything was read.
pub async fn until_read(log: &dyn Log, deployment: &Deployment) {
    let mut overseer = Overseer::default();
    until(async || overseer.all_read(log, deployment).await).await;
}

/// How many records the tasks of a process have committed.
pub fn processed(application: &Application) -> u64 {
    application.status().tasks.values().map(|status| status.records).sum()
}

/// All tasks of a deployment, as consumers that assign themselves their partitions.
pub struct LoneTasks {
    running: JoinSet<TaskEnd>,
    statuses: Vec<watch::Receiver<TaskStatus>>,
    stop: watch::Sender<bool>,
}

impl LoneTasks {
    fn start(log: &Arc<dyn Log>, deployment: &Deployment, local: &LocalState) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (mut running, mut statuses) = (JoinSet::new(), Vec::new());
        let tasks: Vec<(String, u32)> =
            deployment.tasks().map(|(name, partitions)| (name.to_owned(), partitions)).collect();
        for (subtopology, (name, partitions)) in tasks.into_iter().enumerate() {
            let group = deployment.names().group(&name).expect("a valid name");
            for partition in (0..partitions).map(Partition) {
                let (status, told) = watch::channel(TaskStatus::default());
                statuses.push(told);
                let config = TaskConfig {
                    log: log.clone(),
                    local: local.clone(),
                    member: watch::channel(GroupMetadata::standalone(group.clone())).1,
                    stop: stopped.clone(),
                    status,
                };
                let task = Task::new(deployment, subtopology, partition, config).expect("its shard is free");
                running.spawn(task.run());
            }
        }
        Self { running, statuses, stop }
    }

    /// Waits until one of them has committed so many records.
    pub async fn processed(&self, records: u64) {
        let mut any: JoinSet<()> = JoinSet::new();
        for mut status in self.statuses.clone() {
            any.spawn(async move { drop(status.wait_for(|status| status.records >= records).await) });
        }
        any.join_next().await;
    }

    /// Ends them wherever they are.
    pub async fn kill(mut self) {
        self.running.shutdown().await;
    }

    /// Waits until all have ended, whether they were told to or not; how each did.
    pub async fn ended(mut self) -> Vec<TaskEnd> {
        let mut ends = Vec::new();
        while let Some(ended) = self.running.join_next().await {
            ends.push(ended.expect("a task that does not panic"));
        }
        ends
    }

    /// Tells all to stop, and waits until they have ended.
    pub async fn stop(self) -> Vec<TaskEnd> {
        self.stop.send_replace(true);
        self.ended().await
    }
}

/// A topology like the trial, whose words are worth twice as much.
pub fn doubled() -> Topology {
    super::trial::topology_called("trial", |worth| 2 * worth)
}
