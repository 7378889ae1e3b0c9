//! One subtopology on a log.

use topspin_log::{GroupId, Topic, TopicPartition};
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
    /// The source whose partitions the group shares.
    pub(crate) lead: usize,
    pub(crate) sources: Vec<Source>,
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
    /// Whether every task reads its only partition, and not the one with its own number.
    pub(crate) shared: bool,
}

pub(crate) struct Sink {
    pub(crate) topic: Topic,
    pub(crate) kind: SinkKind,
    pub(crate) partitions: Vec<TopicPartition>,
}
