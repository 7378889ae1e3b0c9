//! The turns as a table: rates as medians and quartiles over the rounds, latencies of all appends together, and how many
//! times a peer's rate the embedded log's is.

use super::{Turn, WRITERS};

/// The row that the others are compared with.
const EMBEDDED: usize = 1;

pub fn print(names: &[&str], turns: &[Turn]) {
    for writers in WRITERS {
        println!(
            "{:<40} {:>9} {:>17} {:>9} {:>9} {:>9} {:>24}",
            format!("durable appends, {writers} writer(s)"),
            "per s",
            "(quartiles)",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "embedded is (quartiles)"
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
    let rates = sorted(own.iter().map(|turn| turn.per_second()));
    // Turn by turn of the same round, so that a disk that changes its speed between rounds does not count.
    let ratios = own.iter().zip(embedded).map(|(own, embedded)| embedded.per_second() / own.per_second());
    let ratios = sorted(ratios);
    let latencies_ms = own.iter().flat_map(|turn| &turn.latencies).map(|one| one.as_secs_f64() * 1e3);
    let latencies_ms = sorted(latencies_ms);
    println!(
        "{name:<40} {:>9.0} {:>17} {:>9.2} {:>9.2} {:>9.2} {:>8.2} × ({:.2} – {:.2})",
        quantile(&rates, 500),
        format!("({:.0} – {:.0})", quantile(&rates, 250), quantile(&rates, 750)),
        quantile(&latencies_ms, 500),
        quantile(&latencies_ms, 990),
        quantile(&latencies_ms, 999),
        quantile(&ratios, 500),
        quantile(&ratios, 250),
        quantile(&ratios, 750)
    );
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn quantile(sorted: &[f64], per_mille: usize) -> f64 {
    sorted[(sorted.len() - 1) * per_mille / 1_000]
}
