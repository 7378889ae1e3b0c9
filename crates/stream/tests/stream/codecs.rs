//! Keys sort as their bytes do; bytes that were written once can be read for ever.

use std::cmp::Reverse;

use expect_test::expect;
use proptest::prelude::*;
use topspin_stream::memory::Memory;
use topspin_stream::{
    Builder, CauseId, DecodeError, Input, Key, Row, Time, Weight, consolidate, decode_value, encode_value,
};

use crate::rig::{Collected, changes, observe};

type Tuple = (Option<String>, Reverse<i64>, Vec<u8>, bool, [u8; 2], (u16, Reverse<Option<String>>));

fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!['\0', '\u{1}', 'a', 'b', 'é', '\u{10FFFF}']), 0..4)
        .prop_map(String::from_iter)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0_u8, 1, 2, 0xFE, 0xFF]), 0..4)
}

fn tuples() -> impl Strategy<Value = Tuple> {
    let number = prop_oneof![Just(i64::MIN), Just(i64::MAX), -2_i64..3];
    let last = (0_u16..2, prop::option::of(texts()).prop_map(Reverse));
    (prop::option::of(texts()), number.prop_map(Reverse), bytes(), any::<bool>(), any::<[u8; 2]>(), last)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn keys_sort_as_their_bytes(a in tuples(), b in tuples()) {
        prop_assert_eq!(a.to_bytes().cmp(&b.to_bytes()), a.cmp(&b));
        prop_assert_eq!(Tuple::from_bytes(&a.to_bytes()), Ok(a.clone()));
        if a != b {
            prop_assert!(!b.to_bytes().starts_with(&a.to_bytes()), "no key begins another");
        }
    }

    #[test]
    fn numbers_sort_as_their_bytes(a in any::<(i64, i32, u128, i8)>(), b in any::<(i64, i32, u128, i8)>()) {
        prop_assert_eq!(a.to_bytes().cmp(&b.to_bytes()), a.cmp(&b));
        prop_assert_eq!(<(i64, i32, u128, i8)>::from_bytes(&a.to_bytes()), Ok(a));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(key) = Tuple::from_bytes(&bytes) {
            prop_assert_eq!(key.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_consolidated_change_says_the_same(rows in prop::collection::vec((0_u8..3, 0_u8..3, -2_i64..3), 0..9)) {
        let rows: Vec<Row<u8, u8>> = rows
            .into_iter()
            .filter_map(|(key, value, weight)| Some(Row { key, value, weight: Weight::new(weight)? }))
            .collect();
        let sum = |rows: &[Row<u8, u8>], key: u8, value: u8| -> i64 {
            rows.iter().filter(|row| (row.key, row.value) == (key, value)).map(|row| row.weight.get()).sum()
        };
        let mut one = rows.clone();
        consolidate(&mut one).expect("small weights");
        prop_assert!(one.is_sorted_by(|a, b| (a.key, a.value) < (b.key, b.value)));
        for (key, value) in (0..3).flat_map(|key| (0..3).map(move |value| (key, value))) {
            prop_assert_eq!(sum(&one, key, value), sum(&rows, key, value));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[test]
fn the_bytes_of_keys_are_pinned() {
    let lines = [
        hex(&(1_u8, 2_u16, 3_u32, 4_u64).to_bytes()),
        hex(&(-1_i64, 0_i64, 1_i64).to_bytes()),
        hex(&("a\0b".to_owned(), vec![0_u8, 0xFF]).to_bytes()),
        hex(&(None::<u8>, Some(7_u8), true, [1_u8, 2]).to_bytes()),
        hex(&(Reverse("a".to_owned()), Time(-1)).to_bytes()),
    ];
    expect![[r#"
        010002000000030000000000000004
        7fffffffffffffff80000000000000008000000000000001
        6100ff62000100ffff0001
        000107010102
        9efffe7fffffffffffffff"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn the_bytes_of_values_are_pinned() {
    let mut bytes = Vec::new();
    encode_value(&(Time(-2), Some("point"), 300_u64, vec![(1_u8, -1_i64)]), &mut bytes);
    expect!["030105706f696e74ac02010101"].assert_eq(&hex(&bytes));
    assert_eq!(decode_value::<u8>(&[1, 2]), Err(DecodeError), "what is left over is no value");
}

/// The key is the key. The value is the time of the cause, its name with the length before it, and for each row the weight
/// and the value, ordered by value.
#[test]
fn the_bytes_of_a_repartition_record_are_pinned() {
    let builder = Builder::new("pinned", 1);
    observe(&changes(&builder, "changes").repartition("moved"), "out");
    let part = builder.build().expect("a topology").subtopologies()[0].clone();
    let mut value = Vec::new();
    encode_value(
        &vec![(7_u8, (5_i64, 1_u8), 2_i64), (7, (-5, 1), 1), (8, (0, 0), 1), (7, (5, 1), 1)],
        &mut value,
    );
    let cause = CauseId::new(b"changes/0/42").expect("short");
    let input = Input {
        source: 0,
        key: None,
        value: Some(&value),
        headers: &[],
        timestamp: Time(1_000),
        sequence: 0,
        cause,
    };
    let (mut state, mut out) = (Memory::new(part.stores().len()), Collected::default());
    let _ = part.instantiate().process(input, &mut state, &mut out).expect("a change");
    let lines: Vec<String> = out
        .records
        .iter()
        .map(|(_, key, value)| format!("{} {}", hex(key), hex(value.as_deref().expect("a value"))))
        .collect();
    expect![[r#"
        07 d00f0c6368616e6765732f302f3432020901060a01
        08 d00f0c6368616e6765732f302f3432020000"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn ticks_are_eight_bytes_big_endian() {
    assert_eq!(Time(258).to_tick(), [0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!(Time::from_tick(&Time(-5).to_tick()), Ok(Time(-5)));
    assert_eq!(Time::from_tick(&[1]), Err(DecodeError));
}

#[test]
fn a_cause_has_at_most_64_bytes() {
    assert_eq!(topspin_stream::CauseId::new(&[7; 64]).map(|id| id.as_bytes().len()), Some(64));
    assert_eq!(topspin_stream::CauseId::new(&[7; 65]), None);
}
