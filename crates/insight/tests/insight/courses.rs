//! What is worth telling of the course of a match, counted anew.

use topspin_event::{CourseCard, Seq};
use topspin_laws::{Event, How, Side, Status};

use crate::naive::{Match, Rally};

/// All of it, in any order.
pub fn happened(one: &Match<'_>) -> Vec<CourseCard> {
    let mut cards = Vec::new();
    for side in Side::BOTH {
        cards.extend(runs(one, side));
        cards.extend(games(one, side));
        cards.extend(of_match(one, side));
        cards.extend(time_outs(one, side));
    }
    cards
}

fn card(kind: &str, side: Side, (game, value, beside): (u8, u32, u32), seqs: Vec<Seq>) -> CourseCard {
    CourseCard { kind: kind.to_owned(), side: Some(side), game, value, beside, seqs }
}

/// The points of a side with the events that brought them, each time from one that ends all runs.
fn runs(one: &Match<'_>, side: Side) -> Option<CourseCard> {
    let marks = one.marks();
    let (_, mark) = marks
        .into_iter()
        .find(|(metric, mark)| *metric == "points_in_a_row" && mark.side == Some(side) && mark.value >= 8)?;
    let mut points: Vec<Seq> = Vec::new();
    let (mut game, mut before) = (0, 0);
    for line in one.sheet.iter().take_while(|line| line.seq <= mark.seq) {
        if line.after.game != game {
            (game, before) = (line.after.game, 0);
        }
        let score = *line.after.score.of(side);
        // A penalty of two points stands here twice.
        points.extend((before..score).map(|_| line.seq));
        before = score;
    }
    let mut seqs = points.split_off(points.len() - mark.value as usize);
    seqs.dedup();
    Some(card("points_in_a_row", side, (mark.game, mark.value as u32, 0), seqs))
}

/// Games that a side has won by play.
fn games(one: &Match<'_>, side: Side) -> Vec<CourseCard> {
    let mut cards = Vec::new();
    for line in &one.sheet {
        let game = line.after.game;
        let by_play = !matches!(line.event, Event::ScoreSet { .. }) && line.before.game == game;
        if !by_play || line.after.games.of(side) <= line.before.games.of(side) {
            continue;
        }
        let to_win = one.meta().format.points_to_win(game.into());
        let (own, other) = (*line.after.score.of(side), *line.after.score.of(side.other()));
        if other == 0 && own >= to_win {
            cards.push(card("game_to_love", side, (game, own.into(), 0), vec![line.seq]));
        }
        if own >= to_win + 4 {
            cards.push(card("long_game", side, (game, own.into(), other.into()), vec![line.seq]));
        }
        let saved = won(one, side, |rally| {
            rally.line.before.game == game
                && one.wins_with_one(rally, side.other(), false)
                && !one.wins_with_one(rally, side.other(), true)
        });
        if saved.len() >= 3 {
            cards.push(card("game_points_saved", side, (game, saved.len() as u32, 0), saved));
        }
        let behind = one.marks().into_iter().find(|(metric, mark)| {
            *metric == "largest_comeback" && mark.seq == line.seq && mark.side == Some(side)
        });
        let behind = behind.map_or(0, |(_, mark)| mark.value);
        if behind >= 5 {
            let then = one.sheet.iter().find(|line| {
                let score = line.after.score;
                line.after.game == game
                    && i64::from(*score.of(side.other())) - i64::from(*score.of(side)) == behind
            });
            let then = then.expect("it was behind");
            let own = u32::from(*then.after.score.of(side));
            cards.push(card("game_turned", side, (game, behind as u32, own), vec![then.seq, line.seq]));
        }
    }
    cards
}

fn won(one: &Match<'_>, side: Side, meant: impl Fn(&Rally<'_>) -> bool) -> Vec<Seq> {
    let rallies = one.rallies();
    rallies.iter().filter(|rally| rally.winner == side && meant(rally)).map(|rally| rally.line.seq).collect()
}

fn of_match(one: &Match<'_>, side: Side) -> Vec<CourseCard> {
    let mut cards = Vec::new();
    let aces = won(one, side, |rally| rally.how == Some(How::Ace));
    if aces.len() >= 4 {
        cards.push(card("aces", side, (0, aces.len() as u32, 0), aces));
    }
    let facts = one.facts();
    let saved = won(one, side, |rally| one.wins_with_one(rally, side.other(), true));
    let is_won = facts.status == Status::Finished && facts.winner == Some(side);
    if is_won && !saved.is_empty() {
        cards.push(card("won_after_match_points", side, (0, saved.len() as u32, 0), saved));
    } else if saved.len() >= 2 {
        cards.push(card("match_points_saved", side, (0, saved.len() as u32, 0), saved));
    }
    let behind = |index: usize| {
        let games = one.sheet[index].after.games;
        i32::from(*games.of(side.other())) - i32::from(*games.of(side))
    };
    let most = (0..one.sheet.len()).map(behind).max().unwrap_or(0);
    if is_won && most >= 2 {
        let then = (0..one.sheet.len()).find(|index| behind(*index) == most).expect("it was behind");
        let end = one
            .sheet
            .iter()
            .rfind(|line| line.after.status == Status::Finished && line.before.status != Status::Finished);
        let own = u32::from(*one.sheet[then].after.games.of(side));
        let seqs = vec![one.sheet[then].seq, end.expect("it was won").seq];
        cards.push(card("match_turned", side, (0, most as u32, own), seqs));
    }
    cards
}

fn time_outs(one: &Match<'_>, side: Side) -> Vec<CourseCard> {
    let rallies = one.rallies();
    let mut cards = Vec::new();
    for line in &one.sheet {
        if line.event != (Event::TimeOutTaken { side }) {
            continue;
        }
        let game: Vec<&Rally<'_>> =
            rallies.iter().filter(|rally| rally.line.before.game == line.after.game).collect();
        let first = game.iter().filter(|rally| rally.line.seq < line.seq).count();
        if first < 5 || game.len() < first + 5 {
            continue;
        }
        let won = |rallies: &[&Rally<'_>]| rallies.iter().filter(|rally| rally.winner == side).count() as u32;
        let (before, after) = (won(&game[first - 5..first]), won(&game[first..first + 5]));
        if before <= 1 && after >= 4 {
            let mut seqs = vec![line.seq];
            seqs.extend(game[first - 5..first + 5].iter().map(|rally| rally.line.seq));
            cards.push(card("time_out", side, (line.after.game, after, before), seqs));
        }
    }
    cards
}
