//! The transaction of a batch.

use tokio::join;
use topspin_log::{CommitError, GroupMetadata, Producer, Receipt, Record, TopicPartition, Transaction};

use super::inputs::{Inputs, Moved};
use super::{Ending, Task, TaskCondition, Verdict};

impl Task {
    /// Commits what the batch says, and reads ahead meanwhile. A log that is full or away is asked again until it takes
    /// it, or the task is to stop.
    pub(super) async fn commit(
        &mut self,
        producer: &mut Producer,
        inputs: &mut Inputs,
    ) -> Result<(), Ending> {
        self.outbox.supersede();
        let positions = inputs.positions();
        for moved in positions.iter().filter(|moved| moved.begun) {
            self.state.go_on_at(&moved.partition, moved.position);
        }
        let changes = self.state.changes(&mut self.packer);
        let now = (self.part.clock)();
        let changelog = self.changelog();
        let rows = changes.into_iter().map(|(key, value)| {
            (changelog.clone(), Record { key: Some(key), value, headers: Vec::new(), timestamp: now })
        });
        let rows: Vec<(TopicPartition, Record)> = rows.collect();
        if positions.is_empty() && rows.is_empty() && self.outbox.records().is_empty() {
            return Ok(());
        }
        let mut read = Ok(());
        let receipt = loop {
            let transaction = self.transaction(producer, &rows, &positions)?;
            let (committed, ahead) = join!(transaction.commit(), inputs.ready());
            read = read.and(ahead.map(drop));
            match committed {
                Ok(receipt) => break receipt,
                Err(CommitError::Refused { reason }) => return self.take_care(inputs, reason),
                Err(error) => {
                    let reason = error.to_string();
                    if matches!(error, CommitError::Indeterminate { .. }) && producer.is_fenced().await {
                        return Err(Ending::Fenced);
                    }
                    if !can_try_again(&error) {
                        return Err(judge(&error));
                    }
                    self.stalled(reason).await?;
                }
            }
        };
        self.committed(&rows, &receipt, &positions);
        inputs.committed(&positions);
        // Only now: what is committed is committed.
        Ok(read?)
    }

    fn transaction<'producer>(
        &self,
        producer: &'producer mut Producer,
        rows: &[(TopicPartition, Record)],
        positions: &[Moved],
    ) -> Result<Transaction<'producer>, Ending> {
        let within = |error: topspin_log::AppendError| Ending::Failed(error.to_string());
        let mut transaction = producer.begin();
        transaction.reserve(self.outbox.records().len() + rows.len());
        let outputs = self.outbox.records().iter().map(|output| (&output.partition, &output.record));
        for (partition, record) in outputs.chain(rows.iter().map(|(partition, record)| (partition, record))) {
            transaction.append(partition.clone(), record.clone()).map_err(within)?;
        }
        for Moved { input, partition, position, .. } in positions {
            let group = if *input == self.part.lead {
                self.member.borrow().clone()
            } else {
                let group = self.part.group_of(*input, self.partition);
                GroupMetadata::standalone(group.map_err(|error| Ending::Failed(error.to_string()))?)
            };
            transaction.commit_positions(&group, [(partition.clone(), *position)]).map_err(within)?;
        }
        Ok(transaction)
    }

    fn committed(&mut self, rows: &[(TopicPartition, Record)], receipt: &Receipt, positions: &[Moved]) {
        let last = rows.last().zip(receipt.offsets().last());
        self.state.committed(last.map(|((_, record), offset)| (*offset, record)));
        self.outbox.clear();
        self.failures = 0;
        self.care.judged = false;
        let counts = std::mem::take(&mut self.counts);
        self.status.send_modify(|status| {
            status.condition = TaskCondition::Running;
            status.records += counts.records;
            status.dead_letters += counts.dead_letters;
            status.commits += 1;
            let moved = positions.iter().map(|moved| (moved.partition.clone(), moved.position));
            status.positions.extend(moved);
        });
    }

    /// The log will never take this batch: its records go one by one, and the one that is refused alone is a dead
    /// letter.
    fn take_care(&mut self, inputs: &mut Inputs, reason: String) -> Result<(), Ending> {
        self.roll_back();
        let processed = inputs.rewind();
        if self.care.judged {
            // Not even its dead letter.
            return Err(Ending::Failed(reason));
        }
        if let [(input, offset)] = *processed.as_slice() {
            let reason = format!("the log refuses what it makes: {reason}");
            self.care.verdict = Some(Verdict { input, offset, reason });
        }
        self.care.records_left = processed.len().max(1);
        Ok(())
    }
}

/// Whether the same transaction can be committed later by the same producer. A member that does not own its partition
/// now is told so by its group soon, or owns it again.
fn can_try_again(error: &CommitError) -> bool {
    error.is_retryable() || matches!(error, CommitError::StaleGeneration(_))
}

pub(super) fn judge(error: &CommitError) -> Ending {
    let reason = error.to_string();
    match error {
        CommitError::Fenced(_) => Ending::Fenced,
        CommitError::Indeterminate { .. }
        | CommitError::StorageFull
        | CommitError::Unavailable { .. }
        | CommitError::StaleGeneration(_) => Ending::Again(reason),
        CommitError::UnknownTopic { .. }
        | CommitError::UnknownPartition(_)
        | CommitError::KeyRequired { .. }
        | CommitError::TooMany { .. }
        | CommitError::NotAuthorized { .. }
        | CommitError::Refused { .. }
        | CommitError::Failed { .. } => Ending::Failed(reason),
    }
}
