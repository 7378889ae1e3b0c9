//! The end of a match's script: what the source reports, and what will not be played.

use topspin_event::{
    CommandEnvelope, CommandId, CreateMatch, MatchCommand, MatchId, Precision, ReportedResult,
};
use topspin_laws::{Command, Facts, Score, Side};

use super::document::{Game, Tie};
use super::script::{Script, name};
use super::shadow::Shadow;
use super::{SOURCE, entity, official};
use crate::{Agreement, Entry, Expected, Fault, Kind, MatchPlan, Reported};

/// The plan of a match: its script, ended by what the source reports where the laws say otherwise.
pub(crate) fn concluded(
    tie: &Tie,
    game: &Game,
    create: CreateMatch,
    script: Script,
    faults: &mut Vec<Fault>,
) -> MatchPlan {
    let id = entity::match_id(game);
    let Script { mut shadow, entries: mut asked, ended, .. } = script;
    let reported = game.reported.clone();
    let points = game.points();
    let agreement = official::agreement(shadow.format(), &shadow.facts(), reported.as_ref(), points);
    let over = shadow.facts().status.is_over();
    if agreement == Agreement::Unplayed && tie.finished && !game.finished && !over {
        asked.extend(cancelled(id, &mut shadow));
    }
    if let Some(raw) = ended.filter(|_| !over) {
        faults.push((Kind::EndedEarly, "the laws do not say that the match is over".to_owned(), raw));
    }
    let facts = shadow.facts();
    if let Some((reported, kind)) =
        reported.as_ref().and_then(|reported| Some((reported, claim_against(agreement, &facts, reported)?)))
    {
        let official = result(&reported.games, reported.winner);
        let laws = result(&facts.games, facts.winner);
        faults.push((kind, format!("official {official}; laws {laws}"), game.raw.clone()));
        asked.push(report(id, reported, kind));
    }
    MatchPlan {
        id,
        create,
        script: asked,
        facts: shadow.facts(),
        point_updates: points,
        reported,
        agreement,
        anomalies: Vec::new(),
    }
}

/// What the source claims against the laws.
fn claim_against(agreement: Agreement, facts: &Facts, reported: &Reported) -> Option<Kind> {
    match agreement {
        Agreement::Exact if official::winner_differs(facts, reported) => Some(Kind::WinnerDiffers),
        Agreement::OfficialIllegal => Some(Kind::OfficialIllegal),
        Agreement::Disagree => Some(Kind::OfficialDisagrees),
        Agreement::NoPoints => Some(Kind::NoPoints),
        Agreement::Exact | Agreement::NoOfficial | Agreement::Unplayed => None,
    }
}

fn scores(games: &[Score]) -> String {
    let games: Vec<String> = games.iter().map(|score| format!("{}:{}", score.home, score.away)).collect();
    if games.is_empty() { "none".to_owned() } else { games.join(" ") }
}

fn result(games: &[Score], winner: Option<Side>) -> String {
    let won = winner.map_or("without a winner".to_owned(), |winner| format!("won by {}", name(winner)));
    format!("{}, {won}", scores(games))
}

/// A match of a tie that was decided before it: it will not be played.
fn cancelled(id: MatchId, shadow: &mut Shadow) -> Option<Entry> {
    shadow.apply(&Command::Cancel {}).ok()?;
    Some(untimed(id, "cancel", MatchCommand::Law(Command::Cancel {})))
}

fn report(id: MatchId, reported: &Reported, kind: Kind) -> Entry {
    let result = ReportedResult {
        source: SOURCE.to_owned(),
        games: reported.games.clone(),
        winner: reported.winner,
        reason: Some(kind.as_str().to_owned()),
    };
    let name = format!("reported/{}", scores(&result.games));
    untimed(id, &name, MatchCommand::ReportResult(result))
}

fn untimed(id: MatchId, name: &str, command: MatchCommand) -> Entry {
    let mut envelope = CommandEnvelope::new(CommandId::derived(id.0, name), command);
    envelope.precision = Precision::Unknown;
    Entry { envelope, expected: Expected::Accepted }
}
