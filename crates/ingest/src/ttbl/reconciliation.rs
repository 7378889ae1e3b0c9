//! How the laws get from the score they have to the score that a tablet states.
//!
//! Means are tried from the one that says most to the one that says least: points, points taken back, the score set.
//! Each is a list of commands; the first that the laws take and that leads to the claim is the answer.

use topspin_laws::{Command, Event, Outcome, Score, Seq, Side};

use super::shadow::{Shadow, Stage};
use super::update::Claim;
use crate::limits::MAX_FILLED_POINTS;

/// Commands that lead to a claim, and what they are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Way {
    pub means: Means,
    pub commands: Vec<Command>,
}

/// What kind of step leads to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// One rally.
    Point(Side),
    /// Rallies that nobody reported, all won by one side.
    Points(Side),
    /// The latest actions taken back.
    Undo,
    /// Earlier rallies of the game made lets.
    Amend,
    /// The score set.
    SetScore,
}

/// Finds a way from where `shadow` stands to `claim`. `finals` gives the final score of an earlier game that the laws
/// have not seen the end of.
pub(crate) fn way(shadow: &Shadow, claim: Claim, finals: &dyn Fn(u8) -> Option<Score>) -> Option<Way> {
    claim.score()?;
    let leads = |way: &Way| shadow.after(&way.commands).is_some_and(|after| after.is_at(claim));
    let ways: [&dyn Fn() -> Option<Way>; 5] = [
        &|| forward(shadow, claim),
        &|| undone(shadow, claim, Keep::OtherActions),
        &|| amended(shadow, claim),
        &|| undone(shadow, claim, Keep::Nothing),
        &|| set(shadow, claim, finals),
    ];
    ways.iter().find_map(|way| way().filter(|way| leads(way)))
}

/// Points for one side in the game being played.
fn forward(shadow: &Shadow, claim: Claim) -> Option<Way> {
    let Stage::Playing(now) = shadow.stage() else { return None };
    let (home, away) = (claim.home - now.home, claim.away - now.away);
    let (side, gap) = match (home, away) {
        _ if now.set != claim.set => return None,
        (gap, 0) if gap > 0 => (Side::Home, gap),
        (0, gap) if gap > 0 => (Side::Away, gap),
        _ => return None,
    };
    let gap = u32::try_from(gap).ok().filter(|gap| *gap <= MAX_FILLED_POINTS)?;
    let point = Command::Point { to: side, how: None, strokes: None };
    let means = if gap == 1 { Means::Point(side) } else { Means::Points(side) };
    Some(Way { means, commands: vec![point; gap as usize] })
}

/// What taking back may not take with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Time-outs, cards and the like stay: only rallies and starts of games go.
    OtherActions,
    /// Everything may go.
    Nothing,
}

/// The latest actions taken back, one by one, until the score is the claimed one.
fn undone(shadow: &Shadow, claim: Claim, keep: Keep) -> Option<Way> {
    let mut commands = Vec::new();
    let mut before = shadow.clone();
    for (_, event) in shadow.live_events() {
        let rally =
            matches!(event, Event::PointScored { .. } | Event::LetCalled { .. } | Event::GameStarted { .. });
        if keep == Keep::OtherActions && !rally {
            return None;
        }
        before.apply(&Command::Undo {}).ok()?;
        commands.push(Command::Undo {});
        if before.is_at(claim) {
            return Some(Way { means: Means::Undo, commands });
        }
    }
    None
}

/// The latest rallies of each side in the game being played, made lets: as many as the claim has fewer.
fn amended(shadow: &Shadow, claim: Claim) -> Option<Way> {
    let Stage::Playing(now) = shadow.stage() else { return None };
    if now.set != claim.set {
        return None;
    }
    let mut fewer = [now.home - claim.home, now.away - claim.away];
    let mut commands = Vec::new();
    for (seq, event) in shadow.live_events() {
        match event {
            Event::GameStarted { .. } | Event::ScoreSet { .. } => break,
            _ => {}
        }
        let Some(side) = shadow.rally_winner(*seq) else { continue };
        let left = &mut fewer[usize::from(side == Side::Away)];
        if *left > 0 {
            *left -= 1;
            commands.push(made_let(*seq));
        }
    }
    (fewer == [0, 0] && !commands.is_empty()).then_some(Way { means: Means::Amend, commands })
}

fn made_let(seq: Seq) -> Command {
    Command::Amend { seq, outcome: Outcome::Let { reason: None } }
}

/// The score set, with every earlier game at its end.
pub(crate) fn set(shadow: &Shadow, claim: Claim, finals: &dyn Fn(u8) -> Option<Score>) -> Option<Way> {
    let facts = shadow.facts();
    let complete = match shadow.stage() {
        Stage::Playing(now) => usize::from(now.set) - 1,
        Stage::Before | Stage::Between(_) | Stage::Over(_) => facts.games.len(),
    };
    let mut games = Vec::new();
    for number in 1..claim.set {
        let played = facts.games.get(usize::from(number) - 1).filter(|_| usize::from(number) <= complete);
        games.push(played.copied().or_else(|| finals(number))?);
    }
    // The start of a game after a set end is the interval before it.
    if !claim.is_nil() || claim.set == 1 {
        games.push(claim.score()?);
    }
    Some(Way {
        means: Means::SetScore,
        commands: vec![Command::SetScore { games, server: None, receiver: None }],
    })
}
