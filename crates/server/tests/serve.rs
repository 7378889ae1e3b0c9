//! `topspin serve` as a process: its first start, a stop, a restart, and a second one in its directory.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

struct Server {
    process: Child,
    url: String,
    banner: String,
}

impl Server {
    fn start(data: &Path, more: &[&str]) -> Self {
        let mut process = topspin(data).args(more).stdout(Stdio::piped()).spawn().expect("the binary");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut banner = String::new();
        let mut url = None;
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

    fn create(&self, token: Option<&str>) -> (u16, Value) {
        let player = |name: &str| json!({ "players": [{ "name": name }] });
        let body = json!({ "external_ids": ["test:1"], "format": {}, "sides": { "home": player("Ada"), "away": player("Bo") } });
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = agent.post(format!("{}/v1/matches", self.url));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut answer = request.send_json(&body).expect("an answer");
        (answer.status().as_u16(), answer.body_mut().read_json().expect("JSON"))
    }

    #[cfg(unix)]
    fn terminate(mut self) -> Option<i32> {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        self.process.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed test must not leave its server behind.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn topspin(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topspin"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).stderr(Stdio::piped());
    command
}

#[cfg(unix)]
#[test]
fn what_was_written_survives_a_stop_and_the_token_a_restart() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Server::start(data.path(), &[]);
    let token = fs::read_to_string(data.path().join("token")).expect("a token");
    assert!(!server.banner.contains(token.trim()), "the token is shown on terminals only");
    assert_eq!(server.create(None).0, 401);
    let (status, created) = server.create(Some(token.trim()));
    assert_eq!(status, 201, "{created}");
    assert_eq!(server.terminate(), Some(0));

    let server = Server::start(data.path(), &[]);
    assert_eq!(fs::read_to_string(data.path().join("token")).expect("a token"), token);
    assert_eq!(server.create(Some(token.trim())), (200, created));
    assert_eq!(server.terminate(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_copy_of_a_log_answers_as_the_log_did() {
    let data = tempfile::tempdir().expect("a directory");
    let (old, new) = (data.path().join("old"), data.path().join("new"));
    let server = Server::start(&old, &["--open"]);
    let (status, created) = server.create(None);
    assert_eq!(status, 201, "{created}");
    assert_eq!(server.terminate(), Some(0));

    let bridge = |from: &Path, to: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_topspin"));
        command.arg("bridge").arg("--from").arg(from).arg("--to").arg(to).output().expect("the binary")
    };
    for copied in ["copied 4 records", "copied 0 records"] {
        let Output { status, stdout, stderr } = bridge(&old, &new);
        let said = String::from_utf8([stdout, stderr].concat()).expect("text");
        assert!(status.success() && said.contains(copied) && said.contains("no difference"), "{said}");
    }
    assert!(!bridge(&new, &data.path().join("new")).status.success(), "onto itself");

    let server = Server::start(&new, &["--open"]);
    assert_eq!(server.create(None), (200, created));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn an_open_server_says_so_loudly() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Server::start(data.path(), &["--open"]);
    assert!(server.banner.contains("OPEN: everybody"), "{}", server.banner);
    assert_eq!(server.create(None).0, 201);
    assert!(!data.path().join("token").exists());
}

#[test]
fn a_second_server_in_the_same_directory_is_told_in_plain_words() {
    let data = tempfile::tempdir().expect("a directory");
    let _first = Server::start(data.path(), &[]);
    let Output { status, stderr, .. } = topspin(data.path()).output().expect("the binary");
    let said = String::from_utf8(stderr).expect("text");
    assert!(!status.success());
    assert!(said.contains("another topspin is using"), "{said}");
}
