//! What time-outs changed.

use topspin_event::TimeOutEffect;
use topspin_laws::{Both, Event, Line};

use crate::chronicle::Chronicle;
use crate::limits::TIME_OUT_RALLIES;
use crate::rally::Rally;

/// The effects of the time-outs taken during games.
pub(crate) fn effects(chronicle: &Chronicle) -> Vec<TimeOutEffect> {
    chronicle.lines().iter().filter_map(|line| effect(line, chronicle.rallies())).collect()
}

fn effect(line: &Line, rallies: &[Rally]) -> Option<TimeOutEffect> {
    let Event::TimeOutTaken { side } = line.event else { return None };
    let game = line.after.game;
    let (before, after) = rallies.split_at(rallies.partition_point(|rally| rally.seq() < line.seq));
    let before = before.iter().rev().filter(|rally| rally.game == game);
    let after = after.iter().filter(|rally| rally.game == game);
    Some(TimeOutEffect { side, game, score: line.after.score, before: won(before), after: won(after) })
}

fn won<'a>(rallies: impl Iterator<Item = &'a Rally>) -> Both<u8> {
    let mut won = Both::default();
    for rally in rallies.take(TIME_OUT_RALLIES) {
        *won.of_mut(rally.winner) += 1;
    }
    won
}
