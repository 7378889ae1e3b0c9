//! What is printed at the end of an import.

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
    println!(
        "commands   {} accepted, {} rejected by the laws, {} matches diverged",
        done.sent.accepted, done.sent.rejected, done.sent.diverged
    );
    let agreement: Vec<String> =
        summary.agreement.iter().map(|(name, matches)| format!("{matches} {name}")).collect();
    println!("official   {}", if agreement.is_empty() { "none".to_owned() } else { agreement.join(", ") });
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
