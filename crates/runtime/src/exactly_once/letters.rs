//! What becomes of records that cannot be processed.

use std::sync::Arc;

use bytes::Bytes;
use topspin_log::conformance::Engine;
use topspin_log::conformance::fixtures::{commit, producer};
use topspin_log::{Header, Log, Record};

use super::fixtures::{Stage, until};
use super::trial::{PANIC, UNSPEAKABLE, clock, partition};
use crate::{DeadLetterError, DeadLetters, Letter, LetterStanding, LocalState, Retried};

fn office(log: &Arc<dyn Log>) -> DeadLetters {
    DeadLetters::new(log.clone(), "trial", Arc::new(clock))
}

async fn letters(log: &Arc<dyn Log>, count: usize) -> Vec<Letter> {
    let office = office(log);
    until(async || office.list(None).await.expect("readable").len() == count).await;
    office.list(None).await.expect("readable")
}

fn odd(value: Option<Bytes>) -> Record {
    let header =
        |name: &str, value: &'static [u8]| Header { name: name.to_owned(), value: Bytes::from_static(value) };
    Record {
        key: None,
        value,
        headers: vec![header("", b""), header("ü/#", &[0, 1, 254, 255]), header("ü/#", b"again")],
        timestamp: clock(),
    }
}

/// Nothing of it is changed, however odd or large it is; the task goes on, and nothing is half done.
pub async fn a_poison_record_is_kept_byte_by_byte(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 11).await;
    let large = Bytes::from(vec![7; 1024 * 1024 - 200]);
    let odd = [odd(None), odd(Some(Bytes::new())), odd(Some(large)), odd(Some(Bytes::from_static(PANIC)))];
    let mut writer = producer(stage.log.as_ref(), "odd").await;
    let receipt = commit(&mut writer, odd.iter().map(|record| (partition("words", 1), record.clone()))).await;
    let process = stage.process("alone", &LocalState::in_memory()).await;
    let kept = letters(&stage.log, odd.len()).await;
    for (letter, (record, offset)) in kept.iter().zip(odd.iter().zip(receipt.offsets())) {
        assert_eq!((&letter.record, letter.id.offset), (record, *offset));
        assert_eq!(
            (letter.id.source.clone(), letter.id.subtopology.as_str()),
            (partition("words", 1), "words")
        );
        assert_eq!(
            (letter.app.as_str(), letter.attempts, letter.standing),
            ("trial", 1, LetterStanding::Open)
        );
        assert_eq!(letter.id.to_string().parse(), Ok(letter.id.clone()));
    }
    assert!(kept[0].reason.contains("not a word"), "{}", kept[0].reason);
    assert!(kept[3].reason.contains("a decoder that panics"), "{}", kept[3].reason);
    stage.feed(50).await;
    stage.settle().await;
    process.stop().await;
    stage.check().await;
}

/// However many try at once: the task gets the record once. If it fails again, the letter is open again.
pub async fn a_letter_is_tried_again_exactly_once(engine: Box<dyn Engine>) {
    let stage = Stage::new(engine.log(), 12).await;
    let process = stage.process("alone", &LocalState::in_memory()).await;
    let word = [UNSPEAKABLE.to_be_bytes().as_slice(), &5_i64.to_be_bytes()].concat();
    let record = Record::new(vec![3], word, clock());
    let mut writer = producer(stage.log.as_ref(), "odd").await;
    commit(&mut writer, [(partition("words", 0), record)]).await;
    let id = letters(&stage.log, 1).await.remove(0).id;
    // While both try, nobody is there with whom it could fail again.
    process.stop().await;
    let (one, other) = (office(&stage.log), office(&stage.log));
    let (first, second) = tokio::join!(one.retry(&id), other.retry(&id));
    let mut both = [first.expect("retried"), second.expect("retried")];
    both.sort_by_key(|retried| *retried == Retried::Already);
    assert_eq!(both, [Retried::Now, Retried::Already]);
    let process = stage.process("alone", &LocalState::in_memory()).await;
    until(async || one.show(&id).await.is_ok_and(|letter| letter.attempts == 2)).await;
    let again = one.show(&id).await.expect("it is there");
    assert_eq!((again.standing, again.id.source.clone()), (LetterStanding::Open, id.source.clone()));
    let unknown = crate::LetterId { offset: topspin_log::Offset::new(1_000_000), ..id };
    assert!(matches!(one.retry(&unknown).await, Err(DeadLetterError::Unknown(_))));
    process.stop().await;
    stage.check().await;
}
