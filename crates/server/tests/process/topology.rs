//! `topspin topology`: what the views are made of, as text and as a picture.

use std::process::{Command, Output};

fn said(arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topspin"));
    let Output { status, stdout, stderr } =
        command.arg("topology").args(arguments).output().expect("the binary");
    (status.success(), String::from_utf8([stdout, stderr].concat()).expect("text"))
}

#[test]
fn every_topic_store_and_operator_is_named_in_the_text_and_in_the_picture() {
    let folder = tempfile::tempdir().expect("a directory");
    let (done, text) = said(&[]);
    assert!(done && text.starts_with("player-totals, version "), "{text}");
    let svg = folder.path().join("player-totals.svg");
    let (done, told) = said(&["player-totals", "--svg", svg.to_str().expect("a path of the test")]);
    assert!(done && told.starts_with("wrote "), "{told}");
    let picture = std::fs::read_to_string(svg).expect("a file");
    assert!(picture.starts_with("<svg"), "{picture}");
    let named = text.lines().filter_map(|line| line.split_once(": "));
    let names: Vec<_> = named.map(|(name, _)| name.trim_start_matches([' ', '│', '├', '└', '─'])).collect();
    assert_eq!(names.len(), 6, "{text}");
    for name in names {
        assert!(picture.contains(name), "{name} in {picture}");
    }
    let (done, told) = said(&["no-such"]);
    assert!(!done && told.contains("there are: player-totals"), "{told}");
}
