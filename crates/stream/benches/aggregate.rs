//! Records a second on one core through source, map and aggregate, beside the same fold over a vector in memory.
//!
//! `cargo bench -p topspin-stream`

use std::collections::BTreeMap;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Instant;

use topspin_stream::memory::Memory;
use topspin_stream::{
    Builder, CauseId, Emit, Input, Key as _, Output, Reason, Stream, Time, Value, decode_value, encode_value,
};

const RECORDS: usize = 1_000_000;
const KEYS: u64 = 10_000;
const ROUNDS: usize = 3;

/// What leaves is counted and dropped.
#[derive(Default)]
struct Leaving(usize);

impl Emit for Leaving {
    fn emit(&mut self, output: Output<'_>) {
        self.0 += black_box(output).key.len();
    }
}

fn main() {
    let points: Vec<(u64, i64)> = (0..RECORDS as u64)
        .map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32, (n % 41).cast_signed()))
        .collect();
    let points: Vec<(u64, i64)> = points.into_iter().map(|(key, strokes)| (key % KEYS, strokes)).collect();
    let records: Vec<([u8; 8], Vec<u8>)> = points
        .iter()
        .map(|(key, strokes)| {
            let mut value = Vec::new();
            encode_value(strokes, &mut value);
            (key.to_be_bytes(), value)
        })
        .collect();
    println!("{RECORDS} records, {KEYS} keys, best of {ROUNDS} rounds, one core");
    let vector = best(|| {
        let mut sums: BTreeMap<u64, (i64, i64)> = BTreeMap::new();
        for (key, strokes) in &points {
            let sum = sums.entry(*key).or_default();
            *sum = (sum.0 + 1, sum.1 + strokes + 1);
        }
        black_box(sums.len());
    });
    report("fold over a vector into a BTreeMap", vector, vector);
    let count =
        run(&records, |points| points.map_values("stroke", |_, strokes| strokes + 1).aggregate("sum", add));
    report("map, aggregate", count, vector);
    let view = best(|| {
        process(&records, &|points| {
            let sums = points.map_values("stroke", |_, strokes| strokes + 1).aggregate("sum", add);
            sums.to_view("sums", |key, sum, record| {
                key.encode(&mut record.key);
                encode_value(&sum, &mut record.value);
            });
        });
    });
    report("map, aggregate, view", view, vector);
    let ten = NonZeroU32::new(10).expect("ten");
    report("top 10", run(&records, |points| points.top("top", ten, |_, strokes| *strokes)), vector);
    let every = NonZeroU32::new(64).expect("not zero");
    let fold = run(&records, |points| {
        points.ordered_fold(
            "fold",
            every,
            |_, strokes| *strokes,
            |sum: &mut i64, strokes, n| {
                *sum += strokes * n;
                Ok(())
            },
        )
    });
    report("ordered fold, rows in any order", fold, vector);
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature of an aggregate's step")]
fn add(sum: &mut i64, strokes: &i64, weight: i64) -> Result<(), Reason> {
    let product = strokes.checked_mul(weight).and_then(|product| sum.checked_add(product));
    *sum = product.ok_or("too many strokes")?;
    Ok(())
}

fn run<V: Value>(records: &[([u8; 8], Vec<u8>)], build: impl Fn(&Stream<u64, i64>) -> Stream<u64, V>) -> f64 {
    best(|| process(records, &|points| drop(build(points))))
}

fn process(records: &[([u8; 8], Vec<u8>)], build: &dyn Fn(&Stream<u64, i64>)) {
    let builder = Builder::new("bench", 1);
    build(&builder.stream("points", |input| {
        let key = u64::from_bytes(input.key.unwrap_or_default()).map_err(|_| "no key")?;
        Ok(Some((key, decode_value(input.value.unwrap_or_default()).map_err(|_| "no strokes")?)))
    }));
    let topology = builder.build().expect("a topology");
    let part = &topology.subtopologies()[0];
    let (mut instance, mut state) = (part.instantiate(), Memory::new(part.stores().len()));
    let mut leaving = Leaving::default();
    let cause = CauseId::new(b"points/0").expect("short");
    for (key, value) in records {
        let (key, value) = (Some(&key[..]), Some(&value[..]));
        let input = Input { source: 0, key, value, headers: &[], timestamp: Time(0), sequence: 0, cause };
        let _ = black_box(instance.process(input, &mut state, &mut leaving).expect("a record"));
    }
    black_box(leaving.0);
}

fn best(mut round: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round();
        best = best.min(start.elapsed().as_secs_f64());
    }
    RECORDS as f64 / best
}

fn report(what: &str, rate: f64, vector: f64) {
    println!("{what:<36}{rate:>12.0} records/s {:>8.1} times slower", vector / rate);
}
