//! The counts of one side. They are bounded by what can be recorded: with 19 classes, 6 spins, 3 hands and 10 zones, each
//! with absent as one of them, 1,140 services, 190 returns and 34,200 third balls can be told apart. So the class of the service
//! is left out of third balls: with it they were 649,800, too many for one record. As it is, all of them come to less than a megabyte.

use serde::{Deserialize, Serialize};
use topspin_event::{
    Hand, LastStroke, LengthTally, Placement, ReceivePattern, ServePattern, Spin, StrokeClass,
    StrokePatterns, StrokePhase, Tally, ThirdBallPattern, Zone,
};
use topspin_laws::Side;
use topspin_stream::Reason;

use super::exchange::Struck;
use super::tallies::Tallies;
use crate::limits::RALLY_LENGTHS;

/// Class, spin and zone of a service.
type Serve = (Option<StrokeClass>, Option<Spin>, Option<Zone>);
/// Class and zone of its return.
type Receive = (Option<StrokeClass>, Option<Zone>);
/// Spin and zone of a service; class, hand and zone of the third stroke.
type ThirdBall = (Option<Spin>, Option<Zone>, Option<StrokeClass>, Option<Hand>, Option<Zone>);

/// Who served, as a side sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Service {
    Own,
    Opponents,
}

/// How often each pattern of one side's strokes occurred, and how many of those rallies it won.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(crate) struct StrokeCounts {
    rallies: Tallies<()>,
    serves: Tallies<Serve>,
    receives: Tallies<Receive>,
    third_balls: Tallies<ThirdBall>,
    placements: Tallies<(StrokePhase, Option<Zone>)>,
    /// By the place in [`RALLY_LENGTHS`].
    lengths: Tallies<(u8, Service)>,
    /// By class: of the strokes that ended a rally, those that won it.
    last_strokes: Tallies<Option<StrokeClass>>,
}

impl StrokeCounts {
    /// Adds a rally so many times; a negative number takes it back.
    pub(crate) fn add(
        &mut self,
        strokes: &[Struck],
        (side, winner): (Side, Side),
        times: i64,
    ) -> Result<(), Reason> {
        let Some(first) = strokes.first() else { return Ok(()) };
        let won = if winner == side { times } else { 0 };
        let service = if first.side == side { Service::Own } else { Service::Opponents };
        self.rallies.add((), won, times)?;
        self.lengths.add((length(strokes.len()), service), won, times)?;
        for (stroke, phase) in strokes.iter().zip(phases()).filter(|(stroke, _)| stroke.side == side) {
            self.placements.add((phase, stroke.zone), won, times)?;
            match phase {
                StrokePhase::Serve => {
                    self.serves.add((stroke.class, stroke.spin, stroke.zone), won, times)?;
                }
                StrokePhase::Receive => self.receives.add((stroke.class, stroke.zone), won, times)?,
                StrokePhase::ThirdBall => {
                    let pattern = (first.spin, first.zone, stroke.class, stroke.hand, stroke.zone);
                    self.third_balls.add(pattern, won, times)?;
                }
                StrokePhase::Later => {}
            }
        }
        self.add_last(strokes, (side, winner), times)
    }

    /// The winner's last stroke was not returned, whether or not the attempt is recorded; the loser's ended the rally only if it
    /// is the last of all.
    fn add_last(
        &mut self,
        strokes: &[Struck],
        (side, winner): (Side, Side),
        times: i64,
    ) -> Result<(), Reason> {
        let own = strokes.iter().rev().find(|stroke| stroke.side == side);
        let missed = strokes.last().is_some_and(|last| last.side == side);
        match own {
            Some(stroke) if winner == side => self.last_strokes.add(stroke.class, times, times),
            Some(stroke) if missed => self.last_strokes.add(stroke.class, 0, times),
            Some(_) | None => Ok(()),
        }
    }

    /// What is said of them.
    pub(crate) fn patterns(&self) -> StrokePatterns {
        StrokePatterns {
            rallies: self.rallies.get(()).unwrap_or_default(),
            serves: self.serves.listed(|(class, spin, zone), tally| ServePattern {
                class,
                spin,
                zone,
                tally,
            }),
            receives: self.receives.listed(|(class, zone), tally| ReceivePattern { class, zone, tally }),
            third_balls: self.third_balls.listed(|(serve_spin, serve_zone, class, hand, zone), tally| {
                ThirdBallPattern { serve_spin, serve_zone, class, hand, zone, tally }
            }),
            placements: self.placements.listed(|(phase, zone), tally| Placement { phase, zone, tally }),
            lengths: self.lengths(),
            last_strokes: self.last_strokes.listed(|class, Tally { won, of }| LastStroke {
                class,
                winners: won,
                errors: of.saturating_sub(won),
            }),
        }
    }

    fn lengths(&self) -> Vec<LengthTally> {
        let told = |(place, (from, to)): (u8, (u16, Option<u16>))| {
            let serve = self.lengths.get((place, Service::Own));
            let receive = self.lengths.get((place, Service::Opponents));
            (serve.is_some() || receive.is_some()).then_some(LengthTally { from, to, serve, receive })
        };
        (0..).zip(RALLY_LENGTHS).filter_map(told).collect()
    }
}

fn phases() -> impl Iterator<Item = StrokePhase> {
    StrokePhase::ALL.into_iter().chain(std::iter::repeat(StrokePhase::Later))
}

/// The place of a length in [`RALLY_LENGTHS`].
fn length(strokes: usize) -> u8 {
    let longer = |place: &usize| RALLY_LENGTHS[*place].1.is_some_and(|most| strokes > usize::from(most));
    let place = (0..RALLY_LENGTHS.len()).take_while(longer).count();
    u8::try_from(place).expect("there are fewer than 256 lengths")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind of everything, each as large as it can be, a million times each.
    #[test]
    fn all_that_can_be_told_apart_fits_into_a_record() {
        let bytes = |patterns: StrokePatterns| {
            let player_id = topspin_event::PlayerId(uuid::Uuid::nil());
            let window = String::new();
            let told = topspin_event::PlayerStrokes { player_id, opponent_id: None, window, patterns };
            topspin_event::wire::encode_player_strokes(&told).len()
        };
        let (class, zone) = (Some(StrokeClass::SquatService), Zone::try_from(9).ok());
        let (spin, hand) = (Some(Spin::SideBackspin), Some(Hand::Backhand));
        let tally = Tally { won: 1_000_000, of: 1_000_000 };
        let none = bytes(StrokePatterns::default());
        let third = ThirdBallPattern { serve_spin: spin, serve_zone: zone, class, hand, zone, tally };
        let third = bytes(StrokePatterns { third_balls: vec![third], ..StrokePatterns::default() }) - none;
        let serve = ServePattern { class, spin, zone, tally };
        let serve = bytes(StrokePatterns { serves: vec![serve], ..StrokePatterns::default() }) - none;
        // What is left has less than 300 kinds, none larger than a service.
        let all = none + 34_200 * third + (1_140 + 300) * serve;
        assert!(all < 1024 * 1024, "{all} bytes");
    }
}
