//! The embedded log beside NATS JetStream and Redis streams, which both sync before they answer. Prints; asserts nothing
//! about time.
//!
//! `cargo xtask bench peers` starts the servers and runs this with
//! `cargo bench -p topspin-log-embedded --bench peers -- nats=ADDRESS redis=ADDRESS dir=PATH [turn_ms=500] [rounds=30]`.
//!
//! What is measured is the same for all: a writer is a thread that appends one record (a key of 16 bytes, a value of 284),
//! waits until it is acknowledged as durable, and appends the next. The writers spread over eight partitions: topic
//! partitions, JetStream streams, Redis keys. In a round each contender has a turn with 1 writer, and then each a turn with
//! 64, all equally long; turns are short and rounds many, because a shared disk changes its speed tenfold within seconds.
//! Whose turn comes after whose changes from round to round. Afterwards each contender is asked how many records it holds.

mod embedded;
mod nats;
mod raw;
mod redis;
mod table;
mod turn;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use turn::{Turn, Writer};

/// What a record's key is; NATS puts it into the subject.
const KEY: &str = "match-0000000000";
const VALUE_BYTES: usize = 284;
const PARTITIONS: usize = 8;
const WRITERS: [usize; 2] = [1, 64];

/// One of those that are compared.
trait Contender {
    fn name(&self) -> &'static str;

    /// A writer with a connection of its own; `number` says which partition it writes to.
    fn writer(&self, number: usize) -> Writer;

    /// Records that it holds, counted by itself.
    fn held(&self) -> u64;

    /// Whether more than one writer can append at once.
    fn is_shared(&self) -> bool {
        true
    }
}

struct Arguments {
    nats: SocketAddr,
    redis: SocketAddr,
    directory: PathBuf,
    turn: Duration,
    rounds: usize,
}

/// None where the servers are not named: a plain `cargo bench` has nothing to compare with.
fn arguments() -> Option<Arguments> {
    Some(Arguments {
        nats: argument("nats=")?,
        redis: argument("redis=")?,
        directory: argument("dir=")?,
        turn: Duration::from_millis(argument("turn_ms=").unwrap_or(500)),
        rounds: argument("rounds=").unwrap_or(30),
    })
}

fn argument<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::args().find_map(|argument| argument.strip_prefix(name)?.parse().ok())
}

fn main() {
    let Some(arguments) = arguments() else {
        println!("run by `cargo xtask bench peers`, which starts the servers to compare with");
        return;
    };
    let folder = |name| arguments.directory.join(name);
    let contenders: [Box<dyn Contender>; 5] = [
        Box::new(raw::Raw::create(&folder("raw"))),
        Box::new(embedded::Embedded::open(&folder("embedded"))),
        Box::new(embedded::BehindSocket::open(&folder("socket"))),
        Box::new(nats::Nats::connect(arguments.nats)),
        Box::new(redis::Redis::new(arguments.redis)),
    ];
    let mut acknowledged = [0; 5];
    // Programs, connections and files are warm before anything counts.
    let _ = round(&contenders, 0, Duration::from_millis(300), &mut acknowledged);
    println!("load average before: {}", load());
    let mut turns = Vec::new();
    for number in 0..arguments.rounds {
        turns.extend(round(&contenders, number, arguments.turn, &mut acknowledged));
    }
    println!("load average after:  {}\n", load());
    table::print(&contenders.each_ref().map(|one| one.name()), &turns);
    for (contender, acknowledged) in contenders.iter().zip(acknowledged) {
        let held = contender.held();
        println!("{:<40} {acknowledged} acknowledged, {held} held", contender.name());
        assert_eq!(held, acknowledged, "{} holds something else than it acknowledged", contender.name());
    }
}

/// Every contender's turns.
fn round(
    contenders: &[Box<dyn Contender>; 5],
    number: usize,
    time: Duration,
    acknowledged: &mut [u64; 5],
) -> Vec<Turn> {
    let mut turns = Vec::new();
    for writers in WRITERS {
        for index in order(number) {
            let contender = &contenders[index];
            if writers > 1 && !contender.is_shared() {
                continue;
            }
            let turn = Turn::take(index, (0..writers).map(|one| contender.writer(one)).collect(), time);
            acknowledged[index] += turn.appends() as u64;
            turns.push(turn);
        }
    }
    turns
}

/// Any step from 1 to 4 visits all five, since five is a prime.
fn order(round: usize) -> [usize; 5] {
    std::array::from_fn(|place| (round + place * (1 + round % 4)) % 5)
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()
}
