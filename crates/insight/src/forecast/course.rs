//! The forecast after every rally of a match that is told.

use topspin_laws::{Line, Outcome, Score, Seq, Side, State};

use super::model::{Forecast, Model};
use super::points::TotalPoints;
use super::position::Position;
use super::service::Service;
use super::tally::{Rally, Tally};
use crate::chronicle::Chronicle;

/// What was to be expected before each rally, and what is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Before each rally that was scored, oldest first.
    pub steps: Vec<Step>,
    /// As the match stands; `None` where it ended without a winner.
    pub now: Option<Forecast>,
    /// How many points the match will have; `None` where it is over, or its format is too long to tell at once.
    pub points: Option<TotalPoints>,
}

/// What was to be expected before a rally. All probabilities are home's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The position of the rally's event.
    pub seq: Seq,
    /// Its game.
    pub game: u8,
    /// The score of the game before it.
    pub score: Score,
    /// Who won it.
    pub winner: Side,
    /// That home wins the match.
    pub wins: f64,
    /// That home wins the rally.
    pub point: f64,
    /// That home wins the match if it wins the rally, less the same if it loses it.
    pub leverage: f64,
}

/// Formats whose matches can have at most so many points before deuce have their points told.
const MOST_POINTS: u32 = 7 * 21;

/// Whether a forecast learns from the rallies of the match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learning {
    /// From each of them.
    FromRallies,
    /// It stays with the prior: only the score changes it.
    Never,
}

/// The forecasts of a match, by a model of its format. Costs a forecast for each rally.
pub fn course(chronicle: &Chronicle, model: &Model, learning: Learning) -> Course {
    let (mut tally, mut steps) = (Tally::default(), Vec::new());
    chronicle.replayed(|before, line| {
        let Some(rally) = rally(before, line) else { return };
        steps.extend(step(model, before, line, (rally, &tally)));
        if learning == Learning::FromRallies {
            // A match has far fewer rallies than a tally can count.
            let _ = tally.add(rally, 1);
        }
    });
    let position = chronicle.state().and_then(|state| Position::of(state).ok());
    let belief = model.belief(&tally);
    let now = position.as_ref().and_then(|position| model.forecast(position, &belief));
    let short = chronicle.format().is_some_and(|format| {
        u32::from(format.best_of) * u32::from(format.game_points.max(format.deciding_game_points))
            <= MOST_POINTS
    });
    let points = position.filter(|_| short && now.as_ref().is_some_and(|now| now.next.is_some()));
    Course { steps, points: points.and_then(|position| model.total_points(&position, &belief)), now }
}

fn rally(before: &State, line: &Line) -> Option<Rally> {
    let Some(Outcome::Point { to, .. }) = line.event.outcome() else { return None };
    // The sheet knows whose service it was, also where it was corrected afterwards.
    let service = line.before.server.zip(line.before.receiver);
    let service = service.map(|(server, receiver)| Service::new(server, receiver));
    Some(Rally { service, expedite: before.facts().expedite, winner: to })
}

fn step(model: &Model, before: &State, line: &Line, (rally, tally): (Rally, &Tally)) -> Option<Step> {
    let forecast = model.forecast(&Position::of(before).ok()?, &model.belief(tally))?;
    let next = forecast.next?;
    Some(Step {
        seq: line.seq,
        game: line.before.game,
        score: line.before.score,
        winner: rally.winner,
        wins: forecast.wins,
        point: next.point,
        leverage: next.leverage,
    })
}
