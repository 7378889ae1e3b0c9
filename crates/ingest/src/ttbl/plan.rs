//! The plan of a file.

use topspin_laws::tie::TieFormat;
use topspin_laws::{Both, Card, Discipline, Facts, Format, Setup, Side};

use super::conclusion::concluded;
use super::document::{Game, Tie, read};
use super::finals::Finals;
use super::line_up::LineUp;
use super::order::{Arrangement, arrange, repeated};
use super::remark::{note_order, note_play};
use super::script::Script;
use super::servers::Servers;
use super::shadow::Shadow;
use super::update::{CardColour, Type, Update};
use super::{claims, entity, official, tie_script};
use crate::{Anomaly, Fault, Kind, MatchPlan, Plan};

/// The formats of the league.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formats {
    /// Of singles.
    pub singles: Format,
    /// Of doubles.
    pub doubles: Format,
    /// Of ties.
    pub tie: TieFormat,
}

impl Default for Formats {
    fn default() -> Self {
        Formats {
            singles: Format::bundesliga(Discipline::Singles),
            doubles: Format::bundesliga(Discipline::Doubles),
            tie: TieFormat::bundesliga(),
        }
    }
}

impl Formats {
    pub(crate) fn of(&self, discipline: Discipline) -> &Format {
        match discipline {
            Discipline::Singles => &self.singles,
            Discipline::Doubles => &self.doubles,
        }
    }
}

/// Plans one file. `path` names it in anomalies; a file that is no tie is an anomaly.
pub fn plan(path: &str, bytes: &[u8], formats: &Formats) -> Plan {
    let reading = match read(bytes) {
        Ok(reading) => reading,
        Err(why) => return Plan::unreadable(path, bytes, &why),
    };
    let tie = reading.tie;
    let tie_id = entity::tie_id(&tie);
    let mut plan = Plan { references: entity::references(&tie), ..Plan::default() };
    for (kind, detail, raw) in reading.odd.into_lines() {
        plan.anomalies.push(Anomaly { kind, tie_id: Some(tie_id), match_id: None, detail, raw });
    }
    let mut warned: Vec<String> = Vec::new();
    let mut planned_games: Vec<Option<usize>> = Vec::with_capacity(tie.games.len());
    for game in &tie.games {
        let (planned, faults) = match_plan(&tie, game, formats, &warned);
        let match_id = Some(entity::match_id(game));
        let anomalies = faults.into_iter().map(|(kind, detail, raw)| Anomaly {
            kind,
            tie_id: Some(tie_id),
            match_id,
            detail,
            raw,
        });
        planned_games.push(planned.is_some().then_some(plan.matches.len()));
        match planned {
            Some(planned) => {
                note_warned(&mut warned, game, &planned.facts);
                plan.matches.push(MatchPlan { anomalies: anomalies.collect(), ..planned });
            }
            None => plan.anomalies.extend(anomalies),
        }
    }
    let played: Vec<Option<&MatchPlan>> =
        planned_games.into_iter().map(|at| at.and_then(|at| plan.matches.get(at))).collect();
    let (of_tie, anomalies) = tie_script::planned(&tie, formats, &played);
    plan.tie = Some(of_tie);
    plan.anomalies.extend(anomalies);
    plan
}

/// Players who were shown a card carry it into their later matches of the tie (Regulation 3.5.2.6).
fn note_warned(warned: &mut Vec<String>, game: &Game, facts: &Facts) {
    for side in Side::BOTH {
        if !facts.cards.of(side).is_empty() {
            warned.extend(game.line_up.of(side).iter().map(|player| player.id.clone()));
        }
    }
}

/// The cards that a match begins with: a warning from an earlier match, where the source's cards go on from one.
fn carried_cards(game: &Game, updates: &[Update], warned: &[String]) -> Both<Vec<Card>> {
    let carried = |side: Side| {
        let mut cards = updates.iter().filter(|update| update.side == Some(side));
        let first = cards.find_map(|update| match update.kind {
            Type::Card(colour) => Some(colour),
            _ => None,
        });
        let was_warned = game.line_up.of(side).iter().any(|player| warned.contains(&player.id));
        if first == Some(CardColour::YellowRed) && was_warned { vec![Card::Yellow] } else { Vec::new() }
    };
    Both::new(carried(Side::Home), carried(Side::Away))
}

fn match_plan(
    tie: &Tie,
    game: &Game,
    formats: &Formats,
    warned: &[String],
) -> (Option<MatchPlan>, Vec<Fault>) {
    let mut faults = game.faults.clone();
    let mut updates = game.updates.clone();
    LineUp::of(game, &tie.teams).place(&mut updates);
    let league = formats.of(game.discipline);
    let alike = tie.games.iter().filter(|other| other.discipline == game.discipline);
    let alike: Vec<_> = alike.filter_map(|other| other.reported.as_ref()).collect();
    let inferred = game.reported.as_ref().and_then(|own| official::other_format(league, own, &alike));
    if let Some(format) = &inferred {
        let detail = format!("the official result is that of a best of {}", format.best_of);
        faults.push((Kind::FormatInferred, detail, game.raw.clone()));
    }
    let format = inferred.unwrap_or_else(|| league.clone());
    let carried = carried_cards(game, &updates, warned);
    let Some(create) = entity::creation(tie, game, &format, carried.clone()) else {
        let played = if game.has_begun() { "" } else { ", and nothing of it was played" };
        faults.push((Kind::LineupMissing, format!("the players are not known{played}"), game.whole()));
        return (None, faults);
    };
    let updates = prepared(updates, &mut faults);
    let arrangement = arrange(&updates, &format);
    note_order(&updates, &arrangement, game, &mut faults);
    let finals = Finals::of_match(&format, &updates, game.reported.as_ref());
    let shadow = Shadow::new(Setup { format: format.clone(), carried_cards: carried });
    let mut script =
        Script::new(entity::match_id(game), shadow, Servers::of_match(&format, &updates), finals);
    play(&mut script, &updates, &arrangement);
    note_play(&mut script, game, &updates);
    faults.append(&mut script.faults);
    let planned = concluded(tie, game, create, script, &mut faults);
    (Some(planned), faults)
}

/// The updates without repetitions, in the order of their times, with the scores that follow from others filled in.
fn prepared(mut updates: Vec<Update>, faults: &mut Vec<Fault>) -> Vec<Update> {
    for at in repeated(&updates).into_iter().rev() {
        let update = updates.remove(at);
        faults.push((Kind::RepeatedUpdate, "said before".to_owned(), update.raw));
    }
    updates.sort_by_key(|update| (update.ts.unwrap_or(i64::MIN), update.position));
    for at in claims::fill(&mut updates) {
        let detail = "no score: taken from the update before".to_owned();
        faults.push((Kind::IncompleteUpdate, detail, updates[at].raw.clone()));
    }
    updates.sort_by_key(|update| update.position);
    updates
}

fn play(script: &mut Script, updates: &[Update], arrangement: &Arrangement) {
    for at in &arrangement.order {
        let update = &updates[*at];
        if !arrangement.left_out.contains(at) {
            script.take(update);
            continue;
        }
        if let (Type::SetStart, Some(claim), Some(side)) = (&update.kind, update.claim, update.side) {
            script.servers.announce_if_unknown(claim.set, side);
        }
        script.fault(Kind::ContradictoryUpdate, "the updates around it contradict its score", &update.raw);
    }
}
