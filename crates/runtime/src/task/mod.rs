//! One subtopology at work on one partition, exactly once.
//!
//! A task takes what is there, lets the operators process record after record over its state, and
//! commits what that says as **one** transaction: the records for the sinks, the rows that have changed for the
//! changelog, the dead letters, and where every source goes on. Only then does it count: a record is processed or it is
//! not, whatever happens in between.
//!
//! A life of a task begins with the producer. Whoever had it before is shut out, and all that it has committed can be
//! read; so the state is brought to the end of the changelog, and with it where the sources go on. When nobody knows whether a commit has happened, another life begins, and sees.

mod batch;
mod commit;
mod inputs;
mod outbox;
mod packer;
mod resume;
mod rows;
mod state;
mod status;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use topspin_log::{GroupMetadata, Log, Offset, Partition, Producer, ReadError, Timestamp, TopicPartition};
use topspin_stream::Instance;

use self::inputs::{Inputs, Next};
use self::outbox::Outbox;
use self::packer::Packer;
use self::state::TaskState;
pub use self::status::{TaskCondition, TaskEnd, TaskStatus};
use crate::deployment::Part;
use crate::limits::{BACK_OFF_FIRST, BACK_OFF_MOST, PAUSE_MOST};
use crate::unwind::caught_async;
use crate::{Deployment, LocalState, OpenStoreError, StoreError};

/// What a task is made of.
pub struct TaskConfig {
    /// The log.
    pub log: Arc<dyn Log>,
    /// Where the state is kept between lives.
    pub local: LocalState,
    /// As whom the positions of the source that leads are committed: the member that has its partition, as it is now.
    pub member: watch::Receiver<GroupMetadata>,
    /// Turns true when the task is to stop.
    pub stop: watch::Receiver<bool>,
    /// Told what becomes of the task.
    pub status: watch::Sender<TaskStatus>,
}

/// The owner of one partition of one subtopology.
pub struct Task {
    part: Arc<Part>,
    partition: Partition,
    log: Arc<dyn Log>,
    member: watch::Receiver<GroupMetadata>,
    stop: watch::Receiver<bool>,
    status: watch::Sender<TaskStatus>,
    state: TaskState,
    instance: Instance,
    outbox: Outbox,
    /// For what a batch writes.
    packer: Packer,
    /// When the batch began.
    now: Timestamp,
    care: Care,
    counts: Counts,
    /// How often in a row a life has ended without a commit.
    failures: u32,
    /// The state was found to make no sense, and was restored from the changelog since.
    distrusted: bool,
}

/// After a batch that the log refuses, its records are processed one by one.
#[derive(Default)]
struct Care {
    records_left: usize,
    /// What was refused alone, and why.
    verdict: Option<Verdict>,
    /// Whether the batch is the dead letter of such a record.
    judged: bool,
}

/// A record that is a dead letter without being tried.
struct Verdict {
    input: usize,
    offset: Offset,
    reason: String,
}

/// What of the current batch is counted when it is committed.
#[derive(Clone, Copy, Default)]
struct Counts {
    records: u64,
    dead_letters: u64,
}

/// Why a life of a task ends.
enum Ending {
    Stopped,
    Fenced,
    Failed(String),
    /// Another life can do better.
    Again(String),
}

impl Task {
    /// A task that waits to be run.
    ///
    /// # Errors
    /// [`OpenStoreError`] if its part of the local state is in use, or cannot be read.
    ///
    /// # Panics
    /// If the deployment has no such subtopology.
    pub fn new(
        deployment: &Deployment,
        subtopology: usize,
        partition: Partition,
        config: TaskConfig,
    ) -> Result<Self, OpenStoreError> {
        let part = deployment.parts()[subtopology].clone();
        // Applications share the local state of a process: the same word may be a part of several.
        let (app, generation) = (part.names.app(), part.names.generation());
        let shard = format!("{app}.{generation}.{}-{partition}", part.name);
        let state = TaskState::open(config.local.shard(&shard)?, part.subtopology.stores().len())?;
        let instance = part.subtopology.instantiate();
        Ok(Self {
            part,
            partition,
            log: config.log,
            member: config.member,
            stop: config.stop,
            status: config.status,
            state,
            instance,
            outbox: Outbox::default(),
            packer: Packer::default(),
            now: Timestamp::default(),
            care: Care::default(),
            counts: Counts::default(),
            failures: 0,
            distrusted: false,
        })
    }

    /// Runs until it is told to stop, another owns its producer, or it cannot go on. If the future is dropped, it is as
    /// if the process had died.
    pub async fn run(mut self) -> TaskEnd {
        loop {
            let ending = match caught_async(self.life()).await {
                Ok(ending) => ending,
                Err(panic) => Ending::Failed(format!("a fault of the program: {panic}")),
            };
            self.roll_back();
            match ending {
                Ending::Stopped => {
                    self.seal().await;
                    return self.end(TaskEnd::Stopped);
                }
                Ending::Fenced => return self.end(TaskEnd::Fenced),
                Ending::Failed(reason) => {
                    tracing::error!(reason, task = %self.name(), "a task has failed");
                    return self.end(TaskEnd::Failed { reason });
                }
                Ending::Again(reason) => {
                    tracing::warn!(reason, task = %self.name(), "a task begins again");
                    self.instance = self.part.subtopology.instantiate();
                    self.care = Care::default();
                    if self.stalled(reason).await.is_err() {
                        return self.end(TaskEnd::Stopped);
                    }
                }
            }
        }
    }

    /// One life, from the producer to whatever ends it.
    async fn life(&mut self) -> Ending {
        match self.live().await {
            Ok(never) => match never {},
            Err(ending) => ending,
        }
    }

    async fn live(&mut self) -> Result<std::convert::Infallible, Ending> {
        let mut producer = self.resume().await?;
        match self.work(&mut producer).await {
            // What a successor has done looks like damage.
            Err(Ending::Failed(_)) if producer.is_fenced().await => Err(Ending::Fenced),
            ended => ended,
        }
    }

    async fn work(&mut self, producer: &mut Producer) -> Result<std::convert::Infallible, Ending> {
        let mut inputs = self.open_inputs().await?;
        // Groups that have forgotten where it stands, or never knew, hear it now and not with the next record.
        self.commit(producer, &mut inputs).await?;
        self.tell(TaskCondition::Running);
        let mut due = Instant::now();
        loop {
            self.gather(&mut inputs, due).await?;
            let began = Instant::now();
            self.commit(producer, &mut inputs).await?;
            // A log that is busy gets fewer and larger transactions.
            due = Instant::now() + began.elapsed().min(PAUSE_MOST);
            self.state.flush_if_large()?;
            // A log in memory never waits, and others want to run, too.
            tokio::task::yield_now().await;
        }
    }

    /// Processes what comes until the batch is full, or it is `due` and nothing more is at hand; waits for the first
    /// record.
    async fn gather(&mut self, inputs: &mut Inputs, due: Instant) -> Result<(), Ending> {
        let mut batch = batch::Size::default();
        while !self.is_full(batch) {
            if *self.stop.borrow() {
                return if batch.is_empty() { Err(Ending::Stopped) } else { Ok(()) };
            }
            match inputs.next() {
                Next::Record => {
                    let Some(taken) = inputs.taken() else { continue };
                    if batch.is_empty() {
                        self.now = (self.part.clock)();
                    }
                    let handled = self.handle(taken)?;
                    batch.records += 1;
                    self.counts.records += 1;
                    if handled == topspin_stream::Progress::Again {
                        inputs.give_back();
                    }
                }
                Next::Read | Next::Nothing if !batch.is_empty() && Instant::now() >= due => break,
                Next::Read => inputs.read().await?,
                Next::Nothing if inputs.ready().await? => {}
                Next::Nothing if batch.is_empty() && inputs.has_passed() => break,
                Next::Nothing => {
                    let overdue =
                        async { if batch.is_empty() { pending().await } else { sleep_until(due).await } };
                    tokio::select! {
                        biased;
                        () = stopped(&mut self.stop) => {}
                        waited = inputs.wait() => waited?,
                        () = overdue => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Nothing of the batch has happened.
    fn roll_back(&mut self) {
        self.state.roll_back();
        self.outbox.clear();
        self.counts = Counts::default();
    }

    /// Leaves everything in the shard: the next life has little to restore.
    async fn seal(&mut self) {
        let end = self.end_after_state().await.ok().flatten();
        if let Err(error) = self.state.flush(end) {
            tracing::warn!(%error, task = %self.name(), "the next start restores from the changelog");
        }
    }

    /// Waits a little longer each time; `Err` if the task is to stop.
    async fn stalled(&mut self, reason: String) -> Result<(), Ending> {
        let wait = back_off(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.tell(TaskCondition::Stalled { reason });
        if stopped_within(&mut self.stop, wait).await { Err(Ending::Stopped) } else { Ok(()) }
    }

    fn tell(&self, condition: TaskCondition) {
        self.status.send_if_modified(|status| {
            let changed = status.condition != condition;
            status.condition = condition;
            changed
        });
    }

    fn end(self, end: TaskEnd) -> TaskEnd {
        self.tell(TaskCondition::Ended(end.clone()));
        end
    }

    fn name(&self) -> String {
        format!("{}-{}", self.part.name, self.partition)
    }

    fn changelog(&self) -> TopicPartition {
        TopicPartition::new(self.part.changelog.clone(), self.partition)
    }
}

/// Waits until it is time to stop.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Nobody is left who could say more: it is time as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Whether it is time to stop before `wait` is over.
pub(crate) async fn stopped_within(stop: &mut watch::Receiver<bool>, wait: Duration) -> bool {
    tokio::time::timeout(wait, stopped(stop)).await.is_ok()
}

/// How long to wait after so many failures in a row.
pub(crate) fn back_off(failures: u32) -> Duration {
    BACK_OFF_FIRST.saturating_mul(1 << failures.min(16)).min(BACK_OFF_MOST)
}

impl From<ReadError> for Ending {
    fn from(error: ReadError) -> Self {
        if error.is_retryable() { Self::Again(error.to_string()) } else { Self::Failed(error.to_string()) }
    }
}

impl From<StoreError> for Ending {
    fn from(error: StoreError) -> Self {
        if error.is_retryable() { Self::Again(error.to_string()) } else { Self::Failed(error.to_string()) }
    }
}

#[cfg(test)]
mod tests;
