//! When the commands of a tie go out.

use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

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

/// One command of a plan and when it is due, in milliseconds of the original since the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub of_match: usize,
    pub entry: usize,
    pub due_ms: i64,
}

/// The commands of all matches of a tie in the order of their times; those of a match stay in their order.
pub fn steps(plan: &Plan) -> Vec<Step> {
    let mut steps = Vec::new();
    for (of_match, one) in plan.matches.iter().enumerate() {
        let mut time = i64::MIN;
        for (entry, asked) in one.script.iter().enumerate() {
            time = asked.envelope.occurred_at.map_or(time, topspin_event::Timestamp::as_millis).max(time);
            steps.push(Step { of_match, entry, due_ms: time });
        }
    }
    steps.sort_by_key(|step| step.due_ms);
    let (mut last, mut due) = (None, 0);
    for step in &mut steps {
        let time = Some(step.due_ms).filter(|time| *time != i64::MIN);
        due += last.zip(time).map_or(0, |(last, time): (i64, i64)| (time - last).min(LONGEST_PAUSE_MS));
        last = time.or(last);
        step.due_ms = due;
    }
    steps
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
