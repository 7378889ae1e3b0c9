//! Notices as lines for people.

use std::collections::HashMap;

use serde_json::Value;
use topspin_client::{Doubt, Notice};
use topspin_event::MatchId;

/// Writes notices as lines; remembers what matches are called.
pub struct Lines {
    is_coloured: bool,
    names: HashMap<MatchId, String>,
    doubt: Option<Doubt>,
}

/// How a line looks, in the terms of a terminal.
#[derive(Clone, Copy)]
enum Look {
    Plain,
    Dim,
    Good,
    Warning,
}

impl Look {
    const fn code(self) -> &'static str {
        match self {
            Look::Plain => "0",
            Look::Dim => "2",
            Look::Good => "32",
            Look::Warning => "33",
        }
    }
}

impl Lines {
    pub fn new(is_coloured: bool) -> Self {
        Lines { is_coloured, names: HashMap::new(), doubt: None }
    }

    /// A notice as a line; nothing where another notice says it.
    pub fn line(&mut self, notice: &Notice) -> Option<String> {
        let (text, look) = match notice {
            Notice::Suspend { match_id: None, doubt, .. } => {
                let is_same = self.doubt.replace(*doubt) == Some(*doubt);
                return (!is_same).then(|| self.dress(doubt_in_words(*doubt), Look::Warning));
            }
            Notice::Resume { match_id: None, .. } => {
                self.doubt = None;
                ("complete: everything up to here was received and checked".to_owned(), Look::Good)
            }
            Notice::Snapshot { match_id, resource, .. } => {
                let resource: Value = serde_json::from_str(resource.get()).ok()?;
                let side = |side: &str| resource["sides"][side]["name"].as_str().unwrap_or("?").to_owned();
                self.names.insert(*match_id, format!("{} – {}", side("home"), side("away")));
                let table = resource["table"].as_str().map(|table| format!(", table {table}"));
                let status = resource["status"].as_str().unwrap_or_default().replace('_', " ");
                let what = format!("{:<12} {status}{}", score(&resource["state"]), table.unwrap_or_default());
                (self.row("", *match_id, &what), Look::Plain)
            }
            Notice::Event { match_id, event, .. } => {
                let event: Value = serde_json::from_str(event.get()).ok()?;
                let at = event["occurred_at"].as_str().or_else(|| event["recorded_at"].as_str());
                let time = at.and_then(|at| at.get(11..19)).unwrap_or_default();
                let (what, score) =
                    (what_happened(&event["event"]), after(&event["event"]).unwrap_or_default());
                let look = if score.is_empty() { Look::Dim } else { Look::Plain };
                (self.row(time, *match_id, &format!("{score:<12} {what}")), look)
            }
            Notice::Corrected { match_id, from_seq, .. } => {
                let what = format!("corrected from event {} on", from_seq.0);
                (self.row("", *match_id, &what), Look::Warning)
            }
            Notice::Forked { match_id, common_seq, .. } => {
                let what = format!("what came after event {} did not happen", common_seq.0);
                (self.row("", *match_id, &what), Look::Warning)
            }
            Notice::Left { match_id, .. } => (self.row("", *match_id, "is no longer selected"), Look::Dim),
            Notice::Suspend { .. }
            | Notice::Resume { .. }
            | Notice::Reset { .. }
            | Notice::State { .. }
            | Notice::Refused(_) => return None,
        };
        Some(self.dress(text, look))
    }

    fn row(&self, time: &str, id: MatchId, what: &str) -> String {
        let name = self.names.get(&id).cloned().unwrap_or_else(|| id.to_string());
        format!("{time:<8}  {name:<44.44} {what}")
    }

    fn dress(&self, text: impl Into<String>, look: Look) -> String {
        let text = text.into();
        if self.is_coloured { format!("\u{1b}[{}m{text}\u{1b}[0m", look.code()) } else { text }
    }
}

fn doubt_in_words(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Disconnected => "not connected: trying again",
        Doubt::Silent => "nothing heard for two heartbeats",
        Doubt::CatchingUp => "catching up",
        Doubt::Correcting => "a correction is under way",
        Doubt::Filling => "reading what was left out",
        Doubt::Broken => "a hash did not agree: beginning anew",
        Doubt::SourceLate => "the server is behind its log",
        Doubt::VenueLost => "a hall is not reached",
    }
}

/// The score of a state: games, the current one last.
fn score(state: &Value) -> String {
    let games = state["games"].as_array().map(Vec::as_slice).unwrap_or_default();
    let games = games.iter().map(|game| format!("{}–{}", game["home"], game["away"]));
    games.collect::<Vec<_>>().join("  ")
}

/// The score after an event, where it says so.
fn after(event: &Value) -> Option<String> {
    let (score, games) = (event.get("score")?, event.get("games")?);
    let games = format!("({}:{})", games["home"], games["away"]);
    Some(format!("{games} {}–{}", score["home"], score["away"]))
}

fn what_happened(event: &Value) -> String {
    let kind = event["type"].as_str().unwrap_or("unknown").replace('_', " ");
    let details = ["to", "side", "seq", "strokes"].into_iter().filter_map(|name| {
        let value = event.get(name)?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(if matches!(name, "strokes" | "seq") { format!("{name} {value}") } else { value })
    });
    std::iter::once(kind).chain(details).collect::<Vec<_>>().join(", ")
}
