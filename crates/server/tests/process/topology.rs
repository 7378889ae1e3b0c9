//! `topspin topology`: what the views are made of, as text and as a picture.

use crate::server::{run, text};

#[test]
fn every_topic_store_and_operator_is_named_in_the_text_and_in_the_picture() {
    let folder = tempfile::tempdir().expect("a directory");
    let (done, all) = run(&["topology"]);
    assert!(done && all.contains("player-totals, version ") && all.contains("insight, version "), "{all}");
    let (done, tree) = run(&["topology", "player-totals"]);
    assert!(done && tree.starts_with("player-totals, version "), "{tree}");
    let svg = folder.path().join("player-totals.svg");
    let (done, told) = run(&["topology", "player-totals", "--svg", text(&svg)]);
    assert!(done && told.starts_with("wrote "), "{told}");
    let picture = std::fs::read_to_string(svg).expect("a file");
    assert!(picture.starts_with("<svg"), "{picture}");
    let named = tree.lines().filter_map(|line| line.split_once(": "));
    let names: Vec<_> = named.map(|(name, _)| name.trim_start_matches([' ', '│', '├', '└', '─'])).collect();
    assert_eq!(names.len(), 6, "{tree}");
    for name in names {
        assert!(picture.contains(name), "{name} in {picture}");
    }
    let (done, told) = run(&["topology", "no-such"]);
    assert!(!done && told.contains("there are: player-totals"), "{told}");
}
