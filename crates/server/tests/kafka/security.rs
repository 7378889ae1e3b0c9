//! `topspin` on a cluster that asks who it is.

use std::path::{Path, PathBuf};
use std::process::Command;

use topspin_log_kafka::conformance::variable;

use crate::process::World;
use crate::scoring::{begin, score};

/// A file of settings, as an operator writes it.
fn settings(world: &World, password: &str) -> PathBuf {
    let lines = [
        "security.protocol=SASL_SSL".to_owned(),
        "sasl.mechanism=SCRAM-SHA-256".to_owned(),
        "sasl.username=topspin".to_owned(),
        format!("sasl.password={password}"),
        format!("ssl.ca.location={}", variable("TOPSPIN_KAFKA_AUTHORITY")),
    ];
    let file = world.data("kafka.properties");
    std::fs::write(&file, lines.join("\n")).expect("written");
    file
}

fn secured(world: &World, settings: &Path) -> Vec<String> {
    let (brokers, settings) = (variable("TOPSPIN_KAFKA_SASL"), settings.display().to_string());
    let arguments = ["--kafka", &brokers, "--kafka-config", &settings, "--kafka-prefix", world.prefix()];
    arguments.map(str::to_owned).to_vec()
}

#[test]
fn a_server_and_a_bridge_show_a_password() {
    let world = World::new();
    let settings = settings(&world, "topspin-secret");
    let arguments = secured(&world, &settings);
    let mut more: Vec<&str> = arguments.iter().map(String::as_str).collect();
    more.extend(["--kafka-replication", "1"]);
    let server = world.start_as("secured", &more);
    let ids = begin(&[&server]);
    score(&[&server], &ids, 3);
    let path = format!("/v1/matches/{}", ids[0]);
    let expected = server.get(&path).body;
    server.end();
    let from = format!("kafka://{}/{}", variable("TOPSPIN_KAFKA_SASL"), world.prefix());
    let mut bridge = Command::new(env!("CARGO_BIN_EXE_topspin"));
    bridge
        .args(["bridge", "--from", &from, "--from-config"])
        .arg(&settings)
        .arg("--to")
        .arg(world.data("copy"));
    let copied = bridge.output().expect("the binary");
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let copy = world.start_alone("copy");
    assert_eq!(copy.get(&path).body, expected);
    copy.end();
}

#[test]
fn a_wrong_password_is_told_and_not_repeated() {
    let world = World::new();
    let settings = settings(&world, "guessed-wrong");
    let mut serve = Command::new(env!("CARGO_BIN_EXE_topspin"));
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(world.data("refused"));
    let refused = serve.args(secured(&world, &settings)).output().expect("the binary");
    let told = String::from_utf8([refused.stdout, refused.stderr].concat()).expect("text");
    assert!(!refused.status.success() && told.contains("uthentication"), "{told}");
    assert!(!told.contains("guessed-wrong"), "{told}");
}
