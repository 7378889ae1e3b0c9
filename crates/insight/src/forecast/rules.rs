//! How a game goes on from point to point: score, turns of service, change of receivers, end.

use topspin_laws::{Discipline, Expedite, Format, Score, Side, Standing, standing};

use super::service::{SERVICES, Service, Start};

/// A moment before a rally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// From the last point before the end on, only the lead is kept: 14:13 to 11 is 11:10.
    pub score: Score,
    pub service: Service,
}

/// The laws of one game, as long as nothing but rallies happens in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub format: &'a Format,
    /// Number of the game, from 1.
    pub game: usize,
    pub expedite: Expedite,
}

impl Rules<'_> {
    pub fn target(&self) -> u16 {
        self.format.points_to_win(self.game)
    }

    pub fn moment(&self, score: Score, service: Service) -> Moment {
        let past = score.home.min(score.away).saturating_sub(self.target() - 1);
        Moment { score: Score::new(score.home - past, score.away - past), service }
    }

    pub fn start(&self, service: Service) -> Moment {
        self.moment(Score::default(), service)
    }

    /// The winner of the game, if it is over. Scores that no rallies lead to are won by who is ahead.
    pub fn winner(&self, score: Score) -> Option<Side> {
        match standing(self.format, self.game, score) {
            Standing::Open => None,
            Standing::Won(side) => Some(side),
            Standing::Unreachable => score.leader(),
        }
    }

    /// Both are a point from the end and need two.
    pub fn is_deuce(&self, score: Score) -> bool {
        self.format.win_by == 2 && score.home == score.away && self.alternates(score)
    }

    /// Each serves one point in turn (Law 2.13.3).
    fn alternates(&self, score: Score) -> bool {
        score.home.min(score.away) + 1 >= self.target()
    }

    pub fn after(&self, at: Moment, to: Side) -> Moment {
        let mut score = at.score;
        *score.of_mut(to) += 1;
        let turn_over = match self.expedite {
            Expedite::On => true,
            Expedite::Off => {
                self.alternates(score) || score.total().is_multiple_of(u32::from(self.format.serves_per_turn))
            }
        };
        let mut service = if turn_over { at.service.rotated(self.format.discipline) } else { at.service };
        if self.ends_changed(score) && !self.ends_changed(at.score) {
            service = match self.format.discipline {
                Discipline::Singles => service,
                Discipline::Doubles => service.receivers_changed(),
            };
        }
        self.moment(score, service)
    }

    /// In the last possible game, once a side has the points for it (Law 2.13.7).
    fn ends_changed(&self, score: Score) -> bool {
        let change_over = self.format.change_over_points;
        self.format.is_deciding(self.game) && change_over > 0 && score.home.max(score.away) >= change_over
    }

    /// How the game began, if nobody corrected the service: as many turns ago as the score says (Law 2.13.3).
    /// In a deciding doubles receivers may have changed since; but no game follows that one.
    pub fn start_of(&self, score: Score, service: Service) -> Start {
        let turn = match self.expedite {
            Expedite::On => 1,
            Expedite::Off => u32::from(self.format.serves_per_turn),
        };
        let turns = if self.alternates(score) {
            let even = 2 * u32::from(self.target() - 1);
            even.div_ceil(turn) + score.total().saturating_sub(even)
        } else {
            score.total() / turn
        };
        Start::of(service.before(turns, self.format.discipline))
    }

    /// The number of a moment that [`Rules::moment`] gave and that is not the end: below [`Rules::moments`].
    pub fn index(&self, at: Moment) -> usize {
        let scores = usize::from(self.target()) + 1;
        (usize::from(at.score.home) * scores + usize::from(at.score.away)) * SERVICES + at.service.index()
    }

    pub fn moments(&self) -> usize {
        (usize::from(self.target()) + 1).pow(2) * SERVICES
    }
}
