//! Where a match stands, as far as its future depends on it.

use thiserror::Error;
use topspin_laws::{
    Both, Command, Discipline, Expedite, Facts, Format, Score, Seq, Side, Standing, State, Status, decide,
    evolve, standing,
};

use super::rules::{Moment, Rules};
use super::service::{Order, Service, Start};

/// Everything that the future of a match depends on, beside how strong the sides are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub(super) won: Both<u8>,
    /// Points of both sides in all games, those that will open the next game included.
    pub(super) points: u32,
    pub(super) expedite: Expedite,
    pub(super) stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// No rally follows; who won, if anybody.
    Over(Option<Side>),
    /// The next game begins at this score: that of the penalty points that wait for it.
    Between { score: Score, serves_first: Option<Side>, order: Option<Order> },
    /// A game is going on.
    Play { score: Score, service: Option<Service>, start: Option<Start> },
}

/// Why facts are no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PositionError {
    /// The games won do not fit the games played, or would have ended the match.
    #[error("games {}:{} of {begun} begun are no score of a match that goes on", won.home, won.away)]
    Games {
        /// Games won.
        won: Both<u8>,
        /// Games begun.
        begun: usize,
    },
    /// The score of the current game ends it, or lies beyond its end.
    #[error("{}:{} is no score of a game that goes on", score.home, score.away)]
    Score {
        /// The score.
        score: Score,
    },
    /// Server and receiver are on the same side.
    #[error("a player does not serve to his own side")]
    Service,
}

impl Position {
    /// A match that nobody has drawn for yet.
    pub const START: Position = Position {
        won: Both::new(0, 0),
        points: 0,
        expedite: Expedite::Off,
        stage: Stage::Between { score: Score::new(0, 0), serves_first: None, order: None },
    };

    /// The position that facts show. Where they leave several possible, a forecast takes each as likely as the other:
    /// before the draw, where nobody knows who serves, in doubles between games (facts do not tell the order of the
    /// game before), and for the games after one in which expedite is in operation (nor who began that one).
    /// [`Position::of`] knows the last two.
    ///
    /// # Errors
    /// [`PositionError`] where the facts are none of this format.
    pub fn new(format: &Format, facts: &Facts) -> Result<Self, PositionError> {
        Self::with_start(format, facts, None)
    }

    /// The position of a match whose whole state is at hand.
    ///
    /// # Errors
    /// [`PositionError`]; never for a state that the laws gave.
    pub fn of(state: &State) -> Result<Self, PositionError> {
        let (format, facts) = (state.format(), state.facts());
        let doubles = format.discipline == Discipline::Doubles;
        let hidden = facts.expedite == Expedite::On || (facts.server.is_none() && doubles);
        let start = if hidden && !facts.status.is_over() { start_of_last_game(state, &facts) } else { None };
        Self::with_start(format, &facts, start)
    }

    /// `start` of the last game begun, where that is known.
    fn with_start(format: &Format, facts: &Facts, start: Option<Start>) -> Result<Self, PositionError> {
        let (won, begun) = (facts.score, facts.games.len());
        let points = facts.games.iter().map(Score::total).sum();
        let position = |stage| Position { won, points, expedite: facts.expedite, stage };
        if facts.status.is_over() {
            return Ok(position(Stage::Over(facts.winner)));
        }
        let finished = usize::from(won.home) + usize::from(won.away);
        let decided = won.home.max(won.away) >= format.games_to_win();
        if decided || !(finished..=finished + 1).contains(&begun) {
            return Err(PositionError::Games { won, begun });
        }
        if begun == finished {
            let next = start.map(Start::next);
            let serves_first = facts.serves_first.or(next.map(|next| next.side));
            let order = next.map(|next| next.order);
            let between = Stage::Between { score: Score::default(), serves_first, order };
            let pending = facts.pending_points;
            let award = |position: Self, side| position.opened(format, side, *pending.of(side));
            return Ok(Side::BOTH.into_iter().fold(position(between), award));
        }
        let score = facts.games.last().copied().unwrap_or_default();
        if standing(format, begun, score) != Standing::Open {
            return Err(PositionError::Score { score });
        }
        let service =
            facts.server.zip(facts.receiver).map(|(server, receiver)| Service::new(server, receiver));
        if service.is_some_and(|service| service.server.side == service.receiver.side) {
            return Err(PositionError::Service);
        }
        Ok(position(Stage::Play { score, service, start }))
    }

    /// Penalty points of a side open the next game. What one side has beyond its end is void; what the other side has
    /// then opens the game after it.
    fn opened(mut self, format: &Format, side: Side, penalty_points: u8) -> Self {
        let Stage::Between { mut score, serves_first, order } = self.stage else { return self };
        for _ in 0..penalty_points {
            *score.of_mut(side) += 1;
            self.points += 1;
            if standing(format, self.game(), score) != Standing::Open {
                return self.game_won(format, side);
            }
        }
        self.stage = Stage::Between { score, serves_first, order };
        self
    }

    /// The next game was won before its first rally.
    fn game_won(mut self, format: &Format, side: Side) -> Self {
        let Stage::Between { serves_first, order, .. } = self.stage else { return self };
        *self.won.of_mut(side) += 1;
        self.stage = if *self.won.of(side) >= format.games_to_win() {
            Stage::Over(Some(side))
        } else {
            Stage::Between {
                score: Score::default(),
                serves_first: serves_first.map(Side::other),
                order: order.map(Order::turned),
            }
        };
        self
    }

    /// The number of the game that the next rally belongs to, from 1.
    pub(super) fn game(&self) -> usize {
        usize::from(self.won.home) + usize::from(self.won.away) + 1
    }

    /// What may come next; none where no rally does. All are as likely as each other.
    pub(super) fn prospects(&self, format: &Format) -> Vec<Prospect> {
        let rules = Rules { format, game: self.game(), expedite: self.expedite };
        let services = Service::all(format.discipline);
        match self.stage {
            Stage::Over(_) => Vec::new(),
            Stage::Between { score, serves_first, order } => services
                .map(|service| (service, Start::of(service)))
                .filter(|(_, start)| serves_first.is_none_or(|side| side == start.side))
                .filter(|(_, start)| order.is_none_or(|order| order == start.order))
                .map(|(service, start)| Prospect { at: rules.opened(service, score), next: start.next() })
                .collect(),
            Stage::Play { score, service, start } => services
                .filter(|possible| service.is_none_or(|service| service == *possible))
                .flat_map(|service| {
                    let next =
                        move |start: Start| Prospect { at: rules.moment(score, service), next: start.next() };
                    starts(rules, score, service, start).into_iter().map(next)
                })
                .collect(),
        }
    }
}

/// One way in which a match may go on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prospect {
    pub at: Moment,
    /// How the next game begins.
    pub next: Start,
}

impl Rules<'_> {
    /// A game that penalty points opened.
    fn opened(&self, service: Service, score: Score) -> Moment {
        let points = Side::BOTH.into_iter().flat_map(|side| (0..*score.of(side)).map(move |_| side));
        points.fold(self.start(service), |at, side| self.after(at, side))
    }
}

/// How the current game may have begun. Where expedite came in during it, turns ended earlier than the score says.
fn starts(rules: Rules<'_>, score: Score, service: Service, known: Option<Start>) -> Vec<Start> {
    match (known, rules.expedite) {
        (Some(start), _) => vec![start],
        (None, Expedite::Off) => vec![rules.start_of(score, service)],
        (None, Expedite::On) => [service, service.rotated(rules.format.discipline)].map(Start::of).to_vec(),
    }
}

/// Facts show who serves now, not who began. The laws know: they say who would serve if the game stood at 0:0.
fn start_of_last_game(state: &State, facts: &Facts) -> Option<Start> {
    let mut games = facts.games.clone();
    *games.last_mut()? = Score::default();
    let suspended = facts.status == Status::Suspended;
    let resumed = if suspended { Some(given(state, &Command::Resume {})?) } else { None };
    let score = Command::SetScore { games, server: None, receiver: None };
    let began = given(resumed.as_ref().unwrap_or(state), &score)?.facts();
    began.server.zip(began.receiver).map(|(server, receiver)| Start::of(Service::new(server, receiver)))
}

/// The state if a command were given now; `None` where the laws refuse it.
fn given(state: &State, command: &Command) -> Option<State> {
    let events = decide(state, command).ok()?;
    Some(events.iter().fold(state.clone(), |state, event| evolve(state, Seq(u64::MAX), event)))
}
