//! `topspin serve` as a process: its first start, a stop, a restart, and a second one in its directory.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::server::{Server, agent, run, text, topspin};

fn create(server: &Server, token: Option<&str>) -> (u16, Value) {
    let player = |name: &str| json!({ "players": [{ "name": name }] });
    let body = json!({ "external_ids": ["test:1"], "format": {}, "sides": { "home": player("Ada"), "away": player("Bo") } });
    let mut request = agent().post(format!("{}/v1/matches", server.url));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = request.send_json(&body).expect("an answer");
    (answer.status().as_u16(), answer.body_mut().read_json().expect("JSON"))
}

#[cfg(unix)]
#[test]
fn what_was_written_survives_a_stop_and_the_token_a_restart() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Server::start(data.path(), &[]);
    let token = fs::read_to_string(data.path().join("token")).expect("a token");
    assert!(!server.banner.contains(token.trim()), "the token is shown on terminals only");
    assert_eq!(create(&server, None).0, 401);
    let (status, created) = create(&server, Some(token.trim()));
    assert_eq!(status, 201, "{created}");
    assert_eq!(server.terminate(), Some(0));

    let server = Server::start(data.path(), &[]);
    assert_eq!(fs::read_to_string(data.path().join("token")).expect("a token"), token);
    assert_eq!(create(&server, Some(token.trim())), (200, created));
    assert_eq!(server.terminate(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_copy_of_a_log_answers_as_the_log_did() {
    let data = tempfile::tempdir().expect("a directory");
    let (old, new) = (data.path().join("old"), data.path().join("new"));
    let server = Server::start(&old, &["--open"]);
    let (status, created) = create(&server, None);
    assert_eq!(status, 201, "{created}");
    assert_eq!(server.terminate(), Some(0));

    let bridge = |from: &Path, to: &Path| run(&["bridge", "--from", text(from), "--to", text(to)]);
    for copied in ["copied 4 records", "copied 0 records"] {
        let (well, said) = bridge(&old, &new);
        assert!(well && said.contains(copied) && said.contains("no difference"), "{said}");
    }
    assert!(!bridge(&new, &data.path().join("new")).0, "onto itself");

    let server = Server::start(&new, &["--open"]);
    assert_eq!(create(&server, None), (200, created));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn an_open_server_says_so_loudly() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Server::start(data.path(), &["--open"]);
    assert!(server.banner.contains("OPEN: everybody"), "{}", server.banner);
    assert_eq!(create(&server, None).0, 201);
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
