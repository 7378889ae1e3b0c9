//! What becomes of records that cannot be processed.

use std::sync::Arc;

use bytes::Bytes;
use topspin_log::conformance::Engine;
use topspin_log::conformance::fixtures::{commit, producer};
use topspin_log::{Header, Log, Record};
use topspin_stream::{Builder, Encoded, Input, Reason, Topology};

use super::fixtures::{FIRST, Stage, all_read, application, until};
use super::observed::{all, table};
use super::trial::{PANIC, UNSPEAKABLE, clock, partition};
use crate::{
    ActiveGeneration, Application, DeadLetterError, DeadLetters, Generation, Letter, LetterStanding, Listed,
    LocalState, Names, Retried, make_active,
};

fn office(log: &Arc<dyn Log>) -> DeadLetters {
    DeadLetters::new(log.clone(), "trial", Arc::new(clock))
}

async fn letters(log: &Arc<dyn Log>, count: usize) -> Vec<Letter> {
    let office = office(log);
    let listed = async || office.list(Listed::All, None).await.expect("readable").letters;
    until(async || listed().await.len() == count).await;
    listed().await
}

/// Those that wait.
async fn open(log: &Arc<dyn Log>) -> Vec<Letter> {
    office(log).list(Listed::Open, None).await.expect("readable").letters
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

/// What one program cannot read and the next can.
const NEW_FASHION: &[u8] = b"new fashion";

/// The value of a record.
type Read = fn(Option<&[u8]>) -> Result<Vec<u8>, Reason>;

/// Says the latest name of each word, and how many words each author has said.
fn program(read: Read) -> Topology {
    let builder = Builder::new("trial", 1);
    let key = |input: &Input<'_>| Ok(input.key.unwrap_or_default().to_vec());
    let names = builder.table("names", key, move |input| read(input.value));
    names.to_view("latest", |word, name, out: &mut Encoded| {
        out.key.clone_from(word);
        out.value.extend(name.into_iter().flatten());
    });
    let words = builder.stream("words", move |input| Ok(Some((key(input)?, read(input.value)?))));
    words.count("count").to_view("counts", |author, count, out: &mut Encoded| {
        out.key.clone_from(author);
        out.value.extend(count.iter().flat_map(|count| count.to_be_bytes()));
    });
    builder.build().expect("a topology that can be")
}

fn before_it_was_mended(value: Option<&[u8]>) -> Result<Vec<u8>, Reason> {
    if value == Some(NEW_FASHION) { Err("of a later version".into()) } else { mended(value) }
}

#[expect(clippy::unnecessary_wraps, reason = "the other one refuses")]
fn mended(value: Option<&[u8]>) -> Result<Vec<u8>, Reason> {
    Ok(value.unwrap_or_default().to_vec())
}

/// Runs a program until it has read everything.
async fn run_to_the_end(log: &Arc<dyn Log>, read: Read) {
    let config = application(log.clone(), "alone", &LocalState::in_memory());
    let process = Application::start(&program(read), config).await.expect("started");
    until(async || all_read(log.as_ref(), process.deployment()).await).await;
    process.stop().await;
}

fn record(key: &'static [u8], value: Option<&'static [u8]>) -> Record {
    let (key, value) = (Some(Bytes::from_static(key)), value.map(Bytes::from_static));
    Record { key, value, headers: Vec::new(), timestamp: clock() }
}

/// Of a mended program: what was refused enters the views once, as if it had been processed in its place. What a later
/// record of its key has replaced or taken away stays so.
pub async fn a_letter_whose_record_succeeds_enters_the_views_once(engine: Box<dyn Engine>) {
    let stage = Stage::new(engine.log(), 13).await;
    let mut writer = producer(stage.log.as_ref(), "odd").await;
    let (names, words) = (partition("names", 0), partition("words", 1));
    let said = [
        (&names, record(b"replaced", Some(NEW_FASHION))),
        (&names, record(b"removed", Some(NEW_FASHION))),
        (&names, record(b"alone", Some(b"old"))),
        (&names, record(b"alone", Some(NEW_FASHION))),
        (&names, record(b"replaced", Some(b"later"))),
        (&names, record(b"removed", None)),
        (&words, record(b"author", Some(b"old"))),
        (&words, record(b"author", Some(NEW_FASHION))),
    ];
    commit(&mut writer, said.map(|(partition, record)| (partition.clone(), record))).await;
    run_to_the_end(&stage.log, before_it_was_mended).await;
    let letters = open(&stage.log).await;
    assert_eq!(letters.len(), 4);
    for letter in &letters {
        let office = office(&stage.log);
        assert_eq!(office.retry(&letter.id).await.expect("retried"), Retried::Now);
        assert_eq!(office.retry(&letter.id).await.expect("asked"), Retried::Already);
    }
    run_to_the_end(&stage.log, mended).await;
    assert_eq!(open(&stage.log).await, []);
    let outputs = Names::new("trial", FIRST).expect("a valid name");
    let latest = outputs.output("latest").expect("a valid name");
    let expected = [("alone", NEW_FASHION), ("replaced", b"later")];
    let expected = expected.map(|(word, name)| (Bytes::from(word), Bytes::from_static(name)));
    assert_eq!(table(stage.log.as_ref(), &latest).await, expected.into());
    let of_replaced = all(stage.log.as_ref(), &latest).await.into_iter().map(|committed| committed.record);
    let of_replaced: Vec<_> =
        of_replaced.filter(|record| record.key.as_deref() == Some(b"replaced")).collect();
    assert_eq!(of_replaced.len(), 1, "it was {of_replaced:?}");
    let counts = table(stage.log.as_ref(), &outputs.output("counts").expect("a valid name")).await;
    assert_eq!(counts, [(Bytes::from("author"), Bytes::from(2_i64.to_be_bytes().to_vec()))].into());
}

/// Nobody would read it: the generation that is active has met the record itself.
pub async fn a_letter_of_an_earlier_generation_is_not_tried_again(engine: Box<dyn Engine>) {
    let stage = Stage::new(engine.log(), 14).await;
    let mut writer = producer(stage.log.as_ref(), "odd").await;
    commit(&mut writer, [(partition("words", 1), record(b"author", Some(NEW_FASHION)))]).await;
    run_to_the_end(&stage.log, before_it_was_mended).await;
    let letters = open(&stage.log).await;
    let id = &letters[0].id;
    let later = Generation(2);
    for generation in [FIRST, later] {
        let wanted = ActiveGeneration { generation, version: Some(1) };
        make_active(stage.log.as_ref(), "trial", wanted, clock()).await.expect("it is the latest");
        if generation == FIRST {
            assert_eq!(office(&stage.log).retry(id).await.expect("it is read"), Retried::Now);
            run_to_the_end(&stage.log, before_it_was_mended).await;
        }
    }
    let retry = Names::new("trial", FIRST).and_then(|names| names.retry("words")).expect("a valid name");
    let retried = all(stage.log.as_ref(), &retry).await.len();
    let refused = office(&stage.log).retry(id).await.expect_err("nobody reads it");
    assert!(refused.to_string().contains("topspin dlq list"), "{refused}");
    assert!(
        matches!(refused, DeadLetterError::Superseded { letter, active } if letter == *id && active == later)
    );
    assert_eq!(all(stage.log.as_ref(), &retry).await.len(), retried);
    assert_eq!((open(&stage.log).await[0].attempts, retried), (2, 1));
}
