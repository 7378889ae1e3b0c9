//! What is to be said of a whole stream, once a match.

use serde_json::json;
use topspin_laws::{Discipline, Side};

use super::document::Game;
use super::line_up::foreign_players;
use super::order::{Arrangement, Basis};
use super::script::Script;
use super::statistic;
use super::update::{Type, Update};
use crate::{Fault, Kind};

/// Notes that a stream is not in the order of its ids, or had to be put in order by its scores.
pub(crate) fn note_order(updates: &[Update], found: &Arrangement, game: &Game, faults: &mut Vec<Fault>) {
    let backwards = found.order.windows(2).find(|pair| {
        let (a, b) = (&updates[pair[0]], &updates[pair[1]]);
        a.id > b.id && a.ts != b.ts
    });
    let example = found.moved.first().or(backwards.map(|pair| &pair[1]));
    if let Some(at) = example {
        let detail =
            format!("in the order of {}, {} moved by their scores", found.basis.as_str(), found.moved.len());
        faults.push((Kind::OutOfOrder, detail, updates[*at].raw.clone()));
    } else if found.basis != Basis::Time && !updates.is_empty() {
        let detail = format!("in the order of {}", found.basis.as_str());
        faults.push((Kind::OutOfOrder, detail, game.raw.clone()));
    }
}

/// What is to be said of the whole stream.
pub(crate) fn note_play(script: &mut Script, game: &Game, updates: &[Update]) {
    if let Some((detail, raw)) = script.servers.disagreement() {
        script.fault(Kind::ServerDisagrees, detail, &raw);
    }
    let (of_team, of_nobody) = foreign_players(game, updates);
    if let Some(update) = of_team {
        let detail = "a player of the side, who is not in the match as the source has it";
        script.fault(Kind::PlayerDiffers, detail, &update.raw);
    }
    if let Some(update) = of_nobody {
        script.fault(
            Kind::PlayerUnknown,
            "points of a player of neither side: the score says whose",
            &update.raw,
        );
    }
    if game.discipline == Discipline::Doubles && !script.facts().games.is_empty() {
        let detail = "the source names pairs: who of a pair serves is not known";
        script.fault(Kind::DoublesOrderUnknown, detail, &game.raw);
    }
    let contradicting = updates.iter().filter(|update| {
        update.kind == Type::Point && update.server_won.is_some() && update.server_won == update.receiver_won
    });
    for update in contradicting {
        script.fault(Kind::ServerFlagsContradict, "both or neither of server and receiver", &update.raw);
    }
    note_unknown(script, updates);
    note_cards(script, game);
    if let Some(raw) = statistic::difference(game, &script.shadow) {
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
