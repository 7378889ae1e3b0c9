//! How the score went: points in a row, leads, and deficits made up.

use topspin_laws::{Both, Event, Line, Score, Side};

/// The course of a game, or of a match: then runs go on from game to game.
#[derive(Default)]
pub(crate) struct Course {
    pub longest_run: Both<u32>,
    pub largest_lead: Both<u32>,
    pub overcome: Both<u32>,
    run: Option<(Side, u32)>,
    game: u8,
    /// Of the game going on.
    score: Score,
    /// The most that each side was behind in this game since the score was level last.
    behind: Both<u32>,
}

impl Course {
    pub(crate) fn take(&mut self, line: &Line) {
        if matches!(line.event, Event::ScoreSet { .. }) {
            // Nobody knows how the score came about.
            self.run = None;
        }
        if line.after.game != self.game {
            self.game = line.after.game;
            self.score = Score::default();
            self.behind = Both::default();
        }
        for side in Side::BOTH {
            self.gain(side, line);
        }
        self.score = line.after.score;
        self.stand();
    }

    fn gain(&mut self, side: Side, line: &Line) {
        let (before, after) = (u32::from(*self.score.of(side)), u32::from(*line.after.score.of(side)));
        if after <= before || matches!(line.event, Event::ScoreSet { .. }) {
            return;
        }
        let so_far = self.run.filter(|(of, _)| *of == side).map_or(0, |(_, length)| length);
        let run = so_far + after - before;
        self.run = Some((side, run));
        let longest = self.longest_run.of_mut(side);
        *longest = run.max(*longest);
    }

    fn stand(&mut self) {
        for side in Side::BOTH {
            let (own, other) = (u32::from(*self.score.of(side)), u32::from(*self.score.of(side.other())));
            let lead = self.largest_lead.of_mut(side);
            *lead = own.saturating_sub(other).max(*lead);
            let behind = self.behind.of_mut(side);
            if own < other {
                *behind = (other - own).max(*behind);
            } else {
                let overcome = self.overcome.of_mut(side);
                *overcome = std::mem::take(behind).max(*overcome);
            }
        }
    }
}
