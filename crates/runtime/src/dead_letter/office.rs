//! Looking at dead letters, and having them tried again.

use std::sync::Arc;

use topspin_log::{
    AppendError, BatchLimit, BeginProducerError, CommitError, Log, NameError, Partition, Producer, ReadError,
    Start, TopicPartition,
};

use super::chunks::{Assembly, records};
use super::page::Collecting;
use super::{Letter, LetterId, Listed, Page, RETRY_HEADER, Retry, Standing};
use crate::contention::{Attempts, is_contended};
#[cfg(doc)]
use crate::limits::{MAX_LISTED_BYTES, MAX_LISTED_LETTERS};
use crate::{ActiveError, Clock, Generation, Names, active_generation};

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
    /// Nobody reads the retry topic of the letter's generation any more.
    #[error(
        "{letter} is of a generation before {active}, which is active and has met the record itself: \
         `topspin dlq list` has a letter of {active} if it could not process it either"
    )]
    Superseded {
        /// The letter.
        letter: LetterId,
        /// The generation that readers follow.
        active: Generation,
    },
    /// It cannot be told which generation is active.
    #[error(transparent)]
    Active(#[from] ActiveError),
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

    /// The letters in the order of their ids, from `from` on: at most [`MAX_LISTED_LETTERS`] and [`MAX_LISTED_BYTES`]. A
    /// page that is not the last has at least one.
    ///
    /// # Errors
    /// [`DeadLetterError::Read`].
    pub async fn list(&self, listed: Listed, from: Option<&LetterId>) -> Result<Page, DeadLetterError> {
        let mut from = from.cloned();
        loop {
            let mut collecting = Collecting::new(listed, from.as_ref());
            self.each(|letter| collecting.take(letter)).await?;
            let page = collecting.page();
            // All that had a place were tried again since.
            if page.letters.is_empty() && page.next.is_some() {
                from = page.next;
                continue;
            }
            return Ok(page);
        }
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
        self.check_is_read(id).await?;
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

    /// The tasks of a generation end when a later one is active.
    async fn check_is_read(&self, letter: &LetterId) -> Result<(), DeadLetterError> {
        let active = active_generation(self.log.as_ref(), &self.app).await?;
        match active.map(|active| active.generation).filter(|active| letter.generation < *active) {
            Some(active) => Err(DeadLetterError::Superseded { letter: letter.clone(), active }),
            None => Ok(()),
        }
    }

    async fn each(&self, mut see: impl FnMut(Letter)) -> Result<(), DeadLetterError> {
        let letters = partition(&Names::new(&self.app, Generation(0))?)?;
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
