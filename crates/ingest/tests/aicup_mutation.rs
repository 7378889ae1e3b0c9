//! Whatever happens to a stroke table, the reader answers, and a scorer takes what it says.

mod scorer;
mod strokes;

use std::collections::HashSet;

use proptest::prelude::*;
use scorer::Scorer;
use strokes::{HEADER, Table};
use topspin_ingest::{Plan, aicup};

/// What holds for every plan.
fn check(plans: &[Plan]) {
    let mut scorer = Scorer::default();
    for one in plans.iter().flat_map(|plan| &plan.matches) {
        let ids: HashSet<_> = one.script.iter().map(|entry| entry.envelope.command_id).collect();
        assert_eq!(ids.len(), one.script.len(), "every command has its own id");
        scorer.send(one, one.script.len());
        assert_eq!(scorer.facts(one.id), one.facts);
    }
    let records: Vec<_> = plans.iter().flat_map(|plan| plan.anomaly_records(aicup::SOURCE)).collect();
    let ids: HashSet<_> = records.iter().map(|record| record.id).collect();
    assert_eq!(ids.len(), records.len(), "every anomaly has its own id");
}

#[derive(Debug, Clone)]
enum Mishap {
    Lost(usize),
    Twice(usize, usize),
    Swapped(usize, usize),
    Odd(usize, usize, i64),
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let at = || any::<prop::sample::Index>().prop_map(|at| at.index(1_000));
    let odd = prop_oneof![8 => -1..20_i64, 1 => any::<i64>()];
    prop_oneof![
        2 => at().prop_map(Mishap::Lost),
        1 => (at(), at()).prop_map(|(from, to)| Mishap::Twice(from, to)),
        1 => (at(), at()).prop_map(|(from, to)| Mishap::Swapped(from, to)),
        4 => (at(), 0..18_usize, odd).prop_map(|(at, column, value)| Mishap::Odd(at, column, value)),
    ]
}

fn befall(table: &mut Table, mishap: &Mishap) {
    let count = table.rows.len();
    match mishap {
        Mishap::Lost(at) => drop(table.rows.remove(at % count)),
        Mishap::Twice(from, to) => table.rows.insert(to % count, table.rows[from % count]),
        Mishap::Swapped(from, to) => table.rows.swap(from % count, to % count),
        Mishap::Odd(at, column, value) => table.rows[at % count][*column] = *value,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_table_with_mishaps_is_a_plan_that_a_scorer_takes(mishaps in prop::collection::vec(mishap(), 1..12)) {
        let mut table = Table::whole();
        for mishap in &mishaps {
            befall(&mut table, mishap);
        }
        let plans = table.plans();
        check(&plans);
        prop_assert_eq!(table.plans(), plans, "the same again");
    }

    #[test]
    fn any_rows_are_plans(rows in prop::collection::vec(prop::array::uniform18(0..12_i64), 0..60)) {
        let mut table = Table::default();
        table.rows = rows;
        check(&table.plans());
    }

    #[test]
    fn any_bytes_are_an_answer(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        with_header in any::<bool>(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut text = if with_header { format!("{HEADER}\n").into_bytes() } else { Vec::new() };
        text.extend(&bytes);
        check(&aicup::plans("bytes.csv", &text));
        let mut text = Table::whole().text().into_bytes();
        let at = at.index(text.len());
        text.splice(at..at, bytes);
        check(&aicup::plans("bytes.csv", &text));
    }
}
