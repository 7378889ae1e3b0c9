//! What a task says of itself.

use std::collections::BTreeMap;

use topspin_log::{Offset, TopicPartition};

/// How a task is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TaskCondition {
    /// It has not begun.
    #[default]
    Waiting,
    /// It brings its state up to the end of the changelog.
    Restoring {
        /// Offsets passed; some of them hold no record.
        done: u64,
        /// Offsets to pass.
        total: u64,
    },
    /// It processes what comes.
    Running,
    /// It waits and tries again. Nothing is lost.
    Stalled {
        /// What it waits for to go away.
        reason: String,
    },
    /// It does nothing any more.
    Ended(TaskEnd),
}

impl TaskCondition {
    /// Whether it is this process's task, and may go on.
    pub fn is_at_work(&self) -> bool {
        match self {
            TaskCondition::Waiting
            | TaskCondition::Restoring { .. }
            | TaskCondition::Running
            | TaskCondition::Stalled { .. } => true,
            TaskCondition::Ended(_) => false,
        }
    }
}

/// Why a task has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskEnd {
    /// It was told to.
    Stopped,
    /// Another owns its producer.
    Fenced,
    /// It cannot go on until somebody changes something and starts it again.
    Failed {
        /// What failed.
        reason: String,
    },
}

/// A task as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskStatus {
    /// How it is.
    pub condition: TaskCondition,
    /// Input records that it has committed since it was started, dead letters included.
    pub records: u64,
    /// Dead letters among them.
    pub dead_letters: u64,
    /// Transactions.
    pub commits: u64,
    /// Where its sources go on, of those that have moved since it was started.
    pub positions: BTreeMap<TopicPartition, Offset>,
}
