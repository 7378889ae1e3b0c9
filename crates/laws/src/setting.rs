//! Setting the score (rule of record T.4).

use crate::board::{Board, Game};
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
        self.games = self.rebuilt(format, games, &winners);
        self.won = Both::default();
        for side in winners.iter().flatten() {
            *self.won.of_mut(*side) += 1;
        }
        self.winner = Side::BOTH.into_iter().find(|side| *self.won.of(*side) >= format.games_to_win());
        self.pause = None;
        self.ball_in_play = BallInPlay::No;
        self.pending = Both::default();
        self.last_rally = None;
        self.service = None;
        let open = self.current().is_some();
        self.status = match (self.winner, open) {
            (Some(_), _) => Status::Finished,
            (None, true) => Status::InPlay,
            (None, false) => Status::Interval,
        };
        if open { self.resume_service(format, server, receiver) } else { Ok(()) }
    }

    /// Plays the last game up to its score, along the path that alternates points while it can.
    ///
    /// In doubles the deciding game's change of receivers depends on the path; where that matters the command names
    /// server and receiver.
    fn replay_game(&mut self, format: &Format) {
        let Some(game) = self.games.last_mut() else { return };
        let target = std::mem::take(&mut game.score);
        self.service = game.first;
        self.home_end = game.home_end;
        loop {
            let Some(score) = self.games.last().map(|game| game.score) else { return };
            let home_next =
                score.home < target.home && (score.home <= score.away || score.away == target.away);
            if score == target {
                return;
            }
            self.last_rally = self.service;
            self.add_point(format, if home_next { Side::Home } else { Side::Away });
        }
    }

    /// Games with the order and ends that the match already established, continued by the laws where it did not.
    fn rebuilt(&self, format: &Format, scores: &[Score], winners: &[Option<Side>]) -> Vec<Game> {
        let first_end = self.games.first().map_or(self.home_end, |game| game.home_end);
        let game = |(index, (score, winner)): (usize, (&Score, &Option<Side>))| {
            let even = index.is_multiple_of(2);
            let known = self.games.get(index).and_then(|game| game.first);
            let by_turns = || match (format.discipline, self.first_server) {
                (Discipline::Singles, Some(first)) => {
                    let server = if even { first } else { first.other() };
                    Some(Service::new(Seat::first(server), Seat::first(server.other())))
                }
                (Discipline::Singles, None) | (Discipline::Doubles, _) => None,
            };
            Game {
                score: *score,
                first: known.or_else(by_turns),
                home_end: if even { first_end } else { first_end.map(End::other) },
                ends_changed_at: None,
                winner: *winner,
            }
        };
        scores.iter().zip(winners).enumerate().map(game).collect()
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
            Ok(()) | Err(Rejection::NothingToCorrect) => Ok(()),
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
