//! How many points a match will have.

use std::collections::BTreeMap;

use topspin_laws::Both;

use super::length::{Lengths, add_sequence, game_lengths};
use super::model::{Belief, Model};
use super::position::{Position, Prospect, Stage};
use super::rules::{Moment, Rules};
use super::service::Start;

/// The distribution of the points of both sides in all games of a match, those already played included.
#[derive(Debug, Clone, PartialEq)]
pub struct TotalPoints {
    /// The first number with a probability.
    pub least: u32,
    /// The probabilities of `least` and each number after it; they sum to 1.
    pub probabilities: Vec<f64>,
}

impl TotalPoints {
    /// The number to be expected.
    pub fn mean(&self) -> f64 {
        let beyond = self.probabilities.iter().enumerate().map(|(more, p)| more as f64 * p);
        f64::from(self.least) + beyond.sum::<f64>()
    }

    /// The smallest number that is not exceeded with at least this probability, from 0 to 1.
    pub fn quantile(&self, probability: f64) -> u32 {
        let mut sum = 0.0;
        let below = self.probabilities.iter().take_while(|p| {
            sum += **p;
            sum < probability
        });
        let last = self.probabilities.len().saturating_sub(1);
        self.least + below.count().min(last) as u32
    }
}

impl Model {
    /// The distribution of the match's points; `None` where the match ended without a winner.
    ///
    /// Exact but for the tails of games: those of which less than 1e-12 is left, or that are 200 rallies beyond what
    /// takes both sides to the last point, are taken to end. Takes some hundred times as long as [`Model::forecast`].
    pub fn total_points(&self, position: &Position, belief: &Belief) -> Option<TotalPoints> {
        if let Stage::Over(winner) = position.stage {
            return winner.map(|_| TotalPoints { least: position.points, probabilities: vec![1.0] });
        }
        let prospects = position.prospects(&self.format);
        let share = 1.0 / prospects.len() as f64;
        let mut probabilities = Vec::new();
        for prospect in &prospects {
            for (rallies, lanes) in self.match_lengths(position, prospect).iter().enumerate() {
                let mixed: f64 = lanes.iter().zip(&belief.weights).map(|(lane, weight)| lane * weight).sum();
                probabilities.resize(probabilities.len().max(rallies + 1), 0.0);
                probabilities[rallies] += share * mixed;
            }
        }
        let before = probabilities.iter().take_while(|p| **p == 0.0).count();
        let least = position.points + before as u32;
        Some(TotalPoints { least, probabilities: probabilities.split_off(before) })
    }

    /// The rallies to come until the match is over.
    fn match_lengths(&self, position: &Position, prospect: &Prospect) -> Lengths {
        let to_win = self.format.games_to_win();
        let certain = vec![vec![1.0; self.grid.width()]];
        let mut reached = BTreeMap::from([((position.won.home, position.won.away), certain)]);
        let mut over = Lengths::new();
        let mut game = self.lengths(position, position.game(), &[prospect.at]);
        let mut start = prospect.next;
        for number in position.game().. {
            for ((home, away), before) in std::mem::take(&mut reached) {
                for (score, game) in [((home + 1, away), &game.home), ((home, away + 1), &game.away)] {
                    let decided = score.0.max(score.1) >= to_win;
                    let sum = if decided { &mut over } else { reached.entry(score).or_default() };
                    add_sequence(sum, &before, game);
                }
            }
            if reached.is_empty() {
                break;
            }
            game = self.lengths_from(position, number + 1, start);
            start = start.next();
        }
        over
    }

    /// The rallies of a game from its start.
    fn lengths_from(&self, position: &Position, game: usize, start: Start) -> Both<Lengths> {
        let rules = Rules { format: &self.format, game, expedite: position.expedite };
        let services = start.services(self.format.discipline);
        let starts: Vec<Moment> = services.map(|service| rules.start(service)).collect();
        self.lengths(position, game, &starts)
    }

    fn lengths(&self, position: &Position, game: usize, starts: &[Moment]) -> Both<Lengths> {
        let rules = Rules { format: &self.format, game, expedite: position.expedite };
        game_lengths(rules, self.grid.rallies(position.expedite), starts)
    }
}
