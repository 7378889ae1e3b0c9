//! One node: its data directory, its log, and the home of its matches.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use topspin_event::{Label, OrgId, Timestamp};
use topspin_gateway::Token;
use topspin_scoring::{Clock, Home, HomeConfig, limits};
use uuid::Uuid;

use crate::engine::{Engine, KafkaArgs};
use crate::installation::{self, Installation};

/// Partitions of every topic of a new data directory.
const PARTITIONS: u32 = 8;

/// A node that is open: its directory is locked.
pub struct Node {
    pub home: Home,
    pub installation: Installation,
    pub clock: Clock,
    label: String,
    engine: Engine,
}

/// What a node is, for the life of its data directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// One life of the log.
    pub incarnation: Uuid,
    /// The tenant of new records.
    pub org: Uuid,
    /// The origin of its events.
    pub label: String,
    /// Partitions of every topic; fixed when the directory is made.
    pub partitions: u32,
}

impl Node {
    /// Opens the data directory, which is made if there is none; then with so many partitions, [`PARTITIONS`] if
    /// nobody says how many.
    pub async fn open(data: &Path, partitions: Option<u32>, kafka: &KafkaArgs) -> anyhow::Result<Self> {
        fs::create_dir_all(data).with_context(|| format!("cannot make the directory {}", data.display()))?;
        let engine = Engine::open(data, kafka).await?;
        let identity = identity(data, partitions.unwrap_or(PARTITIONS))?;
        let installation = if engine.is_shared() {
            installation::found(engine.log.as_ref(), identity.installation(), now()).await?
        } else {
            identity.installation()
        };
        if let Some(wanted) = partitions.filter(|wanted| *wanted != installation.partitions) {
            bail!(
                "the log of {} was made with {} partitions, which cannot change: leave out --partitions {wanted}",
                data.display(),
                installation.partitions
            );
        }
        let clock: Clock = Arc::new(now);
        let config = HomeConfig {
            org: OrgId(installation.org),
            origin: identity.label.parse::<Label>().context("the node's label in node.toml")?,
            partitions: installation.partitions,
            hot_matches: limits::HOT_MATCHES,
            clock: Arc::clone(&clock),
        };
        let log = engine.log.clone();
        let home = if engine.is_shared() {
            // The directory may have a log of its own, or have been used with another cluster.
            Home::join(log, &data.join(format!("store-{}", installation.log_id)), config).await
        } else {
            Home::open(log, &data.join("store"), config).await
        };
        let home = home.with_context(|| format!("cannot open the matches in {}", data.display()))?;
        Ok(Node { home, installation, clock, label: identity.label, engine })
    }

    /// What its matches are on.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The node's name: the origin of its events.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Finishes what was accepted and closes the log.
    pub async fn close(self) {
        self.home.shutdown().await;
        self.engine.close().await;
    }
}

impl Identity {
    /// What stands on the log in the directory, and on a cluster if nothing does yet.
    fn installation(&self) -> Installation {
        Installation { log_id: self.incarnation, org: self.org, partitions: self.partitions }
    }
}

/// A log without the home of its matches.
pub struct LogOf {
    /// The log. A directory is locked while it is open.
    pub engine: Engine,
    /// What stands on it.
    pub installation: Installation,
}

/// Opens the log of a data directory that is there.
pub fn open_there(data: &Path) -> anyhow::Result<LogOf> {
    if !data.join("node.toml").exists() {
        bail!("{} is no data directory: it has no node.toml", data.display());
    }
    let engine = Engine::embedded(data)?;
    Ok(LogOf { installation: identity(data, PARTITIONS)?.installation(), engine })
}

/// Opens the log of a data directory that holds a copy of another log, or is to; made if there is none.
pub fn open_copy(data: &Path, of: &Installation) -> anyhow::Result<LogOf> {
    fs::create_dir_all(data).with_context(|| format!("cannot make the directory {}", data.display()))?;
    let engine = Engine::embedded(data)?;
    let installation = identity_like(data, of.partitions, of.org)?.installation();
    Ok(LogOf { engine, installation })
}

/// The wall clock.
pub fn now() -> Timestamp {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    i64::try_from(millis).ok().and_then(Timestamp::from_millis).unwrap_or(Timestamp::EPOCH)
}

/// A time as a record on the log has it.
pub fn record_time(time: Timestamp) -> topspin_log::Timestamp {
    topspin_log::Timestamp::from_millis(u64::try_from(time.as_millis()).unwrap_or(0))
}

/// Where the token is.
pub fn token_file(data: &Path) -> PathBuf {
    data.join("token")
}

/// The token of the data directory; made at the first start, readable by its owner only.
pub fn token(data: &Path) -> anyhow::Result<Token> {
    let path = token_file(data);
    if !path.exists() {
        // Twice 122 bits of the operating system's randomness.
        let text = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        write_private(&path, &text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    read_token(&path).map_err(|error| error.context("remove the file to get a new one"))
}

/// The token in a file that somebody else has made.
pub fn read_token(path: &Path) -> anyhow::Result<Token> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    match Token::new(text.trim()) {
        Some(token) => Ok(token),
        None => bail!("{} holds no token: at least 16 visible ASCII characters", path.display()),
    }
}

fn identity(data: &Path, partitions: u32) -> anyhow::Result<Identity> {
    identity_like(data, partitions, Uuid::new_v4())
}

// Read and written under the log's lock, so that two starts at once cannot make two identities.
fn identity_like(data: &Path, partitions: u32, org: Uuid) -> anyhow::Result<Identity> {
    let path = data.join("node.toml");
    if !path.exists() {
        let incarnation = Uuid::new_v4();
        let label = format!("node-{}", &incarnation.simple().to_string()[..8]);
        let text = format!(
            "# What this data directory is. Made at its first start; not to be changed or copied to another.\n\
             incarnation = \"{incarnation}\"\norg = \"{org}\"\nlabel = \"{label}\"\npartitions = {partitions}\n",
        );
        write_private(&path, &text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} makes no sense", path.display()))
}

/// Writes a file that only its owner can read: whole, or not at all.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_made_once_and_only_its_owner_reads_it() {
        let data = tempfile::tempdir().expect("a directory");
        token(data.path()).expect("a token");
        let first = fs::read_to_string(token_file(data.path())).expect("the file");
        token(data.path()).expect("the same token");
        assert_eq!(fs::read_to_string(token_file(data.path())).expect("the file"), first);
        assert_eq!(first.len(), 64);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(token_file(data.path())).expect("the file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_token_is_told_and_not_used() {
        let data = tempfile::tempdir().expect("a directory");
        fs::write(token_file(data.path()), "short").expect("written");
        let error = format!("{:#}", token(data.path()).err().expect("an error"));
        assert!(error.contains("holds no token"), "{error}");
    }

    #[test]
    fn the_identity_stays() {
        let data = tempfile::tempdir().expect("a directory");
        let first = identity(data.path(), 8).expect("an identity");
        assert_eq!(identity(data.path(), 8).expect("the same").incarnation, first.incarnation);
    }
}
