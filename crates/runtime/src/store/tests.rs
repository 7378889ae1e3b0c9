//! What a store opens as after a crash: the files as they are at that moment, in another directory.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use topspin_log::{Offset, Partition, Record, Timestamp, Topic, TopicPartition};

use super::{Opened, POSITIONS, Placed, Rows, SHAPE, Store, StoreError, Table};

struct Copied(&'static str);

impl Table for Copied {
    fn name(&self) -> &'static str {
        self.0
    }

    fn apply(&self, _: &TopicPartition, record: &Record, rows: &mut Rows<'_, '_>) -> Result<(), StoreError> {
        if let (Some(key), Some(value)) = (&record.key, &record.value) {
            rows.put(key.clone(), value.clone());
        }
        Ok(())
    }
}

fn open(dir: &Path, version: u32) -> Store {
    Store::open(dir, version, vec![Box::new(Copied("one")), Box::new(Copied("other"))]).expect("opened")
}

fn partition() -> TopicPartition {
    TopicPartition::new(Topic::new("t").expect("valid"), Partition(0))
}

fn apply(store: &Store, offset: u64, key: &'static str) {
    let record = Record::new(key, "value", Timestamp::from_millis(1));
    let placed = Placed { partition: partition(), offset: Offset::new(offset), record };
    store.apply(&[placed]).expect("applied");
}

/// A store with a row in every table.
fn filled(version: u32) -> (TempDir, Store) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path(), version);
    apply(&store, 7, "key");
    (dir, store)
}

fn with_opened<T>(store: &Store, then: impl FnOnce(&Opened) -> T) -> T {
    store.read(|opened| Ok(then(opened))).expect("open")
}

/// The store's files as a crash of the process would leave them now.
fn crashed(from: &TempDir) -> TempDir {
    let to = tempfile::tempdir().expect("a directory");
    copy(from.path(), to.path());
    to
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("made");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

fn keys(store: &Store) -> Vec<(&'static str, String)> {
    let text = |key: &[u8]| String::from_utf8(key.to_vec()).expect("text");
    store.dump().expect("readable").into_iter().map(|(table, (key, _))| (table, text(&key))).collect()
}

fn shape_only() -> Vec<(&'static str, String)> {
    vec![(POSITIONS, String::from_utf8(SHAPE.to_vec()).expect("text"))]
}

#[test]
fn a_crash_anywhere_in_clearing_leaves_everything_or_nothing() {
    let steps = with_opened(&filled(1).1, |opened| opened.emptying().count());
    for taken in 0..=steps {
        let (dir, store) = filled(1);
        with_opened(&store, |opened| {
            let mut steps = opened.emptying().take(taken);
            steps.try_for_each(|step| store.take(step, opened)).expect("cleared so far");
        });
        let dir = crashed(&dir);
        let again = open(dir.path(), 1);
        let expected = if taken == 0 { keys(&filled(1).1) } else { shape_only() };
        assert_eq!(keys(&again), expected, "after {taken} of {steps} steps");
        apply(&again, 0, "fresh");
        drop(again);
        assert!(keys(&open(dir.path(), 1)).contains(&("one", "fresh".into())), "it is a good store again");
    }
}

#[test]
fn a_store_that_was_cleared_and_filled_again_is_emptied_for_another_version() {
    let (dir, store) = filled(1);
    store.clear().expect("cleared");
    assert_eq!(store.applied(&partition()).expect("readable"), None);
    apply(&store, 1, "of version 1");
    drop(store);
    assert_eq!(keys(&open(dir.path(), 2)), shape_only());
}

#[test]
fn rows_without_a_shape_are_not_kept() {
    let (dir, store) = filled(1);
    with_opened(&store, |opened| opened.positions.remove(SHAPE)).expect("removed");
    drop(store);
    assert_eq!(keys(&open(dir.path(), 1)), shape_only());
}

#[test]
fn a_store_of_the_same_shape_is_kept() {
    let (dir, store) = filled(1);
    let before = keys(&store);
    drop(store);
    let again = open(dir.path(), 1);
    assert_eq!(keys(&again), before);
    assert_eq!(again.applied(&partition()).expect("readable"), Some(Offset::new(7)));
}
