//! Damaged files: a torn tail is cut, everything else is named.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::{ProptestConfig, any, prop, proptest};
use topspin_log::conformance::fixtures::{create_keeping, producer};
use topspin_log::{Log, ReadError, Start};

use super::{Dice, OPTIONS, SimDisk, contents, open, segment, try_commit};
use crate::segment::index_path;
use crate::{EmbeddedLog, OpenError};

type Image = BTreeMap<PathBuf, Vec<u8>>;

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("text-{number:04}")).collect()
}

/// A log whose texts are in `t/0`, each a transaction of its own.
async fn written(count: usize) -> Image {
    let disk = SimDisk::new();
    let log = open(&disk).expect("opened");
    create_keeping(&log, 1).await;
    let mut writer = producer(&log, "p").await;
    for text in texts(count) {
        try_commit(&mut writer, &[(0, text)]).await.expect("committed");
    }
    drop(writer);
    log.close().await;
    disk.image()
}

fn reopened(image: &Image) -> Result<EmbeddedLog, OpenError> {
    EmbeddedLog::open_on(Arc::new(SimDisk::of(image)), &OPTIONS, false)
}

/// Where the frames of the last segment end.
fn written_end(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

#[tokio::test]
async fn a_tail_cut_at_any_byte_loses_only_what_was_cut() {
    let image = written(20).await;
    let whole = written_end(&image[&segment(1)]);
    let mut last_found = usize::MAX;
    for cut in (0..whole).rev() {
        let mut torn = image.clone();
        torn.entry(segment(1)).and_modify(|bytes| bytes.truncate(cut));
        let Ok(log) = reopened(&torn) else {
            assert!(
                last_found == 0 || last_found == usize::MAX,
                "cut at {cut}: cannot open with records left"
            );
            break;
        };
        let found = contents(&log, 0).await;
        assert!(found.len() <= last_found);
        assert_eq!(found, texts(20)[..found.len()], "cut at {cut}");
        last_found = found.len();
    }
    assert_eq!(last_found, 0);
}

/// The file is no longer than what was written to it, so that a cut can be inside the padding of the last frame.
#[tokio::test]
async fn what_is_acknowledged_after_a_tail_cut_at_any_byte_survives_the_next_opening() {
    let image = written(20).await;
    for can_allocate in [false, true] {
        for cut in (0..written_end(&image[&segment(1)]) + 8).rev() {
            let mut torn = image.clone();
            torn.entry(segment(1)).and_modify(|bytes| bytes.truncate(cut));
            let disk = SimDisk::of(&torn);
            disk.plan(|plan| plan.cannot_allocate = !can_allocate);
            let Ok(log) = EmbeddedLog::open_on(Arc::new(disk.clone()), &OPTIONS, false) else { break };
            if log.topics().await.is_ok_and(|topics| topics.is_empty()) {
                create_keeping(&log, 1).await;
            }
            let mut expected = contents(&log, 0).await;
            let mut writer = producer(&log, "p").await;
            for text in ["more", "and more"] {
                try_commit(&mut writer, &[(0, text.into())]).await.expect("writes go on");
                expected.push(text.into());
            }
            let again = reopened(&disk.image()).expect("opened");
            assert_eq!(contents(&again, 0).await, expected, "cut at {cut}, can allocate: {can_allocate}");
        }
    }
}

#[tokio::test]
async fn damage_before_an_acknowledged_frame_is_an_error_that_names_file_and_byte() {
    let image = written(20).await;
    let bytes = &image[&segment(1)];
    let last_text = bytes.windows(9).rposition(|window| window == b"text-0019").expect("the last record");
    let last_frame = bytes[..last_text].windows(4).rposition(|window| window == b"TSF1").expect("a frame");
    for byte in 0..last_frame {
        let mut damaged = image.clone();
        damaged.entry(segment(1)).and_modify(|bytes| bytes[byte] ^= 0x10);
        match reopened(&damaged) {
            Err(OpenError::File(ReadError::Corrupt { file, position, .. })) => {
                assert!(
                    file.ends_with("0000000000000001.seg") && position <= byte as u64,
                    "{file} at {position}"
                );
            }
            // The padding between frames is covered by nothing and means nothing.
            Ok(log) => assert_eq!(contents(&log, 0).await, texts(20), "byte {byte}"),
            Err(other) => panic!("byte {byte}: {other}"),
        }
    }
}

#[tokio::test]
async fn damage_in_a_sealed_segment_is_found_by_whoever_reads_it() {
    let image = written(100).await;
    assert!(image.contains_key(&segment(3)), "several segments");
    for byte in (64..image[&segment(1)].len()).step_by(7) {
        let mut damaged = image.clone();
        damaged.entry(segment(1)).and_modify(|bytes| bytes[byte] ^= 0x10);
        let log = reopened(&damaged).expect("sealed segments are not read when the log is opened");
        let mut reader = log.reader(&super::t(0), Start::Beginning).await.expect("a reader");
        let mut read = Vec::new();
        let error = loop {
            match reader.try_next_batch(topspin_log::BatchLimit::records(1)).await {
                Ok(batch) if batch.is_empty() => break None,
                Ok(batch) => read.extend(topspin_log::conformance::fixtures::values(&batch)),
                Err(error) => break Some(error),
            }
        };
        assert_eq!(read, texts(100)[..read.len()], "byte {byte}: nothing wrong, nothing skipped");
        assert!(
            read.len() == 100 || matches!(error, Some(ReadError::Corrupt { .. })),
            "byte {byte}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_lost_or_damaged_sidecar_is_made_anew() {
    let image = written(100).await;
    let sidecar = index_path(&PathBuf::from("segments"), 1);
    for byte in 0..image[&sidecar].len() {
        let mut damaged = image.clone();
        damaged.entry(sidecar.clone()).and_modify(|bytes| bytes[byte] ^= 0x10);
        let log = reopened(&damaged).expect("opened");
        let mut reader = log.reader(&super::t(0), Start::Beginning).await.expect("a reader");
        match reader.try_next_batch(topspin_log::BatchLimit::default()).await {
            Ok(_) => assert_eq!(contents(&log, 0).await, texts(100)),
            Err(error) => assert!(matches!(error, ReadError::Corrupt { .. }), "byte {byte}: {error}"),
        }
    }
    let mut lost = image.clone();
    lost.remove(&sidecar);
    assert_eq!(contents(&reopened(&lost).expect("opened"), 0).await, texts(100));
}

#[tokio::test]
async fn a_missing_segment_is_an_error_that_says_what_is_missing() {
    let image = written(100).await;
    for id in 1..=2 {
        let mut missing = image.clone();
        missing.remove(&segment(id));
        let error = reopened(&missing).err();
        assert!(matches!(&error, Some(OpenError::MissingRecords { from, to, .. }) if from < to), "{error:?}");
    }
    let error = reopened(&Image::new()).err();
    assert!(matches!(error, Some(OpenError::NotALog { .. })), "{error:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_bytes_in_any_file_make_opening_or_reading_panic(
        seed in any::<u64>(), changes in 1..20usize, rubbish in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut image = written(60).await;
            let mut dice = Dice(seed);
            let names: Vec<PathBuf> = image.keys().cloned().collect();
            for _ in 0..changes {
                let name = &names[dice.roll(names.len() as u64) as usize];
                let bytes = image.get_mut(name).expect("a file");
                let at = dice.roll(bytes.len().max(1) as u64) as usize;
                match dice.roll(3) {
                    0 => bytes.truncate(at),
                    1 => {
                        bytes.splice(at..at, rubbish.iter().copied());
                    }
                    _ => {
                        if let Some(byte) = bytes.get_mut(at) {
                            *byte = dice.roll(256) as u8;
                        }
                    }
                }
            }
            let Ok(log) = reopened(&image) else { return };
            let Ok(mut reader) = log.reader(&super::t(0), Start::Beginning).await else { return };
            let mut read = Vec::new();
            while let Ok(batch) = reader.try_next_batch(topspin_log::BatchLimit::default()).await {
                if batch.is_empty() {
                    break;
                }
                read.extend(topspin_log::conformance::fixtures::values(&batch));
            }
            assert_eq!(read, texts(60)[..read.len()]);
        });
    }
}
