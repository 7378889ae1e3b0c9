//! Which generation of an application its readers follow: a record on a compacted topic.

use serde::{Deserialize, Serialize};
use topspin_log::{
    AppendError, BatchLimit, BeginProducerError, CommitError, Log, NameError, Partition, ReadError, Reader,
    Record, Start, Timestamp, TopicPartition,
};

use crate::contention::{Attempts, is_contended};
use crate::{Generation, Names};

/// The active generation cannot be told, or changed. Nothing was changed, unless nobody knows.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ActiveError {
    /// The application cannot have this name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The topic cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No producer.
    #[error(transparent)]
    Producer(#[from] BeginProducerError),
    /// The record is out of bounds.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// The generation that readers follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActiveGeneration {
    /// Which one it is.
    pub generation: Generation,
    /// The version of the topology that made it; an early record does not say.
    pub version: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    generation: u32,
    version: Option<u32>,
}

/// The active generation of `app`; `None` if no generation of it was ever active.
///
/// # Errors
/// [`ActiveError::Read`] and [`ActiveError::Name`].
pub async fn active_generation(log: &dyn Log, app: &str) -> Result<Option<ActiveGeneration>, ActiveError> {
    Active::default().look(log, app).await
}

/// Which generation of one application is active, as far as was read.
#[derive(Default)]
pub(super) struct Active {
    reader: Option<Box<dyn Reader>>,
    newest: Option<ActiveGeneration>,
}

impl Active {
    /// Reads on to the end.
    pub(super) async fn look(
        &mut self,
        log: &dyn Log,
        app: &str,
    ) -> Result<Option<ActiveGeneration>, ActiveError> {
        let partition = partition(app)?;
        let end = log.end_offset(&partition).await?;
        // Whatever fails is read anew.
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => log.reader(&partition, Start::Beginning).await?,
        };
        while reader.position() < end {
            for committed in reader.try_next_batch(BatchLimit::default()).await? {
                let value = committed.record.value.unwrap_or_default();
                let stored: Option<Stored> = serde_json::from_slice(&value).ok();
                let stored = stored.map(|Stored { generation, version }| ActiveGeneration {
                    generation: Generation(generation),
                    version,
                });
                self.newest = stored.max(self.newest);
            }
        }
        self.reader = Some(reader);
        Ok(self.newest)
    }
}

/// Makes a generation the active one, unless a later one is: it never goes back. Answers which one is active then.
///
/// # Errors
/// [`ActiveError`]; after [`CommitError::Indeterminate`] nobody knows.
pub async fn make_active(
    log: &dyn Log,
    app: &str,
    wanted: ActiveGeneration,
    now: Timestamp,
) -> Result<Generation, ActiveError> {
    let mut attempts = Attempts::new();
    loop {
        match try_once(log, app, wanted, now).await {
            Err(ActiveError::Commit(error)) if is_contended(&error) && attempts.another().await => {}
            done => return done,
        }
    }
}

async fn try_once(
    log: &dyn Log,
    app: &str,
    wanted: ActiveGeneration,
    now: Timestamp,
) -> Result<Generation, ActiveError> {
    let generation = wanted.generation;
    // First of all: what an earlier one has done is visible from here on.
    let mut producer = log.begin_producer(&Names::new(app, generation)?.switch()?).await?;
    let active = active_generation(log, app).await?.map(|active| active.generation);
    if let Some(active) = active.filter(|active| *active >= generation) {
        return Ok(active);
    }
    let stored = Stored { generation: generation.0, version: wanted.version };
    let value = serde_json::to_vec(&stored).expect("a number is JSON");
    let mut transaction = producer.begin();
    transaction.append(partition(app)?, Record::new(app.to_owned(), value, now))?;
    transaction.commit().await?;
    Ok(generation)
}

fn partition(app: &str) -> Result<TopicPartition, NameError> {
    Ok(TopicPartition::new(Names::new(app, Generation(0))?.active()?, Partition(0)))
}
