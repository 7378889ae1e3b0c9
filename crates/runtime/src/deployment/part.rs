//! One subtopology on a log.

use topspin_log::{GroupId, Partition, Topic, TopicPartition};
use topspin_stream::{SinkKind, SourceKind, Subtopology};

use super::{Clock, StartFrom};
use crate::Names;
use crate::local::Origin;

/// A subtopology with everything that its tasks share.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) names: Names,
    pub(crate) subtopology: Subtopology,
    pub(crate) partitions: u32,
    /// The input whose partitions the group shares.
    pub(crate) lead: usize,
    pub(crate) sources: Vec<Source>,
    /// What each task reads of them.
    pub(crate) inputs: Vec<Input>,
    pub(crate) sinks: Vec<Sink>,
    pub(crate) changelog: Topic,
    pub(crate) retry: Topic,
    pub(crate) dead_letters: TopicPartition,
    pub(crate) group: GroupId,
    pub(crate) side_group: GroupId,
    pub(crate) start: StartFrom,
    pub(crate) clock: Clock,
    pub(crate) origin: Origin,
}

pub(crate) struct Source {
    pub(crate) topic: Topic,
    /// The topology's name for it.
    pub(crate) name: String,
    pub(crate) kind: SourceKind,
}

/// One partition of a source, as a task reads it.
pub(crate) struct Input {
    pub(crate) source: usize,
    pub(crate) which: Which,
}

/// Which partition of its topic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The one with the task's own number.
    Own,
    /// This one, which every task reads.
    Everyone(Partition),
}

pub(crate) struct Sink {
    pub(crate) topic: Topic,
    pub(crate) kind: SinkKind,
    pub(crate) partitions: Vec<TopicPartition>,
}
