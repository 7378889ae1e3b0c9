//! What an operator says about the cluster.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// How to reach a cluster and what to ask of it.
///
/// The values in `client` are secrets as far as this crate knows: `Debug` shows their names only.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// `host:port` of some brokers, separated by commas.
    pub bootstrap: String,
    /// Stands before every topic, group and transactional id on the cluster, so that several installations can share
    /// it. Empty, or characters of `[a-zA-Z0-9._-]`.
    pub prefix: String,
    /// Replicas of a topic that is created.
    pub replication: u16,
    /// How many of them must have a record before it is acknowledged.
    pub min_in_sync: u16,
    /// A file with the token that clients show (SASL OAUTHBEARER). Something else keeps it fresh.
    pub token_file: Option<PathBuf>,
    /// Settings of librdkafka, passed through to every client: security, tuning, debugging.
    pub client: BTreeMap<String, String>,
}

/// What an acknowledgement is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It survives the loss of any one broker, and the cluster stays writable then.
    Replicated,
    /// Less than that.
    Reduced {
        /// Replicas of a topic.
        replication: u16,
        /// How many of them must have a record before it is acknowledged.
        min_in_sync: u16,
    },
}

impl Durability {
    pub(crate) fn of(replication: u16, min_in_sync: u16) -> Self {
        if replication >= 3 && min_in_sync >= 2 && min_in_sync < replication {
            Self::Replicated
        } else {
            Self::Reduced { replication, min_in_sync }
        }
    }

    /// The one that is worth less.
    pub(crate) fn lesser(self, other: Self) -> Self {
        let worth = |durability: &Self| match *durability {
            Self::Replicated => (u16::MAX, u16::MAX),
            Self::Reduced { replication, min_in_sync } => (replication, min_in_sync),
        };
        std::cmp::min_by_key(self, other, worth)
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replicated => f.write_str("acknowledged records survive the loss of a broker"),
            Self::Reduced { replication, min_in_sync } => write!(
                f,
                "REDUCED DURABILITY: a topic has replication factor {replication} with min.insync.replicas \
                 {min_in_sync}; acknowledged records can be lost with a broker (3 and 2 prevent it)"
            ),
        }
    }
}

/// A setting was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The log's promises rest on this setting.
    #[error("the setting {name} cannot be changed: the log's promises rest on it")]
    Reserved {
        /// Its name.
        name: String,
    },
    /// A name has a character outside Kafka's alphabet.
    #[error("the prefix {prefix:?} has a character outside [a-zA-Z0-9._-] or is too long")]
    Prefix {
        /// The prefix.
        prefix: String,
    },
    /// The numbers of replicas do not fit together.
    #[error("min.insync.replicas is from 1 to the replication factor, not {min_in_sync} of {replication}")]
    Replicas {
        /// Replicas of a topic that is created.
        replication: u16,
        /// How many of them must have a record.
        min_in_sync: u16,
    },
    /// A token file and the settings of SASL do not fit together.
    #[error("{problem}")]
    Token {
        /// What does not fit.
        problem: &'static str,
    },
    /// librdkafka does not know the setting, or not with this value.
    #[error("the setting {name} is refused: {reason}")]
    Client {
        /// Its name.
        name: String,
        /// What librdkafka says; the value is not in it.
        reason: String,
    },
}

/// What the engine sets itself; the aliases of librdkafka are among them.
const RESERVED: &[&str] = &[
    "acks",
    "allow.auto.create.topics",
    "auto.commit.enable",
    "auto.offset.reset",
    "bootstrap.servers",
    "check.crcs",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "isolation.level",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "message.max.bytes",
    "message.send.max.retries",
    "message.timeout.ms",
    "metadata.broker.list",
    "partition.assignment.strategy",
    "partitioner",
    "queue.buffering.max.messages",
    "request.required.acks",
    "retries",
    "transaction.timeout.ms",
    "transactional.id",
];

impl Settings {
    /// The settings for a cluster with full durability and without security.
    pub fn new(bootstrap: impl Into<String>) -> Self {
        Self {
            bootstrap: bootstrap.into(),
            prefix: String::new(),
            replication: 3,
            min_in_sync: 2,
            token_file: None,
            client: BTreeMap::new(),
        }
    }

    /// What an acknowledgement is worth on topics that are created with these settings.
    pub fn durability(&self) -> Durability {
        Durability::of(self.replication, self.min_in_sync)
    }

    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if let Some(name) = self.client.keys().find(|name| RESERVED.contains(&name.as_str())) {
            return Err(SettingsError::Reserved { name: name.clone() });
        }
        let alphabet = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if !self.prefix.chars().all(alphabet) || self.prefix.len() > 100 {
            return Err(SettingsError::Prefix { prefix: self.prefix.clone() });
        }
        let Self { replication, min_in_sync, .. } = *self;
        if let Some(problem) = self.token_problem() {
            return Err(SettingsError::Token { problem });
        }
        if min_in_sync == 0 || min_in_sync > replication {
            return Err(SettingsError::Replicas { replication, min_in_sync });
        }
        Ok(())
    }

    fn token_problem(&self) -> Option<&'static str> {
        let said = |name: &str| self.client.get(name).map(|value| value.to_ascii_uppercase());
        let mechanism = said("sasl.mechanism").or_else(|| said("sasl.mechanisms"));
        let protocol = said("security.protocol");
        let is_bearer = |mechanism: &str| mechanism == "OAUTHBEARER";
        match &self.token_file {
            None => mechanism
                .is_some_and(|mechanism| is_bearer(&mechanism))
                .then_some("sasl.mechanism=OAUTHBEARER needs a token file"),
            Some(_) if !mechanism.as_deref().is_none_or(is_bearer) => {
                Some("a token file is for sasl.mechanism=OAUTHBEARER, and another one is set")
            }
            Some(_) if !protocol.is_some_and(|protocol| protocol.starts_with("SASL_")) => {
                Some("a token file needs security.protocol=SASL_SSL (or SASL_PLAINTEXT)")
            }
            Some(_) => None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("bootstrap", &self.bootstrap)
            .field("prefix", &self.prefix)
            .field("replication", &self.replication)
            .field("min_in_sync", &self.min_in_sync)
            .field("token_file", &self.token_file)
            .field("client", &self.client.keys().collect::<Vec<_>>())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Settings {
        let mut settings = Settings::new("127.0.0.1:9092");
        settings.client.insert(name.to_owned(), value.to_owned());
        settings
    }

    #[test]
    fn a_setting_that_the_promises_rest_on_is_refused_by_name() {
        for name in ["acks", "isolation.level", "transactional.id"] {
            assert_eq!(with(name, "1").check(), Err(SettingsError::Reserved { name: name.to_owned() }));
        }
        assert_eq!(with("compression.type", "zstd").check(), Ok(()));
    }

    #[test]
    fn a_token_file_goes_with_one_mechanism_over_sasl() {
        let problem = |file: Option<&str>, client: &[(&str, &str)]| {
            let client = client.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let token_file = file.map(PathBuf::from);
            let settings = Settings { token_file, client: client.collect(), ..Settings::new("b") };
            matches!(settings.check(), Err(SettingsError::Token { .. }))
        };
        let (sasl, bearer) = (("security.protocol", "sasl_ssl"), ("sasl.mechanism", "OAUTHBEARER"));
        assert!(!problem(Some("f"), &[sasl]) && !problem(Some("f"), &[sasl, bearer]));
        assert!(problem(None, &[sasl, bearer]) && problem(Some("f"), &[bearer]));
        assert!(problem(Some("f"), &[sasl, ("sasl.mechanisms", "PLAIN")]));
    }

    #[test]
    fn values_are_never_shown() {
        let shown = format!("{:?}", with("sasl.password", "hunter2"));
        assert!(shown.contains("sasl.password") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn less_than_three_replicas_with_two_in_sync_is_announced_as_less() {
        let of = |replication, min_in_sync| {
            Settings { replication, min_in_sync, ..Settings::new("b") }.durability()
        };
        assert_eq!(of(3, 2), Durability::Replicated);
        for (replication, min_in_sync) in [(1, 1), (2, 2), (3, 1), (3, 3)] {
            assert_eq!(of(replication, min_in_sync), Durability::Reduced { replication, min_in_sync });
        }
    }

    #[test]
    fn a_log_is_worth_what_its_weakest_topic_is() {
        let all =
            [(3, 2), (1, 1), (3, 1), (2, 2)].map(|(replicas, in_sync)| Durability::of(replicas, in_sync));
        let least = Durability::Reduced { replication: 1, min_in_sync: 1 };
        assert_eq!(all.into_iter().fold(Durability::Replicated, Durability::lesser), least);
    }

    #[test]
    fn replicas_in_sync_are_some_of_the_replicas() {
        for (replication, min_in_sync) in [(3, 0), (1, 2), (0, 0)] {
            let settings = Settings { replication, min_in_sync, ..Settings::new("b") };
            assert_eq!(settings.check(), Err(SettingsError::Replicas { replication, min_in_sync }));
        }
    }
}
