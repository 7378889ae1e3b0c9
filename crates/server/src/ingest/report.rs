//! What is printed at the end of an import.

use std::collections::BTreeMap;

use super::drive::Done;

/// Longest example shown, in characters.
const EXAMPLE_CHARS: usize = 100;

/// For programs.
pub fn print_json(done: &Done) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(done)?);
    Ok(())
}

/// For people.
pub fn print(done: &Done) {
    let summary = &done.summary;
    println!("files      {}", summary.files);
    println!("ties       {}", summary.ties);
    println!("matches    {}, {} with points", summary.matches, summary.matches_with_points);
    println!("points     {} in the streams, {} stand by the laws", summary.point_updates, summary.points);
    if summary.strokes > 0 {
        println!("strokes    {}", summary.strokes);
    }
    println!(
        "commands   {} accepted, {} rejected by the laws, {} matches and {} ties diverged",
        done.sent.accepted, done.sent.rejected, done.sent.diverged, done.sent.ties_diverged
    );
    println!("official   matches: {}", by_agreement(&summary.agreement));
    println!("           ties: {}", by_agreement(&summary.tie_agreement));
    if summary.anomalies.is_empty() {
        println!("anomalies  none");
        return;
    }
    println!("anomalies");
    for (kind, counted) in &summary.anomalies {
        let example: String = counted.example.chars().take(EXAMPLE_CHARS).collect();
        println!("{:>8}  {kind}: {example}", counted.count);
    }
}

/// How many agree how.
fn by_agreement(counted: &BTreeMap<&'static str, usize>) -> String {
    let counted: Vec<String> = counted.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if counted.is_empty() { "none".to_owned() } else { counted.join(", ") }
}
