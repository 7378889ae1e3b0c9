//! Umpires at work, a thread each, and how long they had to wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use super::chance::Chance;
use super::client::Client;
use super::umpire::Umpire;

/// Matches at the same time.
pub const TABLES: usize = 8;
/// An umpire presses so often, unless the verdict takes longer.
const PACE: Duration = Duration::from_millis(200);
/// After the last fault of a round everybody has a verdict again within this.
const ANSWERED_WITHIN: Duration = Duration::from_mins(4);
const POLL: Duration = Duration::from_millis(20);

pub struct Hall {
    seed: u64,
    closing: AtomicBool,
    pulses: [Mutex<Pulse>; TABLES],
}

#[derive(Debug, Clone, Copy)]
struct Pulse {
    /// When the last command that has a verdict was pressed first.
    pressed: Option<Instant>,
    /// The longest wait for a verdict since that was asked for.
    longest: Duration,
    /// Whether the umpire has given up.
    ended: bool,
}

/// What an umpire has seen.
pub struct Sheet {
    pub table: usize,
    pub matches: Vec<String>,
    pub lines: Vec<Line>,
}

pub struct Line {
    /// Where the verdict can be asked for; nowhere if a match was created.
    pub path: Option<String>,
    pub facts: Value,
}

impl Hall {
    pub fn new(seed: u64) -> Self {
        let pulse = || Mutex::new(Pulse { pressed: None, longest: Duration::ZERO, ended: false });
        Self { seed, closing: AtomicBool::new(false), pulses: std::array::from_fn(|_| pulse()) }
    }

    /// Lets the umpires end when they have the verdict that they wait for.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// An umpire's work until the hall closes.
    pub fn work(&self, table: usize, client: &Client) -> Result<Sheet> {
        let worked = press(self.seed, table, client, |lines, pressed| {
            let mut pulse = self.pulse(table);
            pulse.pressed = Some(pressed);
            pulse.longest = pulse.longest.max(pressed.elapsed());
            drop(pulse);
            thread::sleep(PACE.saturating_sub(pressed.elapsed()));
            lines > 0 && self.closing.load(Ordering::Relaxed)
        });
        self.pulse(table).ended = true;
        worked
    }

    fn pulse(&self, table: usize) -> MutexGuard<'_, Pulse> {
        self.pulses[table].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until every umpire has a verdict on something that was pressed after `since`.
    pub fn wait_until_answered(&self, since: Instant) -> Result<()> {
        for table in 0..TABLES {
            while self.pulse(table).pressed.is_none_or(|pressed| pressed < since) {
                if self.pulse(table).ended {
                    bail!("the umpire of table {table} has given up");
                }
                if since.elapsed() > ANSWERED_WITHIN {
                    bail!("the umpire of table {table} has had no verdict for {ANSWERED_WITHIN:?}");
                }
                thread::sleep(POLL);
            }
        }
        Ok(())
    }

    /// The longest wait for a verdict since this was asked last.
    pub fn longest_wait(&self) -> Duration {
        let take = |table| std::mem::take(&mut self.pulse(table).longest);
        (0..TABLES).map(take).max().unwrap_or_default()
    }
}

/// The same work on a quiet server, as far as it went in the hall.
pub fn again(seed: u64, sheet: &Sheet, client: &Client) -> Result<Sheet> {
    press(seed, sheet.table, client, |lines, _| lines == sheet.lines.len())
}

/// Presses until it is enough, as so many lines and the time of the last press say.
fn press(
    seed: u64,
    table: usize,
    client: &Client,
    mut enough: impl FnMut(usize, Instant) -> bool,
) -> Result<Sheet> {
    let mut umpire = Umpire::new(seed, table);
    // Which server is asked has no influence on the verdict, so it is drawn apart.
    let mut route = Chance::new(!seed, u64::try_from(table).expect("a usize has at most 64 bits"));
    let mut lines = Vec::new();
    loop {
        let (pressed, ask) = (Instant::now(), umpire.press());
        let verdict = client.verdict(&ask, &mut route)?;
        umpire.hears(&verdict);
        let path = ask.command.map(|command| format!("{}/{command}", ask.path));
        lines.push(Line { path, facts: verdict.facts() });
        if enough(lines.len(), pressed) {
            return Ok(Sheet { table, matches: umpire.matches(), lines });
        }
    }
}
