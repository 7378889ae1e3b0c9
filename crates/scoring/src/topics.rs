//! The topics that a home writes. All have the same number of partitions.

use std::time::Duration;

use topspin_event::MatchId;
use topspin_log::{
    Cleanup, CreateTopicError, Log, Partition, Topic, TopicPartition, TopicSpec, partition_for,
};

use crate::limits::DEVICE_RETENTION_MS;

/// One of the home's topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Commands with their verdicts: evidence, kept for ever. Key: the match id.
    MatchCommands,
    /// Events of matches, kept for ever. Key: the match id.
    MatchEvents,
    /// The latest snapshot of each match. Key: the match id.
    Matches,
    /// The verdict on each command. Key: `<match id>/<command id>`, in the partition of the match.
    MatchDedupe,
    /// Commands to ties with their verdicts. Key: the tie id.
    TieCommands,
    /// Events of ties, kept for ever. Key: the tie id.
    TieEvents,
    /// The latest snapshot of each tie. Key: the tie id.
    Ties,
    /// The verdict on each command to a tie. Key: `<tie id>/<command id>`, in the partition of the tie.
    TieDedupe,
    /// Reference data. Key: `<kind>/<id>`.
    Reference,
    /// Faults of foreign streams, kept for ever. Key: the anomaly's id.
    Anomalies,
    /// Tablets' signs of life. Key: the tablet's label.
    Devices,
}

impl Kind {
    pub(crate) const ALL: [Kind; 11] = [
        Kind::MatchCommands,
        Kind::MatchEvents,
        Kind::Matches,
        Kind::MatchDedupe,
        Kind::TieCommands,
        Kind::TieEvents,
        Kind::Ties,
        Kind::TieDedupe,
        Kind::Reference,
        Kind::Anomalies,
        Kind::Devices,
    ];

    /// The topic's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Kind::MatchCommands => "match-commands",
            Kind::MatchEvents => "match-events",
            Kind::Matches => "matches",
            Kind::MatchDedupe => "match-dedupe",
            Kind::TieCommands => "tie-commands",
            Kind::TieEvents => "tie-events",
            Kind::Ties => "ties",
            Kind::TieDedupe => "tie-dedupe",
            Kind::Reference => "reference",
            Kind::Anomalies => "anomalies",
            Kind::Devices => "devices",
        }
    }

    /// The full name of the Protobuf message that its values are.
    const fn message(self) -> &'static str {
        match self {
            Kind::MatchCommands | Kind::TieCommands => "topspin.v1.CommandRecord",
            Kind::MatchEvents => "topspin.v1.Recorded",
            Kind::Matches => "topspin.v1.MatchSnapshot",
            Kind::MatchDedupe | Kind::TieDedupe => "topspin.v1.Verdict",
            Kind::TieEvents => "topspin.v1.TieRecorded",
            Kind::Ties => "topspin.v1.TieSnapshot",
            Kind::Reference => "topspin.v1.Reference",
            Kind::Anomalies => "topspin.v1.Anomaly",
            Kind::Devices => "topspin.v1.Device",
        }
    }

    /// Whether tables are derived from it: what recovery reads.
    pub(crate) const fn is_derived_from(self) -> bool {
        !matches!(self, Kind::MatchCommands | Kind::TieCommands)
    }

    fn cleanup(self) -> Cleanup {
        match self {
            Kind::MatchCommands
            | Kind::MatchEvents
            | Kind::TieCommands
            | Kind::TieEvents
            | Kind::Anomalies => Cleanup::KeepForever,
            Kind::Matches | Kind::MatchDedupe | Kind::Ties | Kind::TieDedupe | Kind::Reference => {
                Cleanup::Compact
            }
            Kind::Devices => {
                Cleanup::Retain { max_age: Some(Duration::from_millis(DEVICE_RETENTION_MS)), max_bytes: None }
            }
        }
    }

    /// The topic.
    ///
    /// # Panics
    /// Never: the names are valid.
    pub(crate) fn topic(self) -> Topic {
        Topic::new(self.name()).expect("the names of topics are valid")
    }
}

/// Each topic with the full name of the Protobuf message that its values are.
pub fn contracts() -> Vec<(Topic, &'static str)> {
    Kind::ALL.map(|kind| (kind.topic(), kind.message())).to_vec()
}

/// Makes the topics that are missing.
pub(crate) async fn create(log: &dyn Log, partitions: u32) -> Result<(), CreateTopicError> {
    for kind in Kind::ALL {
        log.create_topic(&TopicSpec::new(kind.topic(), partitions).with_cleanup(kind.cleanup())).await?;
    }
    Ok(())
}

/// The partitions of all topics with one number.
pub(crate) struct Lane {
    number: Partition,
    topics: Vec<TopicPartition>,
}

impl Lane {
    pub(crate) fn new(number: u32) -> Self {
        let number = Partition(number);
        Lane { number, topics: Kind::ALL.map(|kind| TopicPartition::new(kind.topic(), number)).to_vec() }
    }

    pub(crate) fn number(&self) -> Partition {
        self.number
    }

    pub(crate) fn of(&self, kind: Kind) -> TopicPartition {
        self.topics[kind as usize].clone()
    }

    pub(crate) fn derived_from(&self) -> Vec<TopicPartition> {
        Kind::ALL.into_iter().filter(|kind| kind.is_derived_from()).map(|kind| self.of(kind)).collect()
    }
}

/// The partition of a match.
pub(crate) fn of_match(id: MatchId, partitions: u32) -> Partition {
    partition_for(id.to_string().as_bytes(), partitions)
}
