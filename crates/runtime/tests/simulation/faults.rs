//! A log that does what a log may do, at any of its operations.

use std::collections::{BTreeSet, VecDeque};
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use topspin_log::{
    Batch, BatchLimit, BeginProducerError, CommitError, Committed, Committer, CreateTopicError, GroupError,
    GroupId, Log, MemberId, Membership, Offset, Producer, ReadError, Reader, Receipt, Start, Topic,
    TopicPartition, TopicSpec, TransactionalId, TrimError,
};
use topspin_runtime::exactly_once::trial::Dice;

/// What goes wrong at one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process dies before it is carried out.
    CrashBefore,
    /// The process dies after it was carried out, without the answer.
    CrashAfter,
    /// The log is away.
    Unavailable,
    /// A commit finds no room; anything else finds the log away.
    StorageFull,
    /// The answer to a commit is lost, and it was not carried out; anything else finds the log away.
    LostBefore,
    /// The answer to a commit is lost, and it was carried out; anything else finds the log away.
    LostAfter,
    /// Another process takes over, and this one does not know.
    Overtaken,
    /// The process is told to stop.
    Stopped,
}

impl Fault {
    pub const ALL: [Self; 8] = [
        Self::CrashBefore,
        Self::CrashAfter,
        Self::Unavailable,
        Self::StorageFull,
        Self::LostBefore,
        Self::LostAfter,
        Self::Overtaken,
        Self::Stopped,
    ];
}

/// When what goes wrong.
pub enum Plan {
    /// At one step.
    At(usize, Fault),
    /// At one step of so many, as often as this.
    Dice { dice: Dice, one_in: u64, left: usize },
}

/// The operations of all processes, counted.
pub struct Faults {
    plan: Plan,
    steps: usize,
    /// The lives of processes that have died, been overtaken or stopped, and by what, until somebody reacts.
    struck: VecDeque<(usize, Fault)>,
    /// The lives that have died.
    dead: BTreeSet<usize>,
}

impl Faults {
    pub fn new(plan: Plan) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { plan, steps: 0, struck: VecDeque::new(), dead: BTreeSet::new() }))
    }

    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The next that nobody has reacted to.
    pub fn struck(&mut self) -> Option<(usize, Fault)> {
        self.struck.pop_front()
    }

    fn next(&mut self) -> Option<Fault> {
        let step = self.steps;
        self.steps += 1;
        match &mut self.plan {
            Plan::At(at, fault) => (step == *at).then_some(*fault),
            Plan::Dice { dice, one_in, left } => {
                let strikes = dice.roll(*one_in) == 0 && *left > 0;
                *left -= usize::from(strikes);
                strikes.then(|| Fault::ALL[dice.roll(Fault::ALL.len() as u64) as usize])
            }
        }
    }
}

/// The log as one life of a process sees it.
#[derive(Clone)]
pub struct FaultyLog {
    pub log: Arc<dyn Log>,
    pub faults: Arc<Mutex<Faults>>,
    pub life: usize,
}

/// What is left to do after an operation was let through.
#[derive(PartialEq, Eq)]
enum After {
    Answer,
    Die,
}

impl FaultyLog {
    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the process has died in another of its futures, and only does not know it yet.
    fn is_dead(&self) -> bool {
        self.faults().dead.contains(&self.life)
    }

    fn strike(&self, fault: Fault) {
        let mut faults = self.faults();
        faults.struck.push_back((self.life, fault));
        if matches!(fault, Fault::CrashBefore | Fault::CrashAfter) {
            faults.dead.insert(self.life);
        }
    }

    /// Counts a step: lets the operation through, refuses it, or never returns.
    async fn step(&self) -> Result<After, Fault> {
        if self.is_dead() {
            return pending().await;
        }
        let fault = self.faults().next();
        match fault {
            None => Ok(After::Answer),
            Some(Fault::CrashBefore) => {
                self.strike(Fault::CrashBefore);
                pending().await
            }
            Some(Fault::CrashAfter) => Ok(After::Die),
            Some(fault @ (Fault::Overtaken | Fault::Stopped)) => {
                self.strike(fault);
                Ok(After::Answer)
            }
            Some(
                fault @ (Fault::Unavailable | Fault::StorageFull | Fault::LostBefore | Fault::LostAfter),
            ) => Err(fault),
        }
    }

    async fn finish<T>(&self, after: After, answer: T) -> T {
        if after == After::Die {
            self.strike(Fault::CrashAfter);
            pending().await
        } else {
            answer
        }
    }

    async fn read_step(&self) -> Result<After, ReadError> {
        self.step().await.map_err(|fault| ReadError::Unavailable { reason: format!("{fault:?}") })
    }
}

#[async_trait]
impl Log for FaultyLog {
    async fn create_topic(&self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        self.log.create_topic(spec).await
    }

    async fn topics(&self) -> Result<Vec<TopicSpec>, ReadError> {
        self.log.topics().await
    }

    async fn topic(&self, topic: &Topic) -> Result<TopicSpec, ReadError> {
        self.log.topic(topic).await
    }

    async fn start_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        let after = self.read_step().await?;
        let offset = self.log.start_offset(partition).await;
        self.finish(after, offset).await
    }

    async fn end_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        let after = self.read_step().await?;
        let offset = self.log.end_offset(partition).await;
        self.finish(after, offset).await
    }

    async fn trim(&self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError> {
        let after = self.read_step().await?;
        let trimmed = self.log.trim(partition, before).await;
        self.finish(after, trimmed).await
    }

    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError> {
        let after = self.read_step().await?;
        let reader = self.log.reader(partition, start).await?;
        self.finish(after, ()).await;
        Ok(Box::new(FaultyReader { reader, log: self.clone() }))
    }

    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError> {
        let refused = |fault| BeginProducerError::Unavailable { reason: format!("{fault:?}") };
        let after = self.step().await.map_err(refused)?;
        let producer = self.log.begin_producer(id).await?;
        self.finish(after, ()).await;
        Ok(Producer::new(id.clone(), Box::new(FaultyCommitter { producer, log: self.clone() })))
    }

    async fn join(
        &self,
        group: &GroupId,
        topics: &[Topic],
        member: &MemberId,
    ) -> Result<Box<dyn Membership>, GroupError> {
        self.log.join(group, topics, member).await
    }

    async fn committed_position(
        &self,
        group: &GroupId,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, ReadError> {
        let after = self.read_step().await?;
        let position = self.log.committed_position(group, partition).await;
        self.finish(after, position).await
    }
}

struct FaultyReader {
    reader: Box<dyn Reader>,
    log: FaultyLog,
}

#[async_trait]
impl Reader for FaultyReader {
    fn partition(&self) -> &TopicPartition {
        self.reader.partition()
    }

    fn position(&self) -> Offset {
        self.reader.position()
    }

    async fn next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        // What comes of a wait is a step; a wait is none. If it is refused, nothing was read.
        let before = self.reader.position();
        let batch = self.reader.next_batch(limit).await?;
        match self.log.read_step().await {
            Ok(after) => self.log.finish(after, Ok(batch)).await,
            Err(error) => {
                self.reader = self.log.log.reader(self.reader.partition(), Start::At(before)).await?;
                Err(error)
            }
        }
    }

    async fn try_next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        let after = self.log.read_step().await?;
        let batch = self.reader.try_next_batch(limit).await;
        self.log.finish(after, batch).await
    }
}

struct FaultyCommitter {
    producer: Producer,
    log: FaultyLog,
}

#[async_trait]
impl Committer for FaultyCommitter {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        let lost = || CommitError::Indeterminate { reason: "the answer was lost".to_owned() };
        match self.log.step().await {
            Ok(after) => {
                let receipt = self.producer.commit(batch).await;
                self.log.finish(after, receipt).await
            }
            Err(Fault::StorageFull) => Err(CommitError::StorageFull),
            Err(Fault::LostBefore) => Err(lost()),
            Err(Fault::LostAfter) => {
                self.producer.commit(batch).await?;
                Err(lost())
            }
            Err(fault) => Err(CommitError::Unavailable { reason: format!("{fault:?}") }),
        }
    }
}
