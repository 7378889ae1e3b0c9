//! The command line of `cargo xtask`.

use std::num::NonZeroU32;

use lexopt::prelude::*;

pub const HELP: &str = "\
cargo xtask COMMAND

  test   everything CI runs, in named parts
           --time        print the minutes by area and fail above the budget
           --only PART   run one part (repeat for more); --list names them
  demo   from a fresh clone to a live tournament in the browser
           --speed N     1 to 100 times real speed (default 20)
           --port P      port to listen on (default 8080)
           --seed N      which tournament (default 1)
           --no-open     do not open a browser
  kafka up|down|status
         a real Apache Kafka on the loopback address; `up` takes
           --brokers N   1 or 3 (default 1)
           --sasl        also listeners with TLS, passwords, tokens and client certificates
  bench peers
         durable appends: the embedded log beside NATS JetStream and Redis streams
           --turn-ms N   milliseconds of each turn (default 500)
           --rounds N    rounds (default 30)
  bench streams
         the topology of bench/kafka-streams on Kafka Streams: throughput, latency, restore, memory
           --records N   records (default 5000000)
           --brokers N   1 or 3 (default 1)
           --threads N   stream threads (default 2)
  chaos  faults on three brokers and three processes; at the end the outputs are those of a quiet run
           --seed N      which faults and which matches (default 1)
           --faults N    how many faults (default 20)
           --keep        keep logs and data
  web    build the screens into web/dist
  layers fail on a dependency that ARCHITECTURE.md's table does not allow
  style  report the house style: file sizes, function lengths
  fuzz   run the fuzz targets
           --seconds N   seconds for each target (default 20)
           --only TARGET run one target (repeat for more)";

#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    Help,
    Test(TestOptions),
    Demo(DemoOptions),
    Kafka(KafkaOptions),
    Bench(BenchOptions),
    Chaos(ChaosOptions),
    Web,
    Layers,
    Style,
    Fuzz(FuzzOptions),
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct TestOptions {
    pub time: bool,
    pub list: bool,
    pub only: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct DemoOptions {
    pub speed: u32,
    pub port: u16,
    pub seed: u64,
    pub open: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct KafkaOptions {
    pub task: KafkaTask,
    pub brokers: usize,
    pub sasl: Sasl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KafkaTask {
    Up,
    Down,
    Status,
}

/// Whether a cluster has listeners with TLS, passwords, tokens and client certificates beside the open one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sasl {
    Off,
    On,
}

#[derive(Debug, PartialEq, Eq)]
pub enum BenchOptions {
    Peers(PeersOptions),
    Streams(StreamsOptions),
}

#[derive(Debug, PartialEq, Eq)]
pub struct PeersOptions {
    pub turn_ms: NonZeroU32,
    pub rounds: NonZeroU32,
}

#[derive(Debug, PartialEq, Eq)]
pub struct StreamsOptions {
    pub records: NonZeroU32,
    pub brokers: usize,
    pub threads: NonZeroU32,
}

#[derive(Debug, PartialEq, Eq)]
pub struct ChaosOptions {
    pub seed: u64,
    pub faults: usize,
    pub keep: bool,
}

impl Default for ChaosOptions {
    fn default() -> Self {
        Self { seed: 1, faults: 20, keep: false }
    }
}

impl ChaosOptions {
    /// The words that mean the same on the command line.
    pub fn command(&self) -> Vec<String> {
        let mut words = vec![
            "chaos".into(),
            "--seed".into(),
            self.seed.to_string(),
            "--faults".into(),
            self.faults.to_string(),
        ];
        words.extend(self.keep.then(|| "--keep".to_owned()));
        words
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct FuzzOptions {
    pub seconds: NonZeroU32,
    pub only: Vec<String>,
}

impl Default for FuzzOptions {
    fn default() -> Self {
        Self { seconds: positive(20), only: Vec::new() }
    }
}

impl Default for PeersOptions {
    fn default() -> Self {
        Self { turn_ms: positive(500), rounds: positive(30) }
    }
}

impl Default for StreamsOptions {
    fn default() -> Self {
        Self { records: positive(5_000_000), brokers: 1, threads: positive(2) }
    }
}

fn positive(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("a default is not zero")
}

pub fn parse() -> Result<Task, lexopt::Error> {
    parse_from(lexopt::Parser::from_env())
}

fn parse_from(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let Some(first) = parser.next()? else { return Ok(Task::Help) };
    let name = match first {
        Short('h') | Long("help") => return Ok(Task::Help),
        Value(name) => name.string()?,
        other @ (Short(_) | Long(_)) => return Err(other.unexpected()),
    };
    match name.as_str() {
        "help" => Ok(Task::Help),
        "test" => test(parser),
        "demo" => demo(parser),
        "kafka" => kafka(parser),
        "bench" => bench(parser),
        "chaos" => chaos(parser),
        "fuzz" => fuzz(parser),
        "web" => nothing_more(parser, Task::Web),
        "layers" => nothing_more(parser, Task::Layers),
        "style" => nothing_more(parser, Task::Style),
        other => Err(format!("no command `{other}`").into()),
    }
}

fn test(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut options = TestOptions::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("time") => options.time = true,
            Long("list") => options.list = true,
            Long("only") => options.only.push(parser.value()?.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Test(options))
}

fn demo(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut options = DemoOptions { speed: 20, port: 8080, seed: 1, open: true };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("speed") => options.speed = parser.value()?.parse()?,
            Long("port") => options.port = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("no-open") => options.open = false,
            other => return Err(other.unexpected()),
        }
    }
    if !(1..=100).contains(&options.speed) {
        return Err("--speed is from 1 to 100".into());
    }
    Ok(Task::Demo(options))
}

fn kafka(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let task = match parser.value()?.string()?.as_str() {
        "up" => KafkaTask::Up,
        "down" => KafkaTask::Down,
        "status" => KafkaTask::Status,
        other => return Err(format!("no command `kafka {other}`").into()),
    };
    let mut options = KafkaOptions { task, brokers: 1, sasl: Sasl::Off };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("brokers") if task == KafkaTask::Up => options.brokers = parser.value()?.parse()?,
            Long("sasl") if task == KafkaTask::Up => options.sasl = Sasl::On,
            other => return Err(other.unexpected()),
        }
    }
    if !matches!(options.brokers, 1 | 3) {
        return Err("--brokers is 1 or 3".into());
    }
    Ok(Task::Kafka(options))
}

fn bench(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    match parser.value()?.string()?.as_str() {
        "peers" => peers(parser),
        "streams" => streams(parser),
        other => Err(format!("no command `bench {other}`").into()),
    }
}

fn peers(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut options = PeersOptions::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("turn-ms") => options.turn_ms = parser.value()?.parse()?,
            Long("rounds") => options.rounds = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Bench(BenchOptions::Peers(options)))
}

fn streams(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut options = StreamsOptions::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("records") => options.records = parser.value()?.parse()?,
            Long("brokers") => options.brokers = parser.value()?.parse()?,
            Long("threads") => options.threads = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    if !matches!(options.brokers, 1 | 3) {
        return Err("--brokers is 1 or 3".into());
    }
    Ok(Task::Bench(BenchOptions::Streams(options)))
}

fn chaos(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut options = ChaosOptions::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("faults") => options.faults = parser.value()?.parse()?,
            Long("keep") => options.keep = true,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Chaos(options))
}

fn fuzz(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut options = FuzzOptions::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seconds") => options.seconds = parser.value()?.parse()?,
            Long("only") => options.only.push(parser.value()?.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Fuzz(options))
}

fn nothing_more(mut parser: lexopt::Parser, task: Task) -> Result<Task, lexopt::Error> {
    match parser.next()? {
        Some(argument) => Err(argument.unexpected()),
        None => Ok(task),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Task, String> {
        let words = ["xtask"].iter().chain(words);
        parse_from(lexopt::Parser::from_iter(words)).map_err(|error| error.to_string())
    }

    #[test]
    fn options_of_each_command_are_read() {
        let only = vec!["fmt".to_owned(), "web".to_owned()];
        let test = TestOptions { time: true, list: false, only };
        assert_eq!(parsed(&["test", "--only", "fmt", "--time", "--only", "web"]), Ok(Task::Test(test)));
        let demo = DemoOptions { speed: 100, port: 0, seed: 7, open: false };
        let words = ["demo", "--speed", "100", "--port", "0", "--seed", "7", "--no-open"];
        assert_eq!(parsed(&words), Ok(Task::Demo(demo)));
        let streams = StreamsOptions { threads: positive(1), ..StreamsOptions::default() };
        let streams = Task::Bench(BenchOptions::Streams(streams));
        assert_eq!(parsed(&["bench", "streams", "--threads", "1"]), Ok(streams));
        let chaos = ChaosOptions { seed: 7, faults: 200, keep: true };
        let words = chaos.command();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        assert_eq!(parsed(&words), Ok(Task::Chaos(chaos)));
        let kafka = KafkaOptions { task: KafkaTask::Up, brokers: 3, sasl: Sasl::On };
        assert_eq!(parsed(&["kafka", "up", "--brokers", "3", "--sasl"]), Ok(Task::Kafka(kafka)));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert!(parsed(&["tset"]).is_err());
        assert!(parsed(&["layers", "--now"]).is_err());
        assert!(parsed(&["fuzz", "--seconds", "0"]).is_err());
        assert!(parsed(&["demo", "--speed", "101"]).is_err());
        assert!(parsed(&["bench", "peers", "--rounds", "0"]).is_err());
        assert!(parsed(&["bench", "streams", "--brokers", "2"]).is_err());
        assert!(parsed(&["kafka"]).is_err());
        assert!(parsed(&["kafka", "up", "--brokers", "2"]).is_err());
        assert!(parsed(&["kafka", "down", "--sasl"]).is_err());
    }
}
