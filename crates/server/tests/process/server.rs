//! A server on a data directory, and what is asked of it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// A process. A failed test does not leave it behind.
pub struct Server {
    process: Child,
    pub url: String,
    pub banner: String,
}

impl Server {
    /// Starts one and waits until it serves.
    pub fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = topspin(data);
        let process = command.args(more).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = process.expect("the binary");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut banner = String::new();
        let mut url = None;
        // To the banner's end: the server writes nothing after it.
        while !banner.contains("reach it") {
            let line = lines.next().expect("a banner").expect("text");
            if let Some(address) = line.trim().strip_prefix("Live matches") {
                url = Some(address.trim().trim_end_matches('/').to_owned());
            }
            banner.push_str(&line);
            banner.push('\n');
        }
        Server { process, url: url.expect("an address"), banner }
    }

    /// Ends it as a power cut would.
    #[cfg(unix)]
    pub fn kill(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("it ends");
    }

    /// Asks it to end; its exit code.
    #[cfg(unix)]
    pub fn terminate(mut self) -> Option<i32> {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        self.process.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `topspin serve` on a data directory and a port of its own.
pub fn topspin(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topspin"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    command
}

/// Another command of the binary: whether it went well, and all that it said.
pub fn run(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_topspin")).args(arguments).output();
    let Output { status, stdout, stderr } = output.expect("the binary");
    (status.success(), String::from_utf8([stdout, stderr].concat()).expect("text"))
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path of the test")
}

/// Who asks, and takes every answer for one.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

/// What a server says at a path.
#[cfg(unix)]
pub fn get(server: &Server, path: &str) -> serde_json::Value {
    let mut answer = agent().get(format!("{}{path}", server.url)).call().expect("an answer");
    answer.body_mut().read_json().expect("JSON")
}
