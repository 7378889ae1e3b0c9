//! What everything of an application is called on the log.

use std::fmt;

use topspin_log::{GroupId, NameError, Partition, Topic, TransactionalId};

/// Numbers the versions of an application that stand beside one another on the log, each with its own groups, state and
/// output topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{}", self.0)
    }
}

/// The names of one generation of an application. Inputs keep the name that the topology gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    app: String,
    generation: Generation,
}

impl Names {
    /// The names of a generation of `app`.
    ///
    /// # Errors
    /// [`NameError`] if `app` cannot be part of a topic's name.
    pub fn new(app: &str, generation: Generation) -> Result<Self, NameError> {
        Topic::new(app)?;
        Ok(Self { app: app.to_owned(), generation })
    }

    /// The application.
    pub fn app(&self) -> &str {
        &self.app
    }

    /// The generation.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// `<app>.dead-letters`: what could not be processed, of all generations. Compacted.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn dead_letters(&self) -> Result<Topic, NameError> {
        Topic::new(format!("{}.dead-letters", self.app))
    }

    /// `<app>.active`: which generation readers follow. Compacted.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn active(&self) -> Result<Topic, NameError> {
        Topic::new(format!("{}.active", self.app))
    }

    /// `<topic>.g<generation>`: what this generation says on an output topic of the topology.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn output(&self, topic: &str) -> Result<Topic, NameError> {
        Topic::new(format!("{topic}.{}", self.generation))
    }

    /// `<app>.g<generation>.<topic>`: the way between two subtopologies.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn repartition(&self, topic: &str) -> Result<Topic, NameError> {
        Topic::new(self.inner(topic))
    }

    /// `<app>.g<generation>.<subtopology>.changelog`: the state of its tasks. Compacted.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn changelog(&self, subtopology: &str) -> Result<Topic, NameError> {
        Topic::new(self.inner(&format!("{subtopology}.changelog")))
    }

    /// `<app>.g<generation>.<subtopology>.retry`: records that were dead letters and are tried again.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn retry(&self, subtopology: &str) -> Result<Topic, NameError> {
        Topic::new(self.inner(&format!("{subtopology}.retry")))
    }

    /// `<app>.g<generation>.<subtopology>`: the group whose members share the tasks, and its positions in the topic that
    /// they share them by.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn group(&self, subtopology: &str) -> Result<GroupId, NameError> {
        GroupId::new(self.inner(subtopology))
    }

    /// `….side`: the positions in the other topics. Nobody joins it.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn side_group(&self, subtopology: &str) -> Result<GroupId, NameError> {
        GroupId::new(self.inner(&format!("{subtopology}.side")))
    }

    /// `….side.<partition>`: the positions of one task in a partition that every task reads.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn own_group(&self, subtopology: &str, partition: Partition) -> Result<GroupId, NameError> {
        GroupId::new(self.inner(&format!("{subtopology}.side.{partition}")))
    }

    /// `<app>.g<generation>-<subtopology>-<partition>`: the producer of a task.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn task(&self, subtopology: &str, partition: Partition) -> Result<TransactionalId, NameError> {
        TransactionalId::new(format!("{}.{}-{subtopology}-{partition}", self.app, self.generation))
    }

    /// The producer of whoever works on dead letters.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn dead_letter_office(&self) -> Result<TransactionalId, NameError> {
        TransactionalId::new(format!("{}-dead-letters", self.app))
    }

    /// The producer of whoever switches generations.
    ///
    /// # Errors
    /// [`NameError`] if the name gets too long.
    pub fn switch(&self) -> Result<TransactionalId, NameError> {
        TransactionalId::new(format!("{}-active", self.app))
    }

    fn inner(&self, name: &str) -> String {
        format!("{}.{}.{name}", self.app, self.generation)
    }
}
