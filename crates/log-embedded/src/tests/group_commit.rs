//! Syncs counted: one makes a commit durable, and those that arrive during it share the next.

use topspin_log::conformance::fixtures::{create_keeping, producer};

use super::{SimDisk, contents, open, try_commit};

#[tokio::test]
async fn an_idle_log_syncs_once_for_each_commit() {
    let disk = SimDisk::new();
    let log = open(&disk).expect("opened");
    create_keeping(&log, 1).await;
    let mut writer = producer(&log, "p").await;
    for number in 0..10 {
        let before = disk.syncs();
        try_commit(&mut writer, &[(0, number.to_string())]).await.expect("committed");
        assert_eq!(disk.syncs() - before, 1, "commit {number}");
    }
}

#[tokio::test]
async fn commits_that_arrive_during_a_sync_share_the_next() {
    const WRITERS: usize = 16;
    let disk = SimDisk::new();
    let log = open(&disk).expect("opened");
    create_keeping(&log, 1).await;
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        writers.push(producer(&log, &format!("p{number}")).await);
    }
    let before = disk.syncs();
    disk.hold_syncs();
    let commits: Vec<_> = writers
        .into_iter()
        .enumerate()
        .map(|(number, mut writer)| {
            tokio::spawn(async move { try_commit(&mut writer, &[(0, number.to_string())]).await })
        })
        .collect();
    // On this one thread every commit is handed in before this task goes on.
    for _ in 0..WRITERS {
        tokio::task::yield_now().await;
    }
    assert!(commits.iter().all(|commit| !commit.is_finished()), "nothing is acknowledged before its sync");
    disk.let_syncs_go();
    for commit in commits {
        commit.await.expect("no panic").expect("committed");
    }
    let syncs = disk.syncs() - before;
    assert!((1..=2).contains(&syncs), "{syncs} syncs for {WRITERS} commits");
    assert_eq!(contents(&log, 0).await.len(), WRITERS);
}
