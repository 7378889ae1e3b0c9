//! A server as a process of its own, and what is asked of it.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use topspin_log_kafka::conformance::{self, variable};
use topspin_log_kafka::{KafkaLog, Settings};

pub const ENOUGH: Duration = Duration::from_secs(90);
const TOKEN: &str = "0123456789abcdef0123";

/// Where the processes are, and what they share.
pub struct World {
    pub folder: tempfile::TempDir,
    prefix: String,
}

impl World {
    pub fn new() -> Self {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let folder = tempfile::tempdir().expect("a directory");
        std::fs::write(folder.path().join("token"), TOKEN).expect("written");
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        World { folder, prefix: format!("serve-{}-{number}.", std::process::id()) }
    }

    pub fn start(&self, name: &str) -> Server {
        self.start_with(name, &[])
    }

    pub fn start_with(&self, name: &str, more: &[&str]) -> Server {
        let (brokers, replication) = (variable("TOPSPIN_KAFKA"), variable("TOPSPIN_KAFKA_BROKERS"));
        let cluster =
            ["--kafka", &brokers, "--kafka-prefix", &self.prefix, "--kafka-replication", &replication];
        Server::start(self, &self.data(name), &[&cluster[..], more].concat())
    }

    /// A server whose log is in its own directory.
    pub fn start_alone(&self, name: &str) -> Server {
        self.start_as(name, &[])
    }

    /// A server with these arguments and no others.
    pub fn start_as(&self, name: &str, arguments: &[&str]) -> Server {
        Server::start(self, &self.data(name), arguments)
    }

    /// What stands before their names on the cluster.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The directory of a process.
    pub fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The cluster's part that they are on, as a bridge is told.
    pub fn end(&self) -> String {
        format!("kafka://{}/{}", variable("TOPSPIN_KAFKA"), self.prefix)
    }

    /// What a process has logged.
    pub fn logged(&self, name: &str) -> String {
        std::fs::read_to_string(self.data(name).join("stderr")).unwrap_or_default()
    }

    /// The log that all of them are on.
    pub async fn log(&self) -> KafkaLog {
        let settings = Settings { prefix: self.prefix.clone(), ..conformance::settings() };
        KafkaLog::connect(settings).await.expect("connected")
    }
}

pub struct Server {
    process: Child,
    pub url: String,
    agent: ureq::Agent,
}

/// What a server answered: the status, the body, and whether it says that it may be out of date.
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub stale: Option<String>,
    pub location: Option<String>,
}

impl Server {
    fn start(world: &World, data: &Path, more: &[&str]) -> Self {
        std::fs::create_dir_all(data).expect("a directory");
        let log = File::options().create(true).append(true).open(data.join("stderr")).expect("a file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_topspin"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--partitions", "4", "--data"]).arg(data);
        command.arg("--token-file").arg(world.folder.path().join("token"));
        // The tests know the cluster by the name by which a server would take it.
        command.args(more).env_remove("TOPSPIN_KAFKA");
        let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the binary");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.trim().strip_prefix("Live matches").map(|url| url.trim().to_owned()));
        let Some(address) = address else {
            unreachable!("{}", std::fs::read_to_string(data.join("stderr")).unwrap_or_default())
        };
        // It goes on saying things.
        thread::spawn(move || lines.for_each(drop));
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(40)))
            // Whoever sleeps for long has closed its idle connections when it wakes.
            .max_idle_connections(0)
            .build();
        Server { process, url: address.trim_end_matches('/').to_owned(), agent: agent.into() }
    }

    pub fn signal(&self, signal: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().expect("kill").success());
    }

    /// Asks it to end, and waits until it has.
    pub fn end(mut self) {
        self.signal("-TERM");
        assert!(self.process.wait().expect("it ends").success());
    }

    pub fn get(&self, path: &str) -> Answer {
        Answer::read(self.agent.get(format!("{}{path}", self.url)).call().expect("an answer"))
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url));
        let request = request.header("authorization", format!("Bearer {TOKEN}"));
        Answer::read(request.send_json(body).expect("an answer"))
    }

    /// How many lanes it decides.
    pub fn owned(&self) -> usize {
        let mut answer = self.agent.get(format!("{}/metrics", self.url)).call().expect("an answer");
        let text = answer.body_mut().read_to_string().expect("text");
        let line = text.lines().find_map(|line| line.strip_prefix("topspin_lanes_owned "));
        line.expect("it counts").parse().expect("a number")
    }

    /// Follows all matches, and goes on where it was let go.
    pub fn listen(&self) -> Stream {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (url, hearing) = (format!("{}/v1/live", self.url), heard.clone());
        let mut answer = ureq::get(&url).call().expect("an answer");
        thread::spawn(move || {
            while let Some(place) = hear(answer, &hearing) {
                println!("a stream was let go, and goes on");
                let Ok(next) = ureq::get(&url).header("Last-Event-ID", place).call() else { break };
                answer = next;
            }
        });
        Stream(heard)
    }
}

/// Hears what a stream says until it ends; where to go on, if it says so.
fn hear(mut answer: ureq::http::Response<ureq::Body>, heard: &Mutex<Vec<(String, u64)>>) -> Option<String> {
    let mut lines = BufReader::new(answer.body_mut().as_reader()).lines().map_while(Result::ok);
    loop {
        let event: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        let field = |name: &str| event.iter().find_map(|line| line.strip_prefix(name));
        if event.is_empty() {
            return None;
        }
        let data = || serde_json::from_str::<Value>(field("data: ").expect("data")).expect("JSON");
        match field("event: ") {
            Some("match") => {
                let recorded = &data()["event"];
                let place = (recorded["match_id"].as_str().map(str::to_owned), recorded["seq"].as_u64());
                let (Some(id), Some(seq)) = place else { unreachable!("a match and a position") };
                heard.lock().expect("not poisoned").push((id, seq));
            }
            Some("lagged") => {
                let resume = data()["resume"].as_str().map(str::to_owned);
                if resume.is_none() {
                    heard.lock().expect("not poisoned").push(("lagged".to_owned(), 0));
                }
                return resume;
            }
            Some(_) | None => {}
        }
    }
}

/// What a stream has heard so far.
pub struct Stream(Arc<Mutex<Vec<(String, u64)>>>);

impl Stream {
    pub fn of(&self, id: &str) -> Vec<u64> {
        let heard = self.0.lock().expect("not poisoned");
        assert!(!heard.iter().any(|(of, _)| of == "lagged"), "a stream has to begin again");
        heard.iter().filter(|(of, _)| of == id).map(|(_, seq)| *seq).collect()
    }
}

impl Answer {
    fn read(mut answer: ureq::http::Response<ureq::Body>) -> Self {
        let header =
            |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (stale, location) = (header("topspin-stale"), header("location"));
        let status = answer.status().as_u16();
        Answer { status, body: answer.body_mut().read_json().unwrap_or_default(), stale, location }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed test must not leave its server behind, stopped or not.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until something holds.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < ENOUGH, "not within {ENOUGH:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
    began.elapsed()
}
