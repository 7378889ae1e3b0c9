//! When the commands of a tie go out.

use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use topspin_event::Timestamp;
use topspin_ingest::Plan;

/// A pause of a stream longer than this is shortened to it, milliseconds of the original.
const LONGEST_PAUSE_MS: i64 = 10 * 60 * 1000;

/// How fast a stream is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// Without pauses.
    Max,
    /// So many times faster than life.
    Times(f64),
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse::<f64>()) {
            ("max", _) => Ok(Speed::Max),
            (_, Ok(times)) if (0.1..=10_000.0).contains(&times) => Ok(Speed::Times(times)),
            _ => Err("`max`, or a number from 0.1 to 10000".to_owned()),
        }
    }
}

/// Whose script a command is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Script {
    /// The tie's.
    Tie,
    /// That of the plan's match of this place.
    Match(usize),
}

/// One command of a plan and when it is due, in milliseconds of the original since the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub of: Script,
    pub entry: usize,
    pub due_ms: i64,
}

/// The commands of a plan in the order in which they go out: match after match, as a tie is played, and the tie's in
/// between. The times pace them and change nothing about the order.
pub fn steps(plan: &Plan) -> Vec<Step> {
    let mut due = Due::default();
    let mut steps = Vec::new();
    let of_tie = plan.tie.as_ref().map_or(&[][..], |tie| &tie.script);
    let mut of_tie = of_tie.iter().enumerate().peekable();
    for played in 0..=plan.matches.len() {
        while let Some((entry, asked)) = of_tie.next_if(|(_, asked)| asked.matches_before <= played) {
            steps.push(Step { of: Script::Tie, entry, due_ms: due.at(asked.envelope.occurred_at) });
        }
        let Some(one) = plan.matches.get(played) else { break };
        due.begin();
        for (entry, asked) in one.script.iter().enumerate() {
            steps.push(Step { of: Script::Match(played), entry, due_ms: due.at(asked.envelope.occurred_at) });
        }
    }
    steps
}

/// When the steps are due: the source's times, without long pauses and never backwards.
#[derive(Default)]
struct Due {
    last: Option<i64>,
    ms: i64,
    begins: bool,
}

impl Due {
    /// Another match begins: a wrong time in the one before does not hold up its times.
    fn begin(&mut self) {
        self.begins = true;
    }

    fn at(&mut self, time: Option<Timestamp>) -> i64 {
        if let Some(time) = time.map(Timestamp::as_millis) {
            let last = self.last.unwrap_or(time);
            self.ms += (time - last).clamp(0, LONGEST_PAUSE_MS);
            self.last = Some(if std::mem::take(&mut self.begins) { time } else { time.max(last) });
        }
        self.ms
    }
}

/// The clock that the steps of a tie are sent by.
pub struct Pace {
    began: Instant,
    speed: Speed,
}

impl Pace {
    pub fn new(speed: Speed) -> Self {
        Pace { began: Instant::now(), speed }
    }

    /// Waits until a step is due.
    pub fn wait(&self, due_ms: i64) {
        let Speed::Times(times) = self.speed else { return };
        let due = Duration::from_millis(due_ms.unsigned_abs()).div_f64(times);
        thread::sleep(due.saturating_sub(self.began.elapsed()));
    }
}
