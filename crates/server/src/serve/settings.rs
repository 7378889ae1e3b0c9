//! Flags, environment and file, in this order of weight.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

use topspin_event::Timestamp;
use topspin_insight::ScopeKind;
use topspin_log::{Offset, Partition, Topic, TopicPartition};
use topspin_runtime::{Generation, StartFrom};

use crate::engine::KafkaArgs;
use crate::node::record_time;
use crate::views::Asked;

/// Run the server.
///
/// It keeps everything in one directory and needs nothing else. Reading is open to whoever can reach the address;
/// writing needs the token that the first start puts into DATA/token, readable by its owner only. The token itself is
/// shown only on an interactive terminal, within the link to the umpire's panel; it never goes into the log.
/// Flags weigh more than the environment, and the environment more than the file.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Read settings from a TOML file; its keys are the long names of the flags.
    #[arg(long, value_name = "FILE", env = "TOPSPIN_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    given: Given,
}

const EXAMPLES: &str = "\
Examples:
  topspin serve
  topspin serve --data /var/lib/topspin --listen 0.0.0.0:8080 --host hall.local
  topspin serve --kafka k1:9092,k2:9092 --token-file token    on each of several machines: they share the matches
  topspin serve --config topspin.toml        with lines such as: listen = \"0.0.0.0:8080\"
  TOPSPIN_LOG=debug topspin serve --log-format json";

/// What one source of settings says.
#[derive(Debug, Default, clap::Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Given {
    /// Where everything is kept [default: ./topspin-data]
    #[arg(long, value_name = "DIR", env = "TOPSPIN_DATA_DIR")]
    data: Option<PathBuf>,
    /// The address to serve; 0.0.0.0:8080 is all of this machine's addresses [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "TOPSPIN_LISTEN")]
    listen: Option<SocketAddr>,
    /// Another name of this server, such as hall.local; addresses and localhost need no listing
    #[arg(long, value_name = "NAME", env = "TOPSPIN_HOST", value_delimiter = ',')]
    host: Option<Vec<String>>,
    /// Let everybody on the network write without a token: only for a hall's own network
    #[arg(long, env = "TOPSPIN_OPEN", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL",
          require_equals = true)]
    open: Option<bool>,
    /// Take the token from this file instead of DATA/token: several servers behind one address need the same
    #[arg(long, value_name = "FILE", env = "TOPSPIN_TOKEN_FILE", conflicts_with = "open")]
    token_file: Option<PathBuf>,
    /// Partitions of a new data directory; fixed from then on [default: 8]
    #[arg(long, value_name = "N", env = "TOPSPIN_PARTITIONS", value_parser = clap::value_parser!(u32).range(1..=1024))]
    partitions: Option<u32>,
    /// How the server logs, on standard error [default: text]
    #[arg(long, value_name = "FORMAT", env = "TOPSPIN_LOG_FORMAT")]
    log_format: Option<LogFormat>,
    /// Keep the views up to date here: what players have won and lost, so far on their topics only
    #[arg(long, env = "TOPSPIN_VIEWS", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL",
          require_equals = true)]
    views: Option<bool>,
    /// Process the views anew, as this generation, beside the active one until it has caught up; then readers follow it and
    /// the earlier one stops. A number later than the active one's: 2 for the first time
    #[arg(long, value_name = "N", env = "TOPSPIN_VIEWS_GENERATION", value_parser = clap::value_parser!(u32).range(1..))]
    views_generation: Option<u32>,
    /// Where that generation begins to read streams: a time such as 2026-09-01T00:00:00Z, or TOPIC/PARTITION=OFFSET,…
    /// Tables are always read whole [default: from their beginning]
    #[arg(long, value_name = "FROM", env = "TOPSPIN_VIEWS_FROM")]
    views_from: Option<String>,
    /// The time zone whose calendar counts for seasons and the last 24 months, where neither competition nor venue has one
    /// [default: UTC]
    #[arg(long, value_name = "IANA", env = "TOPSPIN_ZONE")]
    zone: Option<String>,
    /// Among whom records are kept: everything, competition, category, player, pair, association. Each costs
    /// state: `topspin topology state` says how much
    /// [default: everything,competition,player]
    #[arg(long, value_name = "SCOPES", env = "TOPSPIN_RECORD_SCOPES", value_delimiter = ',')]
    record_scopes: Option<Vec<String>>,
    /// What time it is for the views when the server starts, so that the last 24 months of a past season are not empty
    #[arg(long, value_name = "TIME", env = "TOPSPIN_NOW")]
    now: Option<Timestamp>,
    /// In a file, the table `[kafka]`.
    #[command(flatten)]
    #[serde(default)]
    kafka: KafkaArgs,
}

/// How the server logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// What the server goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub hosts: Vec<String>,
    pub open: bool,
    pub token_file: Option<PathBuf>,
    pub partitions: Option<u32>,
    pub log_format: LogFormat,
    /// `None`: views are kept elsewhere.
    pub views: Option<Asked>,
    pub kafka: KafkaArgs,
}

impl Args {
    /// The settings of all sources.
    ///
    /// # Errors
    /// Where the file cannot be read or makes no sense.
    pub fn settings(self) -> anyhow::Result<Settings> {
        let file = self.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let given = self.given;
        let partitions = given.partitions.or(file.partitions);
        anyhow::ensure!(
            partitions.is_none_or(|count| (1..=1024).contains(&count)),
            "partitions must be 1 to 1024, not {}",
            partitions.unwrap_or_default()
        );
        let generation = given.views_generation.or(file.views_generation).map(Generation);
        let from = given.views_from.or(file.views_from);
        let views = given.views.or(file.views).unwrap_or(false);
        anyhow::ensure!(generation != Some(Generation(0)), "views-generation counts from 1");
        anyhow::ensure!(
            generation.is_none() || views,
            "views-generation is of those who keep views: --views"
        );
        anyhow::ensure!(
            from.is_none() || generation.is_some(),
            "views-from says where a new generation begins: views-generation says which"
        );
        let from = from.as_deref().map(start_from).transpose()?.unwrap_or(StartFrom::Beginning);
        let scopes = given.record_scopes.or(file.record_scopes).unwrap_or_default();
        let scopes = scopes.iter().map(|name| name.parse::<ScopeKind>());
        let scopes = scopes.collect::<Result<_, _>>().context("record-scopes")?;
        let zone = given.zone.or(file.zone).unwrap_or_else(|| "UTC".to_owned());
        let asked = Asked { generation, from, zone, scopes, now: given.now.or(file.now) };
        Ok(Settings {
            data: given.data.or(file.data).unwrap_or_else(|| PathBuf::from("topspin-data")),
            listen: given.listen.or(file.listen).unwrap_or((Ipv4Addr::LOCALHOST, 8080).into()),
            hosts: given.host.or(file.host).unwrap_or_default(),
            open: given.open.or(file.open).unwrap_or(false),
            token_file: given.token_file.or(file.token_file),
            partitions,
            views: views.then_some(asked),
            kafka: given.kafka.or(file.kafka),
            log_format: given.log_format.or(file.log_format).unwrap_or(LogFormat::Text),
        })
    }
}

/// A time, or offsets of partitions.
fn start_from(text: &str) -> anyhow::Result<StartFrom> {
    let Some((first, _)) = text.split_once('=') else {
        let time = text.parse::<Timestamp>();
        let time =
            time.with_context(|| format!("views-from: {text} is neither a time nor TOPIC/PARTITION=OFFSET"))?;
        return Ok(StartFrom::Time(record_time(time)));
    };
    anyhow::ensure!(first.contains('/'), "views-from: {first} is no TOPIC/PARTITION");
    let one = |part: &str| {
        let (place, offset) = part.split_once('=')?;
        let (topic, number) = place.trim().rsplit_once('/')?;
        let place = TopicPartition::new(Topic::new(topic).ok()?, Partition(number.parse().ok()?));
        Some((place, Offset::new(offset.trim().parse().ok()?)))
    };
    let offsets = text
        .split(',')
        .map(|part| one(part).with_context(|| format!("views-from: {part} is not TOPIC/PARTITION=OFFSET")));
    Ok(StartFrom::Offsets(offsets.collect::<anyhow::Result<_>>()?))
}

fn read(path: &Path) -> anyhow::Result<Given> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} makes no sense", path.display()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn settings(line: &[&str]) -> anyhow::Result<Settings> {
        let line = std::iter::once("serve").chain(line.iter().copied());
        Line::try_parse_from(line).expect("a line").args.settings()
    }

    #[test]
    fn nothing_given_means_this_machine_and_a_token() {
        let settings = settings(&[]).expect("settings");
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.data, PathBuf::from("topspin-data"));
        assert!(!settings.open);
    }

    #[test]
    fn a_flag_weighs_more_than_the_file() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("topspin.toml");
        fs::write(&file, "listen = \"0.0.0.0:9000\"\nopen = true\nlog-format = \"json\"\n").expect("written");
        let file = file.to_str().expect("a path");
        let settings = settings(&["--config", file, "--open=false"]).expect("settings");
        assert_eq!(settings.listen.to_string(), "0.0.0.0:9000");
        assert!(!settings.open);
        assert_eq!(settings.log_format, LogFormat::Json);
    }

    #[test]
    fn a_generation_of_the_views_begins_at_a_time_or_at_offsets() {
        let asked = |line: &[&str]| settings(&[&["--views"], line].concat()).map(|settings| settings.views);
        let second = ["--views-generation", "2", "--views-from"];
        let from = |text| asked(&[&second[..], &[text]].concat()).expect("settings").expect("views").from;
        let time = StartFrom::Time(topspin_log::Timestamp::from_millis(1_767_225_600_000));
        assert_eq!(from("2026-01-01T00:00:00Z"), time);
        let place =
            |number| TopicPartition::new(Topic::new("match-events").expect("a name"), Partition(number));
        let offsets = [(place(0), Offset::new(7)), (place(3), Offset::new(0))];
        assert_eq!(from("match-events/0=7, match-events/3=0"), StartFrom::Offsets(offsets.into()));
        for odd in ["yesterday", "match-events=7", "match-events/x=7", "a/0=-1", "a/0=1,", ""] {
            let error = format!("{:#}", asked(&[&second[..], &[odd]].concat()).expect_err("an error"));
            assert!(error.contains("views-from"), "{odd}: {error}");
        }
        let alone = asked(&["--views-from", "2026-01-01T00:00:00Z"]).expect_err("which generation?");
        assert!(alone.to_string().contains("views-generation"), "{alone}");
        assert_eq!(settings(&[]).expect("settings").views, None);
    }

    #[test]
    fn an_unknown_key_in_the_file_is_told() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("topspin.toml");
        fs::write(&file, "lisen = \"0.0.0.0:9000\"\n").expect("written");
        let error = settings(&["--config", file.to_str().expect("a path")]).expect_err("an error");
        assert!(format!("{error:#}").contains("lisen"), "{error:#}");
    }
}
