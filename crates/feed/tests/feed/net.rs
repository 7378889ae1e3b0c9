//! A connection between two ends: what is on its way, and what becomes of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use topspin_feed::server::{Needs, Policy, Session};
use topspin_feed::{Change, Kind};

use crate::hall::Hall;

/// How bad a network is.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// A message is lost, doubled or overtaken by the next: out of 1,000 each.
    pub mangled: u32,
    /// The connection breaks: out of 10,000 steps.
    pub broken: u32,
    /// Messages that fit on the way at once.
    pub capacity: usize,
}

impl Faults {
    pub const NONE: Faults = Faults { mangled: 0, broken: 0, capacity: 64 };
}

pub struct Connection {
    server: Session,
    /// Changes that the server was not told of yet: from here on in the log.
    observed: usize,
    to_server: VecDeque<(Duration, String)>,
    to_client: VecDeque<(Duration, Bytes)>,
}

impl Connection {
    pub fn open(hall: &Hall, now: Duration) -> Self {
        let server = Session::new(Policy { kinds: Kind::ALL.into_iter().collect() }, now);
        Connection {
            server,
            observed: hall.log.len(),
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
        }
    }

    pub fn send(&mut self, text: String, now: Duration, chance: &mut ChaCha8Rng, faults: Faults) {
        if chance.random_range(0..1_000) >= faults.mangled {
            self.to_server.push_back((now + latency(chance), text));
        }
    }

    /// The server's side of a step.
    pub fn serve(&mut self, hall: &Hall, now: Duration, chance: &mut ChaCha8Rng, faults: Faults) {
        while let Some((_, text)) = self.to_server.pop_front_if(|(at, _)| *at <= now) {
            match self.server.receive(&text, hall, now) {
                Some(Needs::ChangedSince(cursor)) => {
                    self.server.resolved(hall.changed_since(&cursor), hall, now);
                }
                None => {}
            }
        }
        // The server hears of what is committed a little later, as from a queue.
        if chance.random_bool(0.7) {
            let news: Vec<Arc<Change>> = hall.log[self.observed..].to_vec();
            self.observed = hall.log.len();
            for change in &news {
                self.server.observe(change, hall, now);
            }
        }
        if self.server.wake_at(now).is_some_and(|at| at <= now) {
            self.server.tick(hall, Some(&hall.cursor(self.observed)), now);
        }
        while self.to_client.len() < faults.capacity {
            let Some(message) = self.server.next(hall, now) else { break };
            self.pass(message, now, chance, faults);
        }
    }

    fn pass(&mut self, message: Bytes, now: Duration, chance: &mut ChaCha8Rng, faults: Faults) {
        let arrives = |chance: &mut ChaCha8Rng| now + latency(chance);
        match chance.random_range(0..1_000) {
            lost if lost < faults.mangled => {}
            doubled if doubled < 2 * faults.mangled => {
                self.to_client.push_back((arrives(chance), message.clone()));
                self.to_client.push_back((arrives(chance), message));
            }
            overtakes if overtakes < 3 * faults.mangled => {
                let at = self.to_client.len().saturating_sub(1);
                self.to_client.insert(at, (arrives(chance), message));
            }
            _ => self.to_client.push_back((arrives(chance), message)),
        }
    }

    /// A message that has arrived at the client.
    pub fn arrived(&mut self, now: Duration) -> Option<Bytes> {
        // One that is on its way holds up those behind it, as TCP does.
        self.to_client.pop_front_if(|(at, _)| *at <= now).map(|(_, message)| message)
    }

    /// Whether the server has said its last word and it has arrived.
    pub fn is_over(&self) -> bool {
        self.server.is_closing() && self.to_client.is_empty()
    }
}

fn latency(chance: &mut ChaCha8Rng) -> Duration {
    Duration::from_millis(chance.random_range(1..60))
}
