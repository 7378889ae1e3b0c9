//! Views on a copy of a log: they are not copied, and come to the same.

use std::path::Path;

use serde_json::json;
use topspin_log::{Log as _, Topic, TopicSpec};
use topspin_log_embedded::EmbeddedLog;
use topspin_runtime::Derived;

use crate::server::{run, text};
use crate::views::{play, press, recomputed, settle, start, with_log};

fn totals(data: &Path) -> String {
    let (well, said) = run(&["totals", "--data", text(data)]);
    assert!(well, "{said}");
    said
}

async fn topics_of_views(log: &EmbeddedLog) -> Vec<TopicSpec> {
    let topics = log.topics().await.expect("readable").into_iter();
    topics.filter(|spec| Derived::of(&spec.topic).is_some()).collect()
}

/// As views do every while.
async fn remove_what_is_processed(log: &EmbeddedLog) {
    let between = Topic::new("player-totals.g1.lines-by-player").expect("a name");
    for partition in log.topic(&between).await.expect("there").topic_partitions() {
        let end = log.end_offset(&partition).await.expect("an end");
        log.trim(&partition, end).await.expect("trimmed");
    }
}

#[test]
fn views_on_a_copy_start_from_nothing_and_come_to_the_same() {
    let folder = tempfile::tempdir().expect("a directory");
    let [old, new, third] = ["old", "new", "third"].map(|name| folder.path().join(name));
    let mut server = start(&old);
    let rounds = [(["Ada", "Bo"], "hhuahh"), (["Bo", "Cy"], "haaa"), (["Cy", "Ada"], "aaa")];
    let ids = rounds.iter().enumerate();
    let ids: Vec<_> =
        ids.map(|(number, (players, points))| play(&server, number, *players, points)).collect();
    let expected = recomputed(&server, &ids);
    assert_eq!(expected.len(), 3, "{expected:?}");
    server.kill();
    settle(&old, &expected);
    let made = with_log(&old, async |log: &EmbeddedLog| {
        remove_what_is_processed(log).await;
        topics_of_views(log).await.len()
    });

    let ends = ["bridge", "--from", text(&old), "--to", text(&new)];
    let (well, said) = run(&ends);
    assert!(well && said.contains("no difference"), "{said}");
    assert!(said.contains(&format!("left out: {made} topics that views make")), "{said}");
    assert_eq!(with_log(&new, async |log: &EmbeddedLog| topics_of_views(log).await), []);
    // Makes what views need.
    start(&new).kill();
    settle(&new, &expected);
    assert_eq!(totals(&new), totals(&old));

    // They go on there, with a correction of what was counted on the other log.
    let mut server = start(&new);
    press(&server, &ids[1], &json!({ "type": "undo" }));
    let corrected = recomputed(&server, &ids);
    assert_ne!(corrected, expected);
    server.kill();
    settle(&new, &corrected);

    let (well, said) =
        run(&[&ends[..3], &["--to", text(&third), "--topics"], &["player-totals.g1.matches.changelog"]]
            .concat());
    assert!(
        !well && said.contains("positions of this log") && said.contains("topspin serve --views"),
        "{said}"
    );
    assert!(!third.exists(), "refused before anything is made");
    let (well, said) = run(&[
        &ends[..3],
        &["--to", text(&third), "--topics"],
        &["matches,player-totals.g1,player-totals.dead-letters"],
    ]
    .concat());
    assert!(well && said.contains("no difference"), "{said}");
    assert_eq!(totals(&third), totals(&old));
}
