//! Readers see what is committed, in order, once, from anywhere.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use super::Engine;
use super::fixtures::{
    commit, commit_each, create_keeping, next, numbered, producer, reader, record, rest, settle, t, values,
};
use crate::{BatchLimit, Offset, ReadError, Start};

/// Nothing is missed, doubled or reordered, whatever the batch size.
pub async fn a_reader_returns_every_record_once_in_order(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 2).await;
    let mut producer = producer(log.as_ref(), "p").await;
    for chunk in numbered("x", 200).chunks(7) {
        commit(&mut producer, chunk.iter().map(|text| (t(1), record(text.clone())))).await;
    }
    for size in [1, 3, 1000] {
        let mut reader = reader(log.as_ref(), &t(1), Start::Beginning).await;
        let mut read = Vec::new();
        while read.len() < 200 {
            read.extend(reader.next_batch(BatchLimit::records(size)).await.expect("readable"));
        }
        assert_eq!(values(&read), numbered("x", 200));
        assert!(read.is_sorted_by(|a, b| a.resume_at <= b.offset && a.offset < a.resume_at));
    }
}

/// What is at hand is neither more nor less than what a wait brings, however the two are mixed.
pub async fn what_is_ready_comes_once_in_order(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut reader = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let mut read = Vec::new();
    for chunk in numbered("x", 60).chunks(3) {
        commit(&mut producer, chunk.iter().map(|text| (t(0), record(text.clone())))).await;
        read.extend(reader.ready_batch(BatchLimit::records(2)).await.expect("readable"));
        if read.len() < 60 {
            read.extend(reader.next_batch(BatchLimit::records(1)).await.expect("readable"));
        }
    }
    while read.len() < 60 {
        read.extend(reader.next_batch(BatchLimit::records(4)).await.expect("readable"));
        read.extend(reader.ready_batch(BatchLimit::default()).await.expect("readable"));
    }
    assert_eq!(values(&read), numbered("x", 60));
}

/// An index may point at any record.
pub async fn a_reader_starts_at_any_record(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let offsets = commit_each(&mut producer, numbered("x", 40)).await;
    settle(log.as_ref(), &mut producer, &t(0)).await;
    for (number, offset) in offsets.iter().enumerate() {
        let mut reader = reader(log.as_ref(), &t(0), Start::At(*offset)).await;
        let read = next(reader.as_mut(), 1).await;
        assert_eq!((read[0].offset, values(&read)), (*offset, vec![format!("x-{number}")]));
    }
}

/// A new reader at an old one's position, or at a record's `resume_at`, goes on without gap or double.
pub async fn a_reader_resumes_at_any_position(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    commit_each(&mut producer, numbered("x", 30)).await;
    let mut position = log.start_offset(&t(0)).await.expect("known");
    let mut resume_at = position;
    for number in 0..30 {
        let mut by_position = reader(log.as_ref(), &t(0), Start::At(position)).await;
        let mut by_record = reader(log.as_ref(), &t(0), Start::At(resume_at)).await;
        let read = next(by_position.as_mut(), 1).await;
        assert_eq!(values(&read), [format!("x-{number}")]);
        assert_eq!(next(by_record.as_mut(), 1).await, read);
        position = by_position.position();
        resume_at = read[0].resume_at;
    }
}

/// Whoever reads until nothing comes has reached the end that held before.
pub async fn an_empty_answer_means_the_end_was_reached(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut reader = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let mut producer = producer(log.as_ref(), "p").await;
    for _ in 0..10 {
        settle(log.as_ref(), &mut producer, &t(0)).await;
        let end = log.end_offset(&t(0)).await.expect("known");
        let read = rest(reader.as_mut()).await;
        assert!(reader.position() >= end, "{} is before {end}", reader.position());
        assert!(read.iter().any(|read| read.offset < end));
    }
}

/// A reader that waits gets what is committed later.
pub async fn a_tailing_reader_wakes(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut tail = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let tailing = tokio::spawn(async move { values(&next(tail.as_mut(), 20).await) });
    let mut producer = producer(log.as_ref(), "p").await;
    commit_each(&mut producer, numbered("x", 20)).await;
    assert_eq!(tailing.await.expect("the reader finished"), numbered("x", 20));
}

/// A wait that is given up can be taken up again.
pub async fn a_dropped_wait_loses_nothing(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut tail = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut read = Vec::new();
    for text in numbered("x", 20) {
        {
            let wait = pin!(tail.next_batch(BatchLimit::default()));
            if let std::task::Poll::Ready(batch) = wait.poll(&mut Context::from_waker(Waker::noop())) {
                read.extend(batch.expect("readable"));
            }
        }
        commit_each(&mut producer, [text]).await;
    }
    let missing = 20 - read.len();
    read.extend(next(tail.as_mut(), missing).await);
    assert_eq!(values(&read), numbered("x", 20));
}

/// `End` is behind everything that is visible.
pub async fn a_reader_at_the_end_sees_only_what_comes(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    commit_each(&mut producer, numbered("old", 5)).await;
    settle(log.as_ref(), &mut producer, &t(0)).await;
    let mut reader = reader(log.as_ref(), &t(0), Start::End).await;
    assert_eq!(rest(reader.as_mut()).await, []);
    commit_each(&mut producer, numbered("new", 5)).await;
    assert_eq!(values(&next(reader.as_mut(), 5).await), numbered("new", 5));
}

/// A position from another life of the log is not silently waited for.
pub async fn a_start_behind_the_end_is_refused(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    settle(log.as_ref(), &mut producer, &t(0)).await;
    let wanted = Offset::new(1_000_000);
    let refused = log.reader(&t(0), Start::At(wanted)).await.err();
    assert!(
        matches!(&refused, Some(ReadError::BeyondEnd { wanted: told, .. }) if *told == wanted),
        "{refused:?}"
    );
}

/// Batches have neither more records nor more bytes than asked, except for one record that is larger alone.
pub async fn batches_keep_their_limits(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let size = record("x-10").size();
    commit(&mut producer, (10..90).map(|number| (t(0), record(format!("x-{number}"))))).await;
    for (limit, most) in
        [(BatchLimit::new(7, 100_000), 7), (BatchLimit::new(100, 3 * size), 3), (BatchLimit::new(0, 0), 1)]
    {
        let mut reader = reader(log.as_ref(), &t(0), Start::Beginning).await;
        let mut read = Vec::new();
        while read.len() < 80 {
            let batch = reader.next_batch(limit).await.expect("readable");
            assert!((1..=most).contains(&batch.len()), "{} records", batch.len());
            read.extend(batch);
        }
        assert!(values(&read).into_iter().eq((10..90).map(|number| format!("x-{number}"))));
    }
}

/// A reader that does not read costs no writer and no other reader anything, and gets everything in the end.
pub async fn a_slow_reader_holds_up_nobody_and_misses_nothing(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut slow = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let mut fast = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let large = "x".repeat(200_000);
    for round in 0..40 {
        let texts: Vec<_> = (0..5).map(|number| format!("{round}-{number}-{large}")).collect();
        commit(&mut producer, texts.into_iter().map(|text| (t(0), record(text)))).await;
        assert_eq!(next(fast.as_mut(), 5).await.len(), 5);
        if round == 0 {
            next(slow.as_mut(), 1).await;
        }
    }
    let read = next(slow.as_mut(), 199).await;
    let prefixes: Vec<_> =
        values(&read).iter().map(|value| value[..value.len() - large.len()].to_owned()).collect();
    let expected: Vec<_> = (0..200).map(|number| format!("{}-{}-", number / 5, number % 5)).skip(1).collect();
    assert_eq!(prefixes, expected);
}
