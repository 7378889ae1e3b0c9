//! The plan of a file.

use serde_json::{Value, json};
use topspin_event::{CommandEnvelope, CommandId, MatchCommand, MatchId, Precision, ReportedResult};
use topspin_laws::{Both, Card, Command, Discipline, Facts, Format, Setup, Side};

use super::document::{Game, Tie, read};
use super::finals::Finals;
use super::line_up::{LineUp, foreign_player};
use super::order::{Arrangement, Basis, arrange, repeated};
use super::script::{Fault, Script};
use super::servers::Servers;
use super::shadow::Shadow;
use super::update::{CardColour, Type, Update};
use super::{SOURCE, claims, entity, official, statistic};
use crate::{Agreement, Anomaly, Entry, Expected, Kind, MatchPlan, Plan, Reported};

/// The formats of the league.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formats {
    /// Of singles.
    pub singles: Format,
    /// Of doubles.
    pub doubles: Format,
}

impl Default for Formats {
    fn default() -> Self {
        Formats {
            singles: Format::bundesliga(Discipline::Singles),
            doubles: Format::bundesliga(Discipline::Doubles),
        }
    }
}

impl Formats {
    fn of(&self, discipline: Discipline) -> &Format {
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
        Err(why) => return unreadable(path, bytes, &why),
    };
    let tie = reading.tie;
    let tie_id = entity::tie_id(&tie);
    let mut plan =
        Plan { tie_id: Some(tie_id), references: entity::references(&tie), ..Plan::default() };
    for (kind, detail, raw) in reading.odd.into_lines() {
        plan.anomalies.push(Anomaly { kind, tie_id: Some(tie_id), match_id: None, detail, raw });
    }
    let mut warned: Vec<String> = Vec::new();
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
        match planned {
            Some(planned) => {
                note_warned(&mut warned, game, &planned.facts);
                plan.matches.push(MatchPlan { anomalies: anomalies.collect(), ..planned });
            }
            None => plan.anomalies.extend(anomalies),
        }
    }
    plan
}

fn unreadable(path: &str, bytes: &[u8], why: &str) -> Plan {
    const SHOWN_BYTES: usize = 1000;
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN_BYTES)]).into_owned();
    let anomaly = Anomaly {
        kind: Kind::UnreadableFile,
        tie_id: None,
        match_id: None,
        detail: format!("{path}: {why}"),
        raw: json!({ "path": path, "bytes": bytes.len(), "start": start }),
    };
    Plan { anomalies: vec![anomaly], ..Plan::default() }
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
    let inferred = game.reported.as_ref().and_then(|reported| official::other_format(league, reported));
    if let Some(format) = &inferred {
        let detail = format!("the official result is that of a best of {}", format.best_of);
        faults.push((Kind::FormatInferred, detail, game.raw.clone()));
    }
    let format = inferred.unwrap_or_else(|| league.clone());
    let carried = carried_cards(game, &updates, warned);
    let points = updates.iter().filter(|update| update.kind == Type::Point).count();
    let Some(create) = entity::creation(tie, game, &format, carried.clone()) else {
        if points > 0 || game.reported.is_some() {
            faults.push((Kind::LineupMissing, "the players are not known".to_owned(), game_and_updates(game)));
        }
        return (None, faults);
    };
    let id = entity::match_id(game);
    let updates = prepared(updates, &mut faults);
    let arrangement = arrange(&updates, &format);
    note_order(&updates, &arrangement, game, &mut faults);
    let finals = Finals::of_match(&format, &updates, game.reported.as_ref());
    let shadow = Shadow::new(Setup { format: format.clone(), carried_cards: carried });
    let mut script = Script::new(id, shadow, Servers::of_match(&format, &updates), finals);
    play(&mut script, &updates, &arrangement);
    note_play(&mut script, game, &updates);
    faults.append(&mut script.faults);
    let planned = concluded(id, create, script, (tie, game), (&format, points), &mut faults);
    (Some(planned), faults)
}

fn game_and_updates(game: &Game) -> Value {
    let updates: Vec<&Value> = game.updates.iter().map(|update| &update.raw).collect();
    json!({ "game": game.raw, "updates": updates })
}

/// The updates without repetitions, in the order of their times, with the scores that follow from others filled in.
fn prepared(mut updates: Vec<Update>, faults: &mut Vec<Fault>) -> Vec<Update> {
    for at in repeated(&updates).into_iter().rev() {
        let update = updates.remove(at);
        faults.push((Kind::RepeatedUpdate, "said before".to_owned(), update.raw));
    }
    updates.sort_by_key(|update| update.ts.is_some());
    updates.sort_by_key(|update| (update.ts.unwrap_or(i64::MIN), update.position));
    for at in claims::fill(&mut updates) {
        let detail = "no score: taken from the update before".to_owned();
        faults.push((Kind::IncompleteUpdate, detail, updates[at].raw.clone()));
    }
    updates.sort_by_key(|update| update.position);
    updates
}

fn note_order(updates: &[Update], found: &Arrangement, game: &Game, faults: &mut Vec<Fault>) {
    let backwards = found.order.windows(2).find(|pair| {
        let (a, b) = (&updates[pair[0]], &updates[pair[1]]);
        a.id > b.id && a.ts != b.ts
    });
    let example = found.moved.first().or(backwards.map(|pair| &pair[1]));
    if let Some(at) = example {
        let detail = format!("in the order of {}, {} moved by their scores", found.basis.as_str(), found.moved.len());
        faults.push((Kind::OutOfOrder, detail, updates[*at].raw.clone()));
    } else if found.basis != Basis::Time && !updates.is_empty() {
        let detail = format!("in the order of {}", found.basis.as_str());
        faults.push((Kind::OutOfOrder, detail, game.raw.clone()));
    }
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

/// What is to be said of the whole stream.
fn note_play(script: &mut Script, game: &Game, updates: &[Update]) {
    if let Some((detail, raw)) = script.servers.disagreement() {
        script.fault(Kind::ServerDisagrees, detail, &raw);
    }
    if let Some(update) = foreign_player(game, updates) {
        let detail = "a player of the side, who is not in the match as the source has it";
        script.fault(Kind::PlayerDiffers, detail, &update.raw);
    }
    if game.discipline == Discipline::Doubles && !script.facts().games.is_empty() {
        let detail = "the source names pairs: who of a pair serves is not known";
        script.fault(Kind::DoublesOrderUnknown, detail, &game.raw);
    }
    let contradicting = updates.iter().filter(|update| {
        update.kind == Type::Point
            && update.server_won.is_some()
            && update.server_won == update.receiver_won
    });
    for update in contradicting {
        script.fault(Kind::ServerFlagsContradict, "both or neither of server and receiver", &update.raw);
    }
    note_unknown(script, updates);
    note_cards(script, game);
    if let Some(raw) = statistic::difference(game, &script.shadow, &script.unspecified_luck) {
        script.fault(Kind::StatisticDiffers, "points in a row or lucky points", &raw);
    }
}

fn note_unknown(script: &mut Script, updates: &[Update]) {
    for update in updates {
        if let Type::Other(name) = &update.kind {
            script.fault(Kind::UnknownType, format!("an update of type {name}"), &update.raw);
        }
    }
}

fn note_cards(script: &mut Script, game: &Game) {
    let facts = script.facts();
    let shown = Side::BOTH.iter().map(|side| facts.cards.of(*side).len()).sum::<usize>();
    if shown != game.cards.len() {
        let detail = format!("{} cards are listed, {shown} were shown", game.cards.len());
        script.fault(Kind::CardsDiffer, detail, &json!(game.cards));
    }
}

fn concluded(
    id: MatchId,
    create: topspin_event::CreateMatch,
    script: Script,
    (tie, game): (&Tie, &Game),
    (format, points): (&Format, usize),
    faults: &mut Vec<Fault>,
) -> MatchPlan {
    let Script { mut shadow, entries: mut asked, ended, .. } = script;
    let reported = game.reported.clone();
    let agreement = official::agreement(format, &shadow.facts(), reported.as_ref(), points);
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
        let official = format!("official {}, won by {:?}", scores(&reported.games), reported.winner);
        let laws = format!("laws {}, won by {:?}", scores(&facts.games), facts.winner);
        faults.push((kind, format!("{official}; {laws}"), game.raw.clone()));
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

fn scores(games: &[topspin_laws::Score]) -> String {
    let games: Vec<String> = games.iter().map(|score| format!("{}:{}", score.home, score.away)).collect();
    if games.is_empty() { "none".to_owned() } else { games.join(" ") }
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
