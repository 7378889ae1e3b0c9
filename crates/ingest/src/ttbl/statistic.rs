//! The source's figures that a stream can be checked against: points in a row and lucky points.
//!
//! The source counts them over the stream as it lies in the file, points sent twice or taken back included. A figure
//! that agrees with neither that count nor the laws' shows that the file lacks updates.

use serde_json::{Value, json};
use topspin_laws::{Both, Discipline, Event, How, Side};

use super::document::{Game, Statistics};
use super::shadow::Shadow;
use super::update::Type;

/// Longest runs of points over the whole match, and lucky points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Figures {
    points_in_a_row: Both<i64>,
    lucky_points: Both<i64>,
}

impl Figures {
    /// Counts points in order: who won each, and whether by luck. A point of nobody known ends a run.
    fn of(points: impl Iterator<Item = (Option<Side>, bool)>) -> Self {
        let mut figures = Figures::default();
        let mut run = (None, 0);
        for (winner, lucky) in points {
            run = if run.0 == winner { (winner, run.1 + 1) } else { (winner, 1) };
            let Some(winner) = winner else { continue };
            let best = figures.points_in_a_row.of_mut(winner);
            *best = run.1.max(*best);
            *figures.lucky_points.of_mut(winner) += i64::from(lucky);
        }
        figures
    }

    /// By the laws' events that stand.
    fn by_laws(shadow: &Shadow) -> Self {
        let mut rallies: Vec<_> = shadow.live_events().collect();
        rallies.reverse();
        Figures::of(rallies.into_iter().filter_map(|(seq, event)| {
            const LUCKY: &[How] = &[How::NetRoller, How::Edge, How::NetOrEdge];
            let by_luck = matches!(event, Event::PointScored { how: Some(how), .. } if LUCKY.contains(how));
            Some((Some(shadow.rally_winner(*seq)?), by_luck))
        }))
    }

    /// By the stream as it lies in the file, for the players whom the source has in the match.
    fn by_file(game: &Game) -> Self {
        let points = game.updates.iter().filter(|update| update.kind == Type::Point);
        Figures::of(points.map(|update| {
            let named = |side: &Side| {
                game.line_up.of(*side).iter().any(|named| Some(&named.id) == update.player.as_ref())
            };
            (Side::BOTH.into_iter().find(named), update.luck.lucky == Some(true))
        }))
    }

    fn fits(self, stated: &Statistics) -> bool {
        let fits = |stated: Both<Option<i64>>, counted: Both<i64>| {
            Side::BOTH.iter().all(|side| stated.of(*side).is_none_or(|figure| figure == *counted.of(*side)))
        };
        fits(stated.points_in_a_row, self.points_in_a_row) && fits(stated.lucky_points, self.lucky_points)
    }

    fn json(self) -> Value {
        json!({
            "points_in_a_row": [self.points_in_a_row.home, self.points_in_a_row.away],
            "lucky_points": [self.lucky_points.home, self.lucky_points.away],
        })
    }
}

/// What differs between the source's figures and every count of a singles match's stream.
pub(crate) fn difference(game: &Game, shadow: &Shadow) -> Option<Value> {
    let (laws, file) = (Figures::by_laws(shadow), Figures::by_file(game));
    let explained = laws.fits(&game.statistics) || file.fits(&game.statistics);
    if game.discipline == Discipline::Doubles || shadow.facts().games.is_empty() || explained {
        return None;
    }
    Some(json!({ "game": game.raw, "by_laws": laws.json(), "by_file": file.json() }))
}
