//! The rest of one game, at every strength of a grid at once.

use topspin_laws::{Both, Side};

use super::prior::{Lanes, RallyLanes};
use super::rules::{Moment, Rules};
use super::service::Service;

/// The probability that home wins a game, from any moment on: solved backwards from the end, each moment once.
pub(super) struct Game<'a> {
    rules: Rules<'a>,
    rallies: &'a [RallyLanes],
    width: usize,
    /// Where the solution of a moment is; [`UNSOLVED`].
    solved: Vec<u32>,
    /// Solutions, each as wide as the grid: first of games lost, then of games won.
    solutions: Vec<f64>,
}

/// The number of a solution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Solution(u32);

const LOST: Solution = Solution(0);
const WON: Solution = Solution(1);
const UNSOLVED: u32 = u32::MAX;

impl<'a> Game<'a> {
    pub fn new(rules: Rules<'a>, rallies: &'a [RallyLanes], width: usize) -> Self {
        let mut solutions = vec![0.0; width];
        solutions.resize(2 * width, 1.0);
        Game { rules, rallies, width, solved: vec![UNSOLVED; rules.moments()], solutions }
    }

    pub fn lanes(&self, solution: Solution) -> &[f64] {
        &self.solutions[solution.0 as usize * self.width..][..self.width]
    }

    /// What the next rally leads to: the game won, after home or away has won the rally.
    pub fn branches(&mut self, at: Moment) -> Both<Solution> {
        let mut after = |side| {
            let next = self.rules.after(at, side);
            self.solve(next)
        };
        Both::new(after(Side::Home), after(Side::Away))
    }

    pub fn solve(&mut self, at: Moment) -> Solution {
        match self.rules.winner(at.score) {
            Some(Side::Home) => return WON,
            Some(Side::Away) => return LOST,
            None => {}
        }
        let index = self.rules.index(at);
        if self.solved[index] != UNSOLVED {
            return Solution(self.solved[index]);
        }
        let lanes = if self.rules.is_deuce(at.score) { self.deuce(at.service) } else { self.open(at) };
        let solution = (self.solutions.len() / self.width) as u32;
        self.solutions.extend_from_slice(&lanes);
        self.solved[index] = solution;
        Solution(solution)
    }

    fn open(&mut self, at: Moment) -> Lanes {
        let next = self.branches(at);
        let (won, lost) = (self.lanes(next.home), self.lanes(next.away));
        let rallies = &self.rallies[at.service.index()].won;
        rallies.iter().zip(won).zip(lost).map(|((p, won), lost)| lost + p * (won - lost)).collect()
    }

    /// Level, and two points win: after two rallies the game is over, or level again with those who served and
    /// received first now second. After four all is as it was, so the chain is solved without an infinite sum.
    fn deuce(&self, service: Service) -> Lanes {
        let discipline = self.rules.format.discipline;
        let mut turns = [service; 4];
        for turn in 1..turns.len() {
            turns[turn] = turns[turn - 1].rotated(discipline);
        }
        let [a, b, c, d] = turns.map(|turn| &self.rallies[turn.index()].won[..self.width]);
        let two = |first: f64, second: f64| {
            let (won, lost) = (first * second, (1.0 - first) * (1.0 - second));
            (won, 1.0 - won - lost)
        };
        let lane = |k: usize| {
            let ((won, level), (won_later, level_later)) = (two(a[k], b[k]), two(c[k], d[k]));
            (won + level * won_later) / (1.0 - level * level_later)
        };
        (0..self.width).map(lane).collect()
    }
}
