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

/// What applications make on a log, told by its name. What they only read is nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Derived {
    /// `<topic>.g<generation>` and `<app>.dead-letters`: what an application says to others.
    Output,
    /// `<app>.g<generation>.<…>` and `<app>.active`: what its tasks go on from. It holds positions in other topics of the
    /// same log, and means nothing on another.
    State,
}

impl Derived {
    /// What a topic of this name is; `None` if no application makes it. A name that could be either is state.
    pub fn of(topic: &Topic) -> Option<Self> {
        let name = topic.as_str();
        let made_by = |app: &str| Topic::new(app).is_ok();
        if let Some((_, rest)) = dots(name).find(|(app, rest)| made_by(app) && begins_with_generation(rest)) {
            return Some(if rest.contains('.') { Self::State } else { Self::Output });
        }
        match name.rsplit_once('.')? {
            (app, "dead-letters") if made_by(app) => Some(Self::Output),
            (app, "active") if made_by(app) => Some(Self::State),
            (_, _) => None,
        }
    }
}

/// What is before and behind each dot.
fn dots(name: &str) -> impl Iterator<Item = (&str, &str)> {
    name.match_indices('.').map(|(at, _)| (&name[..at], &name[at + 1..]))
}

/// Whether the part before the first dot is a generation as [`Generation`] writes it.
fn begins_with_generation(rest: &str) -> bool {
    let part = rest.split('.').next().unwrap_or_default();
    let number = part.strip_prefix('g').and_then(|number| number.parse().ok());
    number.is_some_and(|number| Generation(number).to_string() == part)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Option<Derived> {
        Derived::of(&Topic::new(name).expect("a valid name"))
    }

    #[test]
    fn what_an_application_makes_is_known_by_its_name() {
        for (app, generation) in [("player-totals", 1), ("league.totals", 4_294_967_295), ("g1", 12)] {
            let names = Names::new(app, Generation(generation)).expect("a valid name");
            let outputs = [names.output("player-totals"), names.output("a.b"), names.dead_letters()];
            let state = [
                names.repartition("lines-by-player"),
                names.repartition("lines.g7"),
                names.changelog("matches"),
                names.retry("matches"),
                names.active(),
            ];
            for (topics, expected) in [(&outputs[..], Derived::Output), (&state[..], Derived::State)] {
                for topic in topics {
                    let topic = topic.as_ref().expect("a valid name");
                    assert_eq!(Derived::of(topic), Some(expected), "{topic}");
                }
            }
        }
    }

    #[test]
    fn names_that_look_similar_are_not_taken_for_it() {
        for name in [
            "match-events",
            "matches",
            "topspin-bridge",
            "x.gold",
            "x.g",
            "x.g1x",
            "x.G1",
            "x.g01",
            "x.g-1",
            "x.g4294967296",
            "x.gold.changelog",
            "xg1.changelog",
            "x-g1",
            "g1",
            "g1.changelog",
            ".g1",
            "..g1.changelog",
            "active",
            ".active",
            "x.active.log",
            "dead-letters",
            "x.dead-letters-2",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
