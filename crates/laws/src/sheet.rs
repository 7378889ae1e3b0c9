//! The score sheet: every action that stands, with where the match stood before and after it.

use crate::board::Board;
use crate::service::Service;
use crate::{Both, Event, Expedite, Score, Seat, Seq, Side, State, Status};

/// Where a match stands at one moment, as far as its score goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Where the match stands.
    pub status: Status,
    /// Number of the game begun last, from 1; 0 before the first.
    pub game: u8,
    /// Its score.
    pub score: Score,
    /// Games won by each side.
    pub games: Both<u8>,
    /// Serves the next rally; `None` between games and where nobody knows.
    pub server: Option<Seat>,
    /// Receives it.
    pub receiver: Option<Seat>,
    /// Whether expedite is in operation.
    pub expedite: Expedite,
    /// Who has won the match.
    pub winner: Option<Side>,
}

/// One line of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The position of the action's event. An amended rally keeps its own.
    pub seq: Seq,
    /// What happened: of an amended rally, what it came to instead.
    pub event: Event,
    /// The position of the amendment that counts, if the rally was amended.
    pub amended_by: Option<Seq>,
    /// Before it. Server and receiver are those of the rally, also where the next event corrected them.
    pub before: Moment,
    /// After it.
    pub after: Moment,
}

impl State {
    /// Where the match stands.
    pub fn moment(&self) -> Moment {
        self.board.moment()
    }

    /// The score sheet: the actions that stand, oldest first. Amendments are no lines of their own.
    ///
    /// Costs a fold of the match, at most 4,096 actions.
    pub fn sheet(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        // Whoever folded the events knows that the live actions can follow each other.
        let _ = self.history.walk(&self.setup, None, |step| {
            if matches!(step.event, Event::Amended { .. }) {
                return;
            }
            if matches!(step.event, Event::ServiceCorrected { .. }) {
                correct_last_rally(&mut lines, step.after.last_rally);
            }
            lines.push(Line {
                seq: step.seq,
                event: step.event.clone(),
                amended_by: step.amended_by,
                before: step.before,
                after: step.after.moment(),
            });
        });
        lines
    }
}

impl Board {
    pub(crate) fn moment(&self) -> Moment {
        Moment {
            status: self.status,
            game: self.games.len() as u8,
            score: self.games.last().map_or(Score::default(), |game| game.score),
            games: self.won,
            server: self.service.map(|service| service.server),
            receiver: self.service.map(|service| service.receiver),
            expedite: self.expedite,
            winner: self.winner,
        }
    }
}

/// A correction says who served the rally before it, if there was one in this game (Law 2.14.1).
fn correct_last_rally(lines: &mut [Line], served: Option<Service>) {
    // Behind a score that was set nobody knows which rally was the last.
    let recent = lines.iter_mut().rev();
    let mut recent =
        recent.take_while(|line| !matches!(line.event, Event::ScoreSet { .. } | Event::GameStarted { .. }));
    let rally = recent.find(|line| line.event.outcome().is_some());
    if let (Some(rally), Some(served)) = (rally, served) {
        rally.before.server = Some(served.server);
        rally.before.receiver = Some(served.receiver);
    }
}
