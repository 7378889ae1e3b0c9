//! Which log a node is on: the one in its data directory, or a Kafka cluster.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use topspin_log::Log;
use topspin_log_embedded::{EmbeddedLog, OpenError, Options};
use topspin_log_kafka::{Durability, KafkaLog, Settings};
use topspin_registry::{Contract, RegisteredLog, Registry, Schemas};

use crate::views;

/// Apache Kafka instead of the log in the data directory. What is derived stays in the data directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[command(next_help_heading = "Apache Kafka")]
pub struct KafkaArgs {
    /// Keep the log on this Kafka cluster: some brokers, separated by commas
    #[arg(global = true, id = "kafka", long = "kafka", value_name = "HOST:PORT", env = "TOPSPIN_KAFKA")]
    pub bootstrap: Option<String>,
    /// Settings of librdkafka, a line each: `security.protocol=SASL_SSL`. Secrets belong here
    #[arg(
        global = true,
        id = "kafka-config",
        long = "kafka-config",
        value_name = "FILE",
        env = "TOPSPIN_KAFKA_CONFIG",
        requires = "kafka"
    )]
    pub config: Option<PathBuf>,
    /// A file with the token to show (SASL OAUTHBEARER), as Kubernetes projects one: it is read again when it changes
    #[arg(
        global = true,
        id = "kafka-token-file",
        long = "kafka-token-file",
        value_name = "FILE",
        env = "TOPSPIN_KAFKA_TOKEN_FILE",
        requires = "kafka"
    )]
    pub token_file: Option<PathBuf>,
    /// Stands before the names of all topics, so that several installations can share a cluster
    #[arg(
        global = true,
        id = "kafka-prefix",
        long = "kafka-prefix",
        value_name = "TEXT",
        env = "TOPSPIN_KAFKA_PREFIX",
        requires = "kafka"
    )]
    pub prefix: Option<String>,
    /// Replicas of a new topic; all but one of them have a record before it is acknowledged [default: 3]
    #[arg(
        global = true,
        id = "kafka-replication",
        long = "kafka-replication",
        value_name = "N",
        requires = "kafka",
        env = "TOPSPIN_KAFKA_REPLICATION"
    )]
    pub replication: Option<u16>,
    /// A schema registry with Confluent's API: records then have its wire format and CloudEvents headers
    #[arg(
        global = true,
        id = "registry",
        long = "registry",
        value_name = "URL",
        env = "TOPSPIN_REGISTRY",
        requires = "kafka"
    )]
    pub registry: Option<String>,
}

impl KafkaArgs {
    /// As another process is told the same.
    pub fn flags(&self) -> Vec<OsString> {
        let text = |value: &Option<String>| value.as_ref().map(OsString::from);
        let path = |value: &Option<PathBuf>| value.as_ref().map(OsString::from);
        let flags = [
            ("--kafka", text(&self.bootstrap)),
            ("--kafka-config", path(&self.config)),
            ("--kafka-token-file", path(&self.token_file)),
            ("--kafka-prefix", text(&self.prefix)),
            ("--kafka-replication", self.replication.map(|number| number.to_string().into())),
            ("--registry", text(&self.registry)),
        ];
        flags.into_iter().filter_map(|(flag, value)| Some([flag.into(), value?])).flatten().collect()
    }

    /// What is not said here is taken from `other`.
    pub fn or(self, other: KafkaArgs) -> KafkaArgs {
        KafkaArgs {
            bootstrap: self.bootstrap.or(other.bootstrap),
            config: self.config.or(other.config),
            token_file: self.token_file.or(other.token_file),
            prefix: self.prefix.or(other.prefix),
            replication: self.replication.or(other.replication),
            registry: self.registry.or(other.registry),
        }
    }
}

/// Replicas of a topic unless somebody says how many.
const REPLICATION: u16 = 3;

/// A log that is open.
#[derive(Clone)]
pub struct Engine {
    /// The log, with schemas if there is a registry.
    pub log: Arc<dyn Log>,
    registered: Option<Registered>,
    embedded: Option<EmbeddedLog>,
}

/// The log with the schemas of a registry.
#[derive(Clone)]
struct Registered {
    log: Arc<RegisteredLog>,
    registry: Arc<Registry>,
}

impl Engine {
    /// The log in a data directory, which is locked while it is open.
    pub fn embedded(data: &Path) -> anyhow::Result<Self> {
        match EmbeddedLog::open(data.join("log"), &Options::default()) {
            Ok(log) => Ok(Engine { log: Arc::new(log.clone()), registered: None, embedded: Some(log) }),
            Err(OpenError::Locked { .. }) => bail!(
                "another topspin is using {}: stop it first, or give this one another --data directory",
                data.display()
            ),
            Err(error) => Err(error).with_context(|| format!("cannot open the log in {}", data.display())),
        }
    }

    /// The log on a cluster.
    pub async fn kafka(bootstrap: &str, args: &KafkaArgs) -> anyhow::Result<Self> {
        let settings = settings(bootstrap, args)?;
        let log =
            KafkaLog::connect(settings).await.with_context(|| format!("cannot use Kafka at {bootstrap}"))?;
        match log.durability().await? {
            Durability::Replicated => tracing::info!(bootstrap, "the log is on Kafka"),
            reduced @ Durability::Reduced { .. } => {
                tracing::warn!(bootstrap, "the log is on Kafka: {reduced}");
            }
        }
        let log: Arc<dyn Log> = Arc::new(log);
        let Some(url) = &args.registry else { return Ok(Engine { log, registered: None, embedded: None }) };
        // A registry with a password has it in the environment, where no list of processes shows it.
        let registry = Registry::new(url, std::env::var("TOPSPIN_REGISTRY_AUTHORIZATION").ok())?;
        let matches = topspin_scoring::contracts().into_iter();
        let contracts = matches.map(|(topic, message)| Contract { topic, message });
        let contracts: Vec<_> = contracts.chain(views::contracts(log.as_ref()).await?).collect();
        let framed = Arc::new(RegisteredLog::new(log, Schemas::default()));
        let registered = Registered { log: framed.clone(), registry: Arc::new(registry) };
        let engine = Engine { log: framed, registered: Some(registered), embedded: None };
        engine.register(contracts).await?;
        Ok(engine)
    }

    /// What stands on these topics is as the registry's schemas say, if there is a registry.
    pub async fn register(&self, contracts: Vec<Contract>) -> anyhow::Result<()> {
        let Some(Registered { log, registry }) = &self.registered else { return Ok(()) };
        let registry = registry.clone();
        let schemas = tokio::task::spawn_blocking(move || registry.register(&contracts)).await;
        log.add(&schemas.context("registering schemas")??);
        Ok(())
    }

    /// The one that is asked for.
    pub async fn open(data: &Path, args: &KafkaArgs) -> anyhow::Result<Self> {
        match &args.bootstrap {
            Some(bootstrap) => Self::kafka(bootstrap, args).await,
            None => Self::embedded(data),
        }
    }

    /// Whether other processes may be on the same log.
    pub fn is_shared(&self) -> bool {
        self.embedded.is_none()
    }

    /// Closes the log, if it is this process's.
    pub async fn close(self) {
        if let Some(log) = self.embedded {
            log.close().await;
        }
    }
}

fn settings(bootstrap: &str, args: &KafkaArgs) -> anyhow::Result<Settings> {
    let replication = args.replication.unwrap_or(REPLICATION);
    Ok(Settings {
        bootstrap: bootstrap.to_owned(),
        prefix: args.prefix.clone().unwrap_or_default(),
        replication,
        min_in_sync: replication.saturating_sub(1).max(1),
        token_file: args.token_file.clone(),
        client: args.config.as_deref().map(properties).transpose()?.unwrap_or_default(),
    })
}

/// Reads `name=value` lines. What they say is not repeated in errors: it may be secret.
fn properties(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let settings = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let settings = settings.map(|(at, line)| {
        let (name, value) =
            line.split_once('=').with_context(|| format!("{}:{at} is not name=value", path.display()))?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    });
    settings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_settings_is_read_and_its_values_are_never_shown() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("kafka.properties");
        fs::write(&path, "# of the league\nsecurity.protocol = SASL_SSL\nsasl.password=a=b\n\n")
            .expect("written");
        let args = KafkaArgs { config: Some(path.clone()), ..KafkaArgs::default() };
        let settings = settings("broker:9092", &args).expect("settings");
        assert_eq!(settings.client["sasl.password"], "a=b");
        assert_eq!((settings.replication, settings.min_in_sync), (3, 2));
        fs::write(&path, "security.protocol=PLAINTEXT\nhunter2\n").expect("written");
        let error = properties(&path).expect_err("an error").to_string();
        assert!(error.ends_with(":2 is not name=value") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn fewer_replicas_still_have_one_in_sync() {
        for (replication, in_sync) in [(1, 1), (2, 1), (3, 2), (5, 4)] {
            let args = KafkaArgs { replication: Some(replication), ..KafkaArgs::default() };
            assert_eq!(settings("b", &args).expect("settings").min_in_sync, in_sync);
        }
    }
}
