//! Looking at dead letters, and having them tried again.

use std::collections::BTreeMap;
use std::sync::Arc;

use topspin_log::{
    AppendError, BatchLimit, BeginProducerError, CommitError, Log, NameError, Partition, Producer, ReadError,
    Start, TopicPartition,
};

use super::chunks::{Assembly, records};
use super::{Letter, LetterId, RETRY_HEADER, Retry, Standing};
use crate::contention::{Attempts, is_contended};
use crate::limits::MAX_LISTED_LETTERS;
use crate::{Clock, Names};

/// The dead letters of an application, of all its generations.
pub struct DeadLetters {
    log: Arc<dyn Log>,
    app: String,
    clock: Clock,
}

/// Something is the matter with a dead letter. Unless it says otherwise, nothing was done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DeadLetterError {
    /// The application cannot have this name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The topic cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No producer.
    #[error(transparent)]
    Producer(#[from] BeginProducerError),
    /// There is no such letter.
    #[error("there is no dead letter {0}")]
    Unknown(LetterId),
    /// The record is so large that there is no room for the header that says where it is from.
    #[error("the record cannot be tried again: {0}")]
    TooLarge(#[from] AppendError),
    /// The log did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// What came of a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// The record is on its way to its task.
    Now,
    /// It was before: nothing was done.
    Already,
}

impl DeadLetters {
    /// The dead letters of `app`.
    pub fn new(log: Arc<dyn Log>, app: &str, clock: Clock) -> Self {
        Self { log, app: app.to_owned(), clock }
    }

    /// The letters in the order of their ids, those tried again included; the first [`MAX_LISTED_LETTERS`] from
    /// `from` on.
    ///
    /// # Errors
    /// [`DeadLetterError::Read`].
    pub async fn list(&self, from: Option<&LetterId>) -> Result<Vec<Letter>, DeadLetterError> {
        let mut letters = BTreeMap::new();
        self.each(|letter| {
            if from.is_none_or(|from| letter.id >= *from) {
                letters.insert(letter.id.clone(), letter);
                if letters.len() > MAX_LISTED_LETTERS {
                    letters.pop_last();
                }
            }
        })
        .await?;
        Ok(letters.into_values().collect())
    }

    /// One letter.
    ///
    /// # Errors
    /// [`DeadLetterError::Unknown`], [`DeadLetterError::Read`].
    pub async fn show(&self, id: &LetterId) -> Result<Letter, DeadLetterError> {
        let mut found = None;
        self.each(|letter| {
            if letter.id == *id {
                found = Some(letter);
            }
        })
        .await?;
        found.ok_or_else(|| DeadLetterError::Unknown(id.clone()))
    }

    /// Hands the record of a letter to its task again and marks the letter, as one transaction: whoever else tries the
    /// same, at the same time or later, does nothing. A letter whose record fails again is open again.
    ///
    /// # Errors
    /// [`DeadLetterError`]; after [`CommitError::Indeterminate`] nobody knows, and asking again finds out.
    pub async fn retry(&self, id: &LetterId) -> Result<Retried, DeadLetterError> {
        let mut attempts = Attempts::new();
        loop {
            match self.try_once(id).await {
                Err(DeadLetterError::Commit(error)) if is_contended(&error) && attempts.another().await => {}
                done => return done,
            }
        }
    }

    async fn try_once(&self, id: &LetterId) -> Result<Retried, DeadLetterError> {
        let names = Names::new(&self.app, id.generation)?;
        // First of all: what an earlier one has done is visible from here on.
        let mut producer: Producer = self.log.begin_producer(&names.dead_letter_office()?).await?;
        let mut letter = self.show(id).await?;
        if letter.standing == Standing::Retried {
            return Ok(Retried::Already);
        }
        let retry = Retry {
            attempts: letter.attempts,
            topic: id.source.topic.clone(),
            partition: id.source.partition,
            offset: id.offset,
        };
        let record = letter.record.clone().with_header(RETRY_HEADER, retry.header());
        let task = TopicPartition::new(names.retry(&id.subtopology)?, id.task);
        let mut transaction = producer.begin();
        transaction.append(task, record)?;
        letter.standing = Standing::Retried;
        letter.at = (self.clock)();
        for record in records(&letter) {
            transaction.append(partition(&names)?, record)?;
        }
        transaction.commit().await?;
        Ok(Retried::Now)
    }

    async fn each(&self, mut see: impl FnMut(Letter)) -> Result<(), DeadLetterError> {
        let letters = partition(&Names::new(&self.app, crate::Generation(0))?)?;
        let end = self.log.end_offset(&letters).await?;
        let mut reader = self.log.reader(&letters, Start::Beginning).await?;
        let mut assembly = Assembly::default();
        while reader.position() < end {
            for committed in reader.try_next_batch(BatchLimit::default()).await? {
                assembly.take(&committed.record).into_iter().for_each(&mut see);
            }
        }
        Ok(())
    }
}

fn partition(names: &Names) -> Result<TopicPartition, NameError> {
    Ok(TopicPartition::new(names.dead_letters()?, Partition(0)))
}
