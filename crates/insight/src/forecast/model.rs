//! The forecast of a match.

use topspin_laws::{Both, Format, Side};

use super::game::Game;
use super::games::Games;
use super::position::{Position, Prospect, Stage};
use super::prior::{Grid, Lanes, Prior};
use super::rules::Rules;
use super::tally::Tally;

/// What is believed of one match before it, with all that can be computed before it: make it once, and ask it after
/// every point. It takes 20 to 70 kB, the more the wider the prior.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) format: Format,
    pub(super) grid: Grid,
    games: Games,
}

/// How likely each strength of home is, once some rallies were seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Belief {
    pub(super) weights: Lanes,
    /// The mean of home's strength, in log-odds.
    pub mean: f64,
    /// Its standard deviation, in log-odds.
    pub sd: f64,
}

/// What is to be expected of a match. All probabilities are home's, from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// That home wins the match.
    pub wins: f64,
    /// Of the rally to come; `None` when the match is over.
    pub next: Option<Next>,
    /// The correct scores in games that are still possible, from home's clearest win to away's; they sum to 1. Where
    /// the match is over, its score as it stands.
    pub scores: Vec<(Both<u8>, f64)>,
}

/// What hangs on the next rally.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Next {
    /// That home wins the rally.
    pub point: f64,
    /// That home wins the game it belongs to.
    pub game: f64,
    /// That home wins the match if it wins the rally, less the same if it loses it: what is learned from the rally
    /// included.
    pub leverage: f64,
}

impl Model {
    /// Solves the games of a match under a format, at every strength that the prior allows.
    pub fn new(format: &Format, prior: &Prior) -> Self {
        let grid = Grid::new(prior);
        Model { format: format.clone(), games: Games::new(format, &grid), grid }
    }

    /// What is believed after the rallies of a tally. An empty one gives the prior: a forecast that never learns.
    pub fn belief(&self, tally: &Tally) -> Belief {
        let weights = self.grid.weights(tally);
        let mean = dot(&weights, &self.grid.strengths);
        let squares = self.grid.strengths.iter().map(|strength| (strength - mean).powi(2));
        let sd = weights.iter().zip(squares).map(|(weight, square)| weight * square).sum::<f64>().sqrt();
        Belief { weights, mean, sd }
    }

    /// The forecast from a position of this format on; `None` where the match ended without a winner.
    pub fn forecast(&self, position: &Position, belief: &Belief) -> Option<Forecast> {
        if let Stage::Over(winner) = position.stage {
            let wins = if winner? == Side::Home { 1.0 } else { 0.0 };
            return Some(Forecast { wins, next: None, scores: vec![(position.won, 1.0)] });
        }
        let prospects = position.prospects(&self.format);
        let share = 1.0 / prospects.len() as f64;
        let mut sum = Sums::default();
        for prospect in &prospects {
            sum.add(share, &self.prospect(position, belief, prospect));
        }
        let scores = self
            .games
            .scores()
            .zip(sum.scores)
            .filter(|(score, _)| score.home >= position.won.home && score.away >= position.won.away);
        Some(Forecast {
            wins: sum.point_and_match + sum.match_alone,
            next: Some(Next {
                point: sum.point,
                game: sum.game,
                leverage: sum.point_and_match / sum.point - sum.match_alone / (1.0 - sum.point),
            }),
            scores: scores.collect(),
        })
    }

    fn prospect(&self, position: &Position, belief: &Belief, prospect: &Prospect) -> Sums {
        let rallies = self.grid.rallies(position.expedite);
        let rules = Rules { format: &self.format, game: position.game(), expedite: position.expedite };
        let mut game = Game::new(rules, rallies, self.grid.width());
        let branches = game.branches(prospect.at);
        let (after_won, after_lost) = (game.lanes(branches.home), game.lanes(branches.away));
        let endings = Side::BOTH.map(|side| {
            let mut won = position.won;
            *won.of_mut(side) += 1;
            self.games.endings(won, prospect.next, position.expedite)
        });
        let [match_won, match_lost] = [endings[0].home_wins(), endings[1].home_wins()];
        let mut sums = Sums::default();
        // Each strength's share in the game won and in the game lost.
        let mut shares = [Lanes::new(), Lanes::new()];
        for (k, weight) in belief.weights.iter().take(self.grid.width()).enumerate() {
            let point = rallies[prospect.at.service.index()].won[k];
            let (won, lost) = (weight * point, weight * (1.0 - point));
            let game = won * after_won[k] + lost * after_lost[k];
            let in_match = |game: f64| match_lost[k] + game * (match_won[k] - match_lost[k]);
            sums.point += won;
            sums.game += game;
            sums.point_and_match += won * in_match(after_won[k]);
            sums.match_alone += lost * in_match(after_lost[k]);
            shares[0].push(game);
            shares[1].push(weight - game);
        }
        let [won, lost] = endings;
        let scores = won.lanes.iter().zip(&lost.lanes);
        sums.scores = scores.map(|(won, lost)| dot(&shares[0], won) + dot(&shares[1], lost)).collect();
        sums
    }
}

/// Probabilities that add up over prospects and strengths.
#[derive(Debug, Default)]
struct Sums {
    point: f64,
    game: f64,
    /// That home wins the next rally and the match.
    point_and_match: f64,
    /// That home loses the next rally and wins the match.
    match_alone: f64,
    scores: Vec<f64>,
}

impl Sums {
    fn add(&mut self, share: f64, more: &Sums) {
        self.point += share * more.point;
        self.game += share * more.game;
        self.point_and_match += share * more.point_and_match;
        self.match_alone += share * more.match_alone;
        self.scores.resize(more.scores.len(), 0.0);
        self.scores.iter_mut().zip(&more.scores).for_each(|(sum, more)| *sum += share * more);
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
