//! The turns as a table: medians over the rounds, and how many times a peer's rate the embedded log's is.

use super::{Turn, WRITERS};

/// The row that the others are compared with.
const EMBEDDED: usize = 1;

pub fn print(names: &[&str], turns: &[Turn]) {
    for writers in WRITERS {
        println!(
            "{:<40} {:>9} {:>17} {:>9} {:>9} {:>9} {:>13}",
            format!("durable appends, {writers} writer(s)"),
            "per s",
            "(range)",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "embedded is"
        );
        for (index, name) in names.iter().enumerate() {
            let own = of(turns, index, writers);
            if !own.is_empty() {
                row(name, &own, &of(turns, EMBEDDED, writers));
            }
        }
        println!();
    }
}

fn of(turns: &[Turn], contender: usize, writers: usize) -> Vec<&Turn> {
    turns.iter().filter(|turn| turn.contender == contender && turn.writers == writers).collect()
}

fn row(name: &str, own: &[&Turn], embedded: &[&Turn]) {
    let rates: Vec<f64> = own.iter().map(|turn| turn.per_second()).collect();
    let range = format!(
        "({:.0} – {:.0})",
        rates.iter().copied().fold(f64::INFINITY, f64::min),
        rates.iter().copied().fold(0.0, f64::max)
    );
    let latency = |per_mille| median(own.iter().map(|turn| turn.latency_ms(per_mille)).collect());
    // Turn by turn of the same round, so that a disk that changes its speed between rounds does not count.
    let ratios = own.iter().zip(embedded).map(|(own, embedded)| embedded.per_second() / own.per_second());
    println!(
        "{name:<40} {:>9.0} {range:>17} {:>9.2} {:>9.2} {:>9.2} {:>11.2} ×",
        median(rates),
        latency(500),
        latency(990),
        latency(999),
        median(ratios.collect())
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
