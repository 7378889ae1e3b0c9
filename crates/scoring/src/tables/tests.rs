//! A store of another version is no store.

use std::path::Path;
use std::sync::Arc;

use topspin_event::{NewReference, OrgId, ReferenceDetails, ReferenceKind, Timestamp};
use topspin_log::memory::MemoryLog;
use topspin_log::{Offset, Partition, Record, TopicPartition};
use topspin_runtime::{Placed, Row, Store};
use uuid::Uuid;

use super::{VERSION, all};
use crate::home::{Home, HomeConfig};
use crate::topics::Kind;

fn life<T>(log: &MemoryLog, dir: &Path, live: impl AsyncFnOnce(Home) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = HomeConfig {
        org: OrgId(Uuid::from_u128(1)),
        origin: "hall".parse().expect("a label"),
        partitions: 1,
        hot_matches: 1,
        clock: Arc::new(|| Timestamp::EPOCH),
    };
    runtime.block_on(async {
        live(Home::open(Arc::new(log.clone()), dir, config).await.expect("the home opens")).await
    })
}

fn dump(home: &Home) -> Vec<(&'static str, Row)> {
    home.dump_store().expect("read")
}

#[test]
fn a_store_of_an_earlier_version_is_filled_again_from_the_log() {
    let (log, dir) = (MemoryLog::new(), tempfile::tempdir().expect("a directory"));
    let filled = life(&log, dir.path(), async |home| {
        let details = ReferenceDetails { name: "Ada".to_owned(), ..ReferenceDetails::default() };
        let external_ids = vec!["club:ada".parse().expect("an id")];
        let player = NewReference { id: None, external_ids, details };
        home.create_reference(ReferenceKind::Player, player).await.expect("created");
        dump(&home)
    });
    let earlier = Store::open(dir.path(), VERSION - 1, all()).expect("opened");
    let partition = TopicPartition::new(Kind::Devices.topic(), Partition(0));
    let stale = Placed {
        partition: partition.clone(),
        offset: Offset::new(0),
        record: Record::new("stale", "stale", topspin_log::Timestamp::default()),
    };
    earlier.apply(&[stale]).expect("applied");
    assert_eq!(earlier.applied(&partition).expect("read"), Some(Offset::new(0)));
    drop(earlier);
    life(&log, dir.path(), async |home| assert_eq!(dump(&home), filled));
}
