//! What becomes of records that cannot be processed.

use std::sync::Arc;

use bytes::Bytes;
use topspin_log::conformance::Engine;
use topspin_log::conformance::fixtures::{commit, producer};
use topspin_log::{Header, Log, Record};
use topspin_stream::{Builder, Encoded, Input, Reason, Topology};

use super::fixtures::{FIRST, Stage, application, until};
use super::observed::{all, table};
use super::trial::{PANIC, UNSPEAKABLE, clock, partition};
use crate::{
    ActiveGeneration, Application, DeadLetterError, DeadLetters, Generation, Letter, LetterStanding, Listed,
    LocalState, Names, Retried, active_generation, make_active,
};

fn office(log: &Arc<dyn Log>) -> DeadLetters {
    DeadLetters::new(log.clone(), "trial", Arc::new(clock))
}

/// So many letters, once they are there.
async fn letters(log: &Arc<dyn Log>, listed: Listed, count: usize) -> Vec<Letter> {
    let office = office(log);
    let list = async || office.list(listed, None).await.expect("readable").letters;
    until(async || list().await.len() == count).await;
    list().await
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
    let kept = letters(&stage.log, Listed::All, odd.len()).await;
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
    let id = letters(&stage.log, Listed::All, 1).await.remove(0).id;
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

const MENDED: Read = |value| Ok(value.unwrap_or_default().to_vec());
const BEFORE_IT_WAS_MENDED: Read = |value| match value {
    Some(NEW_FASHION) => Err("of a later version".into()),
    value => MENDED(value),
};

async fn run(log: &Arc<dyn Log>, read: Read) -> Application {
    let config = application(log.clone(), "alone", &LocalState::in_memory());
    Application::start(&program(read), config).await.expect("started")
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
    let first = [
        (&names, record(b"replaced", Some(NEW_FASHION))),
        (&names, record(b"removed", Some(NEW_FASHION))),
        (&names, record(b"alone", Some(b"old"))),
        (&words, record(b"author", Some(b"old"))),
    ];
    let then = [
        (&names, record(b"alone", Some(NEW_FASHION))),
        (&names, record(b"replaced", Some(b"later"))),
        (&names, record(b"removed", None)),
        (&words, record(b"author", Some(NEW_FASHION))),
    ];
    let process = run(&stage.log, BEFORE_IT_WAS_MENDED).await;
    let mut refused = Vec::new();
    // What is replaced may be gone before it is read: names are compacted.
    for (said, count) in [(first, 2), (then, 4)] {
        commit(&mut writer, said.map(|(partition, record)| (partition.clone(), record))).await;
        refused = letters(&stage.log, Listed::Open, count).await;
    }
    let outputs = Names::new("trial", FIRST).expect("a valid name");
    let (latest, counts) = (outputs.output("latest"), outputs.output("counts"));
    let (latest, counts) = (latest.expect("a valid name"), counts.expect("a valid name"));
    let [old, later, new] = [b"old", &b"later"[..], NEW_FASHION].map(Bytes::from_static);
    let names_are = async |alone: &Bytes| {
        let names = [(Bytes::from("alone"), alone.clone()), (Bytes::from("replaced"), later.clone())].into();
        until(async || table(stage.log.as_ref(), &latest).await == names).await;
    };
    names_are(&old).await;
    process.stop().await;
    let office = office(&stage.log);
    for letter in refused {
        assert_eq!(office.retry(&letter.id).await.expect("retried"), Retried::Now);
        assert_eq!(office.retry(&letter.id).await.expect("asked"), Retried::Already);
    }
    let process = run(&stage.log, MENDED).await;
    names_are(&new).await;
    let counted = [(Bytes::from("author"), Bytes::from(2_i64.to_be_bytes().to_vec()))].into();
    until(async || table(stage.log.as_ref(), &counts).await == counted).await;
    process.stop().await;
    let said = all(stage.log.as_ref(), &latest).await.into_iter().map(|committed| committed.record);
    let of_replaced: Vec<_> = said.filter(|record| record.key.as_deref() == Some(b"replaced")).collect();
    assert_eq!(of_replaced.len(), 1, "{of_replaced:?}");
    assert_eq!(letters(&stage.log, Listed::Open, 0).await, []);
}

/// Nobody would read it: the generation that is active has met the record itself.
pub async fn a_letter_of_an_earlier_generation_is_not_tried_again(engine: Box<dyn Engine>) {
    let stage = Stage::new(engine.log(), 14).await;
    let mut writer = producer(stage.log.as_ref(), "odd").await;
    commit(&mut writer, [(partition("words", 1), record(b"author", Some(NEW_FASHION)))]).await;
    let process = run(&stage.log, BEFORE_IT_WAS_MENDED).await;
    let id = letters(&stage.log, Listed::Open, 1).await.remove(0).id;
    let (office, log) = (office(&stage.log), stage.log.as_ref());
    let retry = Names::new("trial", FIRST).and_then(|names| names.retry("words")).expect("a valid name");
    activate(log, FIRST).await;
    assert_eq!(office.retry(&id).await.expect("it is read"), Retried::Now);
    until(async || office.show(&id).await.is_ok_and(|letter| letter.attempts == 2)).await;
    process.stop().await;
    let later = Generation(2);
    activate(log, later).await;
    let refused = office.retry(&id).await.expect_err("nobody reads it");
    assert!(refused.to_string().contains("topspin dlq list"), "{refused}");
    assert!(
        matches!(refused, DeadLetterError::Superseded { letter, active } if letter == id && active == later)
    );
    assert_eq!(all(log, &retry).await.len(), 1);
    assert_eq!(office.show(&id).await.expect("it is there").standing, LetterStanding::Open);
}

async fn activate(log: &dyn Log, generation: Generation) {
    let wanted = ActiveGeneration { generation, version: Some(1) };
    make_active(log, "trial", wanted, clock()).await.expect("it is the latest");
    until(async || active_generation(log, "trial").await.expect("readable") == Some(wanted)).await;
}
