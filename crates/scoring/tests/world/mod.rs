//! A home on a log in memory, with a clock that the test holds, and crashes.
#![allow(dead_code, reason = "each test file uses its part of the world")]

mod faulty;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use topspin_event::{
    Chain, CommandEnvelope, CommandId, CreateMatch, EventEnvelope, MatchCommand, MatchId, NewEntry,
    NewPlayer, OrgId, PayloadHash, Seq, Timestamp, wire,
};
use topspin_laws::{Both, Command, Discipline, Format, Side};
use topspin_log::Log;
use topspin_log::memory::MemoryLog;
use topspin_scoring::{Home, HomeConfig};
use uuid::Uuid;

#[allow(unused_imports, reason = "not every test file injects faults")]
pub use faulty::{Fault, Faults, faulty};

pub const PARTITIONS: u32 = 2;

/// A log, a store directory and a clock that outlive every home.
pub struct World {
    pub log: Arc<dyn Log>,
    pub dir: TempDir,
    pub clock: Arc<AtomicI64>,
    pub hot_matches: usize,
}

impl World {
    pub fn new(log: impl Log) -> Self {
        World {
            log: Arc::new(log),
            dir: directory(),
            clock: Arc::new(AtomicI64::new(1_700_000_000_000)),
            hot_matches: 64,
        }
    }

    /// The engines that every promise is kept on.
    pub fn both(seed: u64) -> [World; 2] {
        [World::new(MemoryLog::new()), World::new(MemoryLog::kafka_like(seed))]
    }

    pub fn config(&self) -> HomeConfig {
        let clock = self.clock.clone();
        HomeConfig {
            org: OrgId(Uuid::from_u128(1)),
            origin: "hall".parse().expect("a label"),
            partitions: PARTITIONS,
            hot_matches: self.hot_matches,
            clock: Arc::new(move || {
                Timestamp::from_millis(clock.fetch_add(7, Ordering::Relaxed)).expect("a time")
            }),
        }
    }

    pub fn store_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("store")
    }

    pub async fn open(&self) -> Home {
        self.open_in(&self.store_dir()).await
    }

    pub async fn open_in(&self, dir: &Path) -> Home {
        Home::open(self.log.clone(), dir, self.config()).await.expect("the home opens")
    }

    /// One life of a home: it ends as a process does, with whatever was going on.
    pub fn life<T>(&self, live: impl AsyncFnOnce(Home) -> T) -> T {
        let runtime = runtime();
        let result = runtime.block_on(async { live(self.open().await).await });
        drop(runtime);
        result
    }
}

/// A directory in memory where there is one: a derived store is never synced, and tests open many.
pub fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a directory")
}

/// Copies a directory.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

pub fn match_id(number: u128) -> MatchId {
    MatchId(Uuid::from_u128(0x1000 + number))
}

pub fn command_id(number: u128) -> CommandId {
    CommandId(Uuid::from_u128(0x2000_0000 + number))
}

pub fn singles(number: u128) -> CreateMatch {
    let entry = |name: &str| NewEntry {
        name: None,
        players: vec![NewPlayer { name: Some(name.to_owned()), ..NewPlayer::default() }],
    };
    CreateMatch {
        id: Some(match_id(number)),
        external_ids: Vec::new(),
        competition_id: None,
        category: None,
        tie_id: None,
        venue_id: None,
        table: Some("3".to_owned()),
        scheduled_at: None,
        format: Format::ittf(Discipline::Singles, 5),
        sides: Both::new(entry("Ada"), entry("Bea")),
        carried_cards: Both::default(),
    }
}

pub fn envelope(number: u128, command: impl Into<MatchCommand>) -> CommandEnvelope {
    CommandEnvelope::new(command_id(number), command.into())
}

pub fn choose() -> Command {
    Command::Choose { first_server: Side::Home, home_end: None }
}

pub fn start_game() -> Command {
    Command::StartGame { server: None, receiver: None }
}

pub fn point(to: Side) -> Command {
    Command::Point { to, how: None, strokes: None }
}

/// All events of a match, checked: gapless from 1, chained, and each payload exactly what its record says.
pub fn checked_events(home: &Home, id: MatchId) -> Vec<EventEnvelope> {
    let mut events = Vec::new();
    loop {
        let page = home.events(id, Seq(events.len() as u64 + 1), 100).expect("events can be read");
        if page.is_empty() {
            break;
        }
        events.extend(page);
    }
    let mut chain = Chain::START;
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event.recorded.seq, Seq(index as u64 + 1), "gapless");
        chain = chain.link(PayloadHash::of(&event.payload));
        assert_eq!(event.chain, chain, "chained");
        assert_eq!(wire::encode_recorded(&event.recorded).as_ref(), Some(&event.payload), "the very bytes");
    }
    events
}
