//! The only way to write.
//!
//! A [`Producer`] is owned by one task and lends itself to one [`Transaction`] at a time. The transaction gathers
//! records and positions in memory, bounded by [`limits`](crate::limits); the engine sees it whole, at commit, through
//! [`Committer`]. So an abort cannot fail, and a dropped transaction leaves nothing behind.

use async_trait::async_trait;

use crate::limits::{
    MAX_HEADERS, MAX_RECORD_BYTES, MAX_TRANSACTION_BYTES, MAX_TRANSACTION_POSITIONS, MAX_TRANSACTION_RECORDS,
};
use crate::{CommitError, GroupMetadata, Offset, Record, TopicPartition, TransactionalId};

/// The owner of a transactional id, until another begins with the same id.
pub struct Producer {
    id: TransactionalId,
    committer: Box<dyn Committer>,
}

impl Producer {
    /// A producer over an engine's committer; for engines.
    pub fn new(id: TransactionalId, committer: Box<dyn Committer>) -> Self {
        Self { id, committer }
    }

    /// The id that this producer owns, or owned.
    pub fn id(&self) -> &TransactionalId {
        &self.id
    }

    /// Commits a batch that another producer has gathered; for a log in front of this one.
    ///
    /// # Errors
    /// As the variants of [`CommitError`] say.
    pub async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        self.committer.commit(batch).await
    }

    /// Whether a later producer is known to own the id. When nobody knows what became of a commit, beginning anew would
    /// shut that one out.
    pub async fn is_fenced(&mut self) -> bool {
        matches!(self.begin().commit().await, Err(CommitError::Fenced(_)))
    }

    /// Opens a transaction; nothing is written before its commit.
    pub fn begin(&mut self) -> Transaction<'_> {
        Transaction { committer: self.committer.as_mut(), batch: Batch::default() }
    }
}

/// Records and consumer positions that are committed together or not at all. Dropping it aborts it.
#[must_use = "a transaction that is not committed is aborted"]
pub struct Transaction<'producer> {
    committer: &'producer mut dyn Committer,
    batch: Batch,
}

impl Transaction<'_> {
    /// Adds a record. Records of one partition keep the order in which they were added.
    ///
    /// # Errors
    /// [`AppendError`] if the record or the transaction would pass a limit; the transaction stays as it was.
    pub fn append(&mut self, partition: TopicPartition, record: Record) -> Result<(), AppendError> {
        self.batch.append(partition, record)
    }

    /// Adds the positions from which `group` goes on after this transaction. A later position for the same partition
    /// in the same transaction wins.
    ///
    /// # Errors
    /// [`AppendError::TooManyPositions`]; the transaction stays as it was.
    pub fn commit_positions(
        &mut self,
        group: &GroupMetadata,
        positions: impl IntoIterator<Item = (TopicPartition, Offset)>,
    ) -> Result<(), AppendError> {
        self.batch.commit_positions(group, positions)
    }

    /// Makes room for so many more records, which only saves time.
    pub fn reserve(&mut self, records: usize) {
        self.batch.appends.reserve(records.min(MAX_TRANSACTION_RECORDS));
    }

    /// How many records were added.
    pub fn len(&self) -> usize {
        self.batch.appends.len()
    }

    /// Whether no record was added.
    pub fn is_empty(&self) -> bool {
        self.batch.appends.is_empty()
    }

    /// Commits. `Ok` means: durable, and visible now or soon. If the future is dropped before it resolves, the
    /// outcome is unknown; the transactions of one producer stay in order all the same.
    ///
    /// # Errors
    /// As the variants of [`CommitError`] say.
    pub async fn commit(self) -> Result<Receipt, CommitError> {
        self.committer.commit(self.batch).await
    }

    /// Gives up everything that was added.
    pub fn abort(self) {}
}

/// A record was not added to a transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The record alone is too large.
    #[error("a record of {bytes} bytes is larger than {max}")]
    RecordTooLarge {
        /// Its size.
        bytes: usize,
        /// The most allowed, inclusive.
        max: usize,
    },
    /// The record has too many headers, or one whose name is too long.
    #[error("a record has at most {max} headers with names of at most 65535 bytes")]
    Headers {
        /// The most allowed, inclusive.
        max: usize,
    },
    /// The transaction would have too many records.
    #[error("a transaction has at most {max} records")]
    TooManyRecords {
        /// The most allowed, inclusive.
        max: usize,
    },
    /// The transaction would be too large.
    #[error("a transaction of {bytes} bytes is larger than {max}")]
    TransactionTooLarge {
        /// Its size with the record.
        bytes: usize,
        /// The most allowed, inclusive.
        max: usize,
    },
    /// The transaction would have too many positions.
    #[error("a transaction has at most {max} positions")]
    TooManyPositions {
        /// The most allowed, inclusive.
        max: usize,
    },
}

/// Where the records of a committed transaction are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    offsets: Vec<Offset>,
}

impl Receipt {
    /// A receipt with one offset for each append; for engines.
    pub fn new(offsets: Vec<Offset>) -> Self {
        Self { offsets }
    }

    /// The offset of each record, in the order in which they were appended.
    pub fn offsets(&self) -> &[Offset] {
        &self.offsets
    }
}

/// One append of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// Where it goes.
    pub partition: TopicPartition,
    /// What is appended.
    pub record: Record,
}

/// The positions of one group in a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionCommit {
    /// Who commits.
    pub group: GroupMetadata,
    /// From where each partition goes on.
    pub positions: Vec<(TopicPartition, Offset)>,
}

/// A whole transaction, as an engine gets it: within all limits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    appends: Vec<Append>,
    positions: Vec<PositionCommit>,
    bytes: usize,
}

impl Batch {
    /// The records, in append order.
    pub fn appends(&self) -> &[Append] {
        &self.appends
    }

    /// The positions, in the order in which they were added.
    pub fn positions(&self) -> &[PositionCommit] {
        &self.positions
    }

    /// The sum of the records' sizes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The same batch with each record in a frame, for a log in front of another. What the frame adds to a record is at
    /// most [`MAX_FRAME_BYTES`](crate::limits::MAX_FRAME_BYTES), which no limit counts.
    #[must_use]
    pub fn framed(mut self, mut frame: impl FnMut(&Append) -> Record) -> Self {
        for append in &mut self.appends {
            append.record = frame(append);
        }
        self
    }

    fn append(&mut self, partition: TopicPartition, record: Record) -> Result<(), AppendError> {
        let size = record.size();
        if size > MAX_RECORD_BYTES {
            return Err(AppendError::RecordTooLarge { bytes: size, max: MAX_RECORD_BYTES });
        }
        let long_name = record.headers.iter().any(|header| header.name.len() > usize::from(u16::MAX));
        if record.headers.len() > MAX_HEADERS || long_name {
            return Err(AppendError::Headers { max: MAX_HEADERS });
        }
        if self.appends.len() == MAX_TRANSACTION_RECORDS {
            return Err(AppendError::TooManyRecords { max: MAX_TRANSACTION_RECORDS });
        }
        if self.bytes + size > MAX_TRANSACTION_BYTES {
            return Err(AppendError::TransactionTooLarge {
                bytes: self.bytes + size,
                max: MAX_TRANSACTION_BYTES,
            });
        }
        self.bytes += size;
        self.appends.push(Append { partition, record });
        Ok(())
    }

    fn commit_positions(
        &mut self,
        group: &GroupMetadata,
        positions: impl IntoIterator<Item = (TopicPartition, Offset)>,
    ) -> Result<(), AppendError> {
        let held: usize = self.positions.iter().map(|commit| commit.positions.len()).sum();
        let room = MAX_TRANSACTION_POSITIONS - held;
        let positions: Vec<_> = positions.into_iter().take(room + 1).collect();
        if positions.len() > room {
            return Err(AppendError::TooManyPositions { max: MAX_TRANSACTION_POSITIONS });
        }
        self.positions.push(PositionCommit { group: group.clone(), positions });
        Ok(())
    }
}

/// The engine's side of a producer.
#[async_trait]
pub trait Committer: Send {
    /// Commits a whole transaction, or nothing of it. The receipt has one offset for each of `batch.appends()`.
    ///
    /// # Errors
    /// As the variants of [`CommitError`] say.
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError>;
}
