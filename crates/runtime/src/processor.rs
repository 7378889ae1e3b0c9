//! What a partition does with a request.

use topspin_log::{GroupMetadata, Offset, Record, TopicPartition, TraceContext};

use crate::limits::{MAX_REQUEST_BYTES, MAX_REQUEST_RECORDS};
use crate::{Changes, Placed, Row, StoreError};

/// Handles the requests of one partition, one after another, in memory.
pub trait Processor: Send + 'static {
    /// What is asked.
    type Request: Send + 'static;
    /// What is answered. The answer leaves only after the commit of everything that it rests on.
    type Reply: Send + 'static;

    /// Handles one request. What it appends through `scope` is committed together with the rest of the batch, or
    /// nothing of the batch is. If it panics, nothing of the batch is, and this processor is thrown away.
    fn handle(&mut self, request: Self::Request, scope: &mut Scope<'_, '_>) -> Self::Reply;

    /// The last word on a batch before its commit: what is added to `records` no table sees. The positions that it
    /// answers are committed with the batch, in one transaction.
    fn seal(&mut self, records: &mut Vec<(TopicPartition, Record)>) -> Option<Positions> {
        let _ = records;
        None
    }

    /// The batch is committed and in the store; `placed` is all that it appended, in order. Called before the answers
    /// leave.
    fn committed(&mut self, placed: &[Placed]);

    /// Nothing of the batch happened, or nobody knows: whatever was worked out since the last `committed` is void.
    fn rolled_back(&mut self);

    /// The store was brought to the end of the log after an outcome that nobody knew: it may hold more than `committed`
    /// has told of.
    fn recovered(&mut self) {}
}

/// From where a group goes on after a batch.
pub struct Positions {
    /// Who commits.
    pub group: GroupMetadata,
    /// From where each partition goes on.
    pub positions: Vec<(TopicPartition, Offset)>,
}

/// What a request sees and writes: the store with everything that the batch has appended so far.
pub struct Scope<'batch, 'store> {
    changes: &'batch mut Changes<'store>,
    records: &'batch mut Vec<(TopicPartition, Record)>,
    trace: Option<&'batch TraceContext>,
}

impl<'batch, 'store> Scope<'batch, 'store> {
    pub(crate) fn new(
        changes: &'batch mut Changes<'store>,
        records: &'batch mut Vec<(TopicPartition, Record)>,
        trace: Option<&'batch TraceContext>,
    ) -> Self {
        Scope { changes, records, trace }
    }

    /// The same on behalf of somebody else: what is appended through it has their trace context, or none.
    pub fn on_behalf_of<'a>(&'a mut self, trace: Option<&'a TraceContext>) -> Scope<'a, 'store> {
        Scope { changes: self.changes, records: self.records, trace }
    }

    /// The value of a key of a derived table.
    ///
    /// # Errors
    /// [`StoreError`] if the table is unknown or cannot be read.
    pub fn get(&self, table: &str, key: &[u8]) -> Result<Option<bytes::Bytes>, StoreError> {
        self.changes.get(table, key)
    }

    /// Rows of a derived table; as [`Changes::scan`].
    ///
    /// # Errors
    /// [`StoreError`] if the table is unknown or cannot be read.
    pub fn scan(
        &self,
        table: &str,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.changes.scan(table, prefix, from, limit)
    }

    /// Appends records, with the trace context of the request: all of them, or none if it fails.
    ///
    /// # Errors
    /// [`AppendError`] if they are too many or too large, or the store cannot be read.
    pub fn append(&mut self, mut records: Vec<(TopicPartition, Record)>) -> Result<(), AppendError> {
        for (_, record) in &mut records {
            record.headers.extend(self.trace.iter().flat_map(|trace| trace.headers()));
        }
        let bytes: usize = records.iter().map(|(_, record)| record.size()).sum();
        let largest = records.iter().map(|(_, record)| record.size()).max().unwrap_or(0);
        let too_large = bytes > MAX_REQUEST_BYTES || largest > topspin_log::limits::MAX_RECORD_BYTES;
        if records.len() > MAX_REQUEST_RECORDS || too_large {
            return Err(AppendError::TooLarge { records: records.len(), bytes });
        }
        self.changes.apply(records.iter().map(|(partition, record)| (partition, record)))?;
        self.records.extend(records);
        Ok(())
    }
}

/// Nothing was appended.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// The request asks for more than one commit takes.
    #[error("{records} records of {bytes} bytes are too much for one request")]
    TooLarge {
        /// How many.
        records: usize,
        /// How large together.
        bytes: usize,
    },
    /// The derived tables cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}
