//! Setting the score (rule of record T.4).

use crate::board::{Board, Game, Introduced};
use crate::edition::Edition;
use crate::rejection::Rejection;
use crate::score::MAX_POINTS;
use crate::service::Service;
use crate::{BallInPlay, Both, Discipline, End, Format, Score, Seat, Side, Standing, Status, standing};

impl Board {
    /// Replaces the games on the board. Later rows restart from here.
    pub(crate) fn set_score(
        &mut self,
        format: &Format,
        games: &[Score],
        server: Option<Seat>,
        receiver: Option<Seat>,
    ) -> Result<(), Rejection> {
        self.require_status(&[
            Status::Scheduled,
            Status::Called,
            Status::WarmUp,
            Status::InPlay,
            Status::Interval,
            Status::Finished,
        ])?;
        let winners = reachable(format, games)?;
        let known_games = self.games.len();
        self.games = self.rebuilt(format, games, &winners);
        self.won = Both::default();
        for side in winners.iter().flatten() {
            *self.won.of_mut(*side) += 1;
        }
        self.winner = Side::BOTH.into_iter().find(|side| *self.won.of(*side) >= format.games_to_win());
        self.pause = None;
        self.ball_in_play = BallInPlay::No;
        self.last_rally = None;
        self.service = None;
        let open = self.current().is_some();
        self.status = match (self.winner, open) {
            (Some(_), _) => Status::Finished,
            (None, true) => Status::InPlay,
            (None, false) => Status::Interval,
        };
        // Penalty points open the next game: they wait while no further game is on the board.
        if self.edition == Edition::First || self.status != Status::Interval || games.len() > known_games {
            self.pending = Both::default();
        }
        if !open && self.edition != Edition::First {
            self.home_end = self.last_end(format);
        }
        if open { self.resume_service(format, server, receiver) } else { Ok(()) }
    }

    /// Plays the last game up to its score, along the path that alternates points while it can.
    ///
    /// In doubles the deciding game's change of receivers depends on the path; where that matters the command names
    /// server and receiver. Under expedite the service goes on from where expedite came into operation; who serves
    /// before that, or after another number of changes of receivers, the command must say.
    fn replay_game(&mut self, format: &Format) {
        let Some(game) = self.games.last_mut() else { return };
        let target = std::mem::take(&mut game.score);
        self.service = game.first;
        self.home_end = game.home_end;
        let introduced = self.introduced_within(target.total());
        if introduced.is_some() {
            self.service = None;
        }
        loop {
            let Some(game) = self.games.last() else { return };
            let score = game.score;
            if let Some(introduced) = introduced.filter(|introduced| introduced.points == score.total()) {
                let same_order = format.discipline == Discipline::Singles
                    || introduced.ends_changed == game.ends_changed_at.is_some();
                self.service = introduced.service.filter(|_| same_order);
            }
            let home_next =
                score.home < target.home && (score.home <= score.away || score.away == target.away);
            if score == target {
                return;
            }
            self.last_rally = self.service;
            self.add_point(format, if home_next { Side::Home } else { Side::Away });
        }
    }

    /// Where expedite came into operation, if that was after the first rally of the game that the score is set in:
    /// from its start on it counts as any other order of service. A score before that point moves it there.
    fn introduced_within(&mut self, points: u32) -> Option<Introduced> {
        let number = self.games.len();
        let introduced = self.introduced.as_mut().filter(|_| self.edition != Edition::First)?;
        if introduced.game > number || (introduced.game == number && points < introduced.points) {
            *introduced = Introduced { points, ..Introduced::before(number) };
        }
        // At 0:0 it was within the game if it is known who served then: after a let that is another than who began.
        let in_first_rally = introduced.points == 0 && introduced.service.is_some();
        let within = introduced.game == number && (introduced.points > 0 || in_first_rally);
        within.then_some(*introduced)
    }

    /// Games with the order and ends that the match already established, continued by the laws where it did not.
    fn rebuilt(&self, format: &Format, scores: &[Score], winners: &[Option<Side>]) -> Vec<Game> {
        let mut games: Vec<Game> = Vec::with_capacity(scores.len());
        for (index, (score, winner)) in scores.iter().zip(winners).enumerate() {
            games.push(Game {
                score: *score,
                first: self.order_of(format, index, games.last()),
                home_end: self.end_of(index, games.last()),
                ends_changed_at: None,
                winner: *winner,
            });
        }
        games
    }

    /// Who began a game: as recorded, else in singles the other side than in the game before (Law 2.13.6), corrections
    /// included, so that a game set and a game started begin alike.
    fn order_of(&self, format: &Format, index: usize, previous: Option<&Game>) -> Option<Service> {
        let known = self.games.get(index).and_then(|game| game.first);
        if known.is_some() || format.discipline == Discipline::Doubles {
            return known;
        }
        let server = match (self.edition, previous) {
            (Edition::Second, Some(previous)) => previous.first?.server.side.other(),
            (Edition::First, _) | (Edition::Second, None) if index.is_multiple_of(2) => self.first_server?,
            (Edition::First, _) | (Edition::Second, None) => self.first_server?.other(),
        };
        Some(Service::new(Seat::first(server), Seat::first(server.other())))
    }

    /// Where home began a game: as recorded and corrected, else at the other end than in the game before (Law 2.13.7).
    fn end_of(&self, index: usize, previous: Option<&Game>) -> Option<End> {
        let from = if self.edition == Edition::First { 0 } else { index };
        match (self.games.get(from), previous) {
            (Some(game), _) if from == index => game.home_end.or_else(|| previous?.home_end.map(End::other)),
            (Some(_) | None, Some(previous)) => previous.home_end.map(End::other),
            (Some(_) | None, None) => self.home_end,
        }
    }

    /// Where home stands after the last game: in the last possible one ends changed within it (Law 2.13.7).
    fn last_end(&self, format: &Format) -> Option<End> {
        let end = self.games.last()?.home_end;
        let changed = format.is_deciding(self.games.len()) && format.change_over_points > 0;
        if changed { end.map(End::other) } else { end }
    }

    /// Server and receiver at the score that was set: as the sequence gives, or as the command says.
    fn resume_service(
        &mut self,
        format: &Format,
        server: Option<Seat>,
        receiver: Option<Seat>,
    ) -> Result<(), Rejection> {
        self.replay_game(format);
        let Some(server) = server else { return Ok(()) };
        let receiver = match (format.discipline, receiver) {
            (_, Some(receiver)) => receiver,
            (Discipline::Singles, None) => Seat::first(server.side.other()),
            (Discipline::Doubles, None) => return Err(Rejection::SeatMissing),
        };
        match self.correct_service(format, server, receiver) {
            Ok(()) | Err(Rejection::NothingToCorrect { .. }) => Ok(()),
            Err(refused) => Err(refused),
        }
    }
}

/// The winner of each game, if some sequence of rallies leads to these scores.
fn reachable(format: &Format, games: &[Score]) -> Result<Vec<Option<Side>>, Rejection> {
    if games.is_empty() || games.len() > usize::from(format.best_of) {
        return Err(Rejection::UnreachableScore { game: 0 });
    }
    let mut winners = Vec::with_capacity(games.len());
    let mut won = Both::<u8>::default();
    for (index, score) in games.iter().enumerate() {
        let unreachable = Rejection::UnreachableScore { game: index as u8 + 1 };
        let decided = Side::BOTH.iter().any(|side| *won.of(*side) >= format.games_to_win());
        let last = index + 1 == games.len();
        match standing(format, index + 1, *score) {
            _ if decided || score.home.max(score.away) > MAX_POINTS => return Err(unreachable),
            Standing::Won(side) => {
                *won.of_mut(side) += 1;
                winners.push(Some(side));
            }
            Standing::Open if last => winners.push(None),
            Standing::Open | Standing::Unreachable => return Err(unreachable),
        }
    }
    Ok(winners)
}
