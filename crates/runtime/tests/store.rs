//! The store is a function of the log, whatever directory it finds.

use bytes::Bytes;
use topspin_log::{Offset, Partition, Record, Timestamp, Topic, TopicPartition};
use topspin_runtime::{Changes, OpenStoreError, Placed, Rows, Store, StoreError, Table};

/// `latest`: key → the last value; a tombstone removes it.
struct Latest;

impl Table for Latest {
    fn name(&self) -> &'static str {
        "latest"
    }

    fn apply(&self, _: &TopicPartition, record: &Record, rows: &mut Rows<'_, '_>) -> Result<(), StoreError> {
        match (&record.key, &record.value) {
            (Some(key), Some(value)) if value.as_ref() == b"damaged" => {
                return Err(StoreError::BadRow { table: "latest", reason: format!("{key:?}") });
            }
            (Some(key), Some(value)) => rows.put(key.clone(), value.clone()),
            (Some(key), None) => rows.remove(key.clone()),
            (None, _) => {}
        }
        Ok(())
    }
}

fn lane() -> TopicPartition {
    TopicPartition::new(Topic::new("words").expect("a name"), Partition(0))
}

fn placed(offset: u64, key: &'static str, value: &'static str) -> Placed {
    let record = Record::new(key, value, Timestamp::default());
    Placed { partition: lane(), offset: Offset::new(offset), record }
}

fn open(dir: &std::path::Path, version: u32) -> Store {
    Store::open(dir, version, vec![Box::new(Latest)]).expect("opened")
}

fn keys(rows: Vec<(Bytes, Bytes)>) -> Vec<Bytes> {
    rows.into_iter().map(|(key, _)| key).collect()
}

#[test]
fn rows_and_positions_survive_and_change_together() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path(), 1);
    store.apply(&[placed(3, "a", "1"), placed(7, "b", "2")]).expect("applied");
    assert!(store.apply(&[placed(8, "a", "9"), placed(9, "b", "damaged")]).is_err());
    drop(store);
    let store = open(dir.path(), 1);
    assert_eq!(store.get("latest", b"a").expect("read").as_deref(), Some(b"1".as_slice()));
    assert_eq!(store.applied(&lane()).expect("read"), Some(Offset::new(7)));
}

#[test]
fn a_store_of_another_version_is_emptied() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path(), 1);
    store.apply(&[placed(3, "a", "1")]).expect("applied");
    drop(store);
    let store = open(dir.path(), 2);
    assert_eq!(store.get("latest", b"a").expect("read"), None);
    assert_eq!(store.applied(&lane()).expect("read"), None);
}

#[test]
fn a_store_is_opened_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let _store = open(dir.path(), 1);
    let again = Store::open(dir.path(), 1, vec![Box::new(Latest)]);
    assert!(matches!(again.map(|_| ()), Err(OpenStoreError::Locked)));
}

#[test]
fn changes_lie_over_the_store_until_they_are_put() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path(), 1);
    store.apply(&[placed(1, "aa", "1"), placed(2, "ab", "2"), placed(3, "b", "3")]).expect("applied");
    let mut changes = Changes::new(&store);
    let removed = Record::tombstone("aa", Timestamp::default());
    let added = placed(4, "ac", "4").record;
    changes.apply([(&lane(), &removed), (&lane(), &added)]).expect("folded");
    let damaged = [placed(5, "ad", "5").record, placed(6, "ae", "damaged").record];
    let words = lane();
    assert!(changes.apply(damaged.iter().map(|record| (&words, record))).is_err());
    assert_eq!(keys(changes.scan("latest", b"a", b"", 10).expect("read")), ["ab", "ac"]);
    assert_eq!(keys(changes.scan("latest", b"a", b"ac", 10).expect("read")), ["ac"]);
    assert_eq!(keys(changes.scan("latest", b"a", b"", 1).expect("read")), ["ab"]);
    assert_eq!(changes.get("latest", b"ad").expect("read"), None, "of a failed fold nothing stays");
    assert_eq!(keys(store.scan("latest", b"a", b"", 10).expect("read")), ["aa", "ab"], "not put yet");
    store.put(changes, &[placed(4, "ac", "4")]).expect("put");
    assert_eq!(keys(store.scan("latest", b"a", b"", 10).expect("read")), ["ab", "ac"]);
    assert_eq!(store.applied(&lane()).expect("read"), Some(Offset::new(4)));
}

#[test]
fn a_table_that_is_not_there_is_an_error() {
    let dir = tempfile::tempdir().expect("a directory");
    let error = open(dir.path(), 1).get("nothing", b"a").expect_err("unknown");
    assert!(
        matches!(&error, StoreError::UnknownTable { table } if table == "nothing") && !error.is_retryable()
    );
}
