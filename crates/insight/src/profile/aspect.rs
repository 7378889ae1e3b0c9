//! What is counted of a player, so many won of so many.

use serde::{Deserialize, Serialize};
use topspin_event::{AspectTally, PlayerProfile, Tally};
use topspin_laws::{Format, Side};
use topspin_stream::Reason;

use crate::chronicle::Chronicle;
use crate::rally::{Rally, Stake};

/// What is counted: something that can be won or lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Matches.
    Matches,
    /// Games.
    Games,
    /// Rallies.
    Points,
    /// Rallies in which the player served.
    Serve,
    /// Rallies in which the player received.
    Receive,
    /// Rallies at level scores before deuce.
    Level,
    /// Rallies when ahead.
    Ahead,
    /// Rallies when behind.
    Behind,
    /// Rallies from deuce on (Law 2.13.3).
    Deuce,
    /// Rallies of the first game.
    FirstGame,
    /// Rallies of the games in between.
    MiddleGames,
    /// Rallies of the last possible game.
    DecidingGame,
    /// Rallies in which the player needed one point for the game.
    GamePointsFor,
    /// Rallies in which the opponent did.
    GamePointsAgainst,
}

impl Aspect {
    /// All aspects.
    pub const ALL: [Aspect; 14] = [
        Aspect::Matches,
        Aspect::Games,
        Aspect::Points,
        Aspect::Serve,
        Aspect::Receive,
        Aspect::Level,
        Aspect::Ahead,
        Aspect::Behind,
        Aspect::Deuce,
        Aspect::FirstGame,
        Aspect::MiddleGames,
        Aspect::DecidingGame,
        Aspect::GamePointsFor,
        Aspect::GamePointsAgainst,
    ];

    /// The name in addresses and records: never changed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Aspect::Matches => "matches",
            Aspect::Games => "games",
            Aspect::Points => "points",
            Aspect::Serve => "serve",
            Aspect::Receive => "receive",
            Aspect::Level => "level",
            Aspect::Ahead => "ahead",
            Aspect::Behind => "behind",
            Aspect::Deuce => "deuce",
            Aspect::FirstGame => "first_game",
            Aspect::MiddleGames => "middle_games",
            Aspect::DecidingGame => "deciding_game",
            Aspect::GamePointsFor => "game_points_for",
            Aspect::GamePointsAgainst => "game_points_against",
        }
    }

    /// Those that are counted in rallies, so that tonight's can be compared with those of other matches.
    pub fn of_rallies() -> impl Iterator<Item = Aspect> + Clone {
        Aspect::ALL.into_iter().filter(|aspect| !matches!(aspect, Aspect::Matches | Aspect::Games))
    }
}

/// How often each aspect was won, of how often it occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Counts([(i64, i64); Aspect::ALL.len()]);

impl Counts {
    /// What a side has won and lost of a match, as far as it was told.
    pub fn of(chronicle: &Chronicle, side: Side) -> Self {
        let counts = Counts::default();
        let Some(format) = chronicle.format() else { return counts };
        let mut counts = Counts::of_rallies(format, chronicle.rallies(), side);
        let moment = chronicle.state().map(topspin_laws::State::moment);
        let (own, other) = moment.map_or((0, 0), |at| (*at.games.of(side), *at.games.of(side.other())));
        counts.0[Aspect::Games as usize] = (own.into(), i64::from(own) + i64::from(other));
        if let Some(winner) = moment.and_then(|at| at.winner) {
            counts.count(Aspect::Matches, winner == side);
        }
        counts
    }

    /// What a side has won and lost of some rallies.
    pub(crate) fn of_rallies<'a>(
        format: &Format,
        rallies: impl IntoIterator<Item = &'a Rally>,
        side: Side,
    ) -> Self {
        let mut counts = Counts::default();
        rallies.into_iter().for_each(|rally| counts.rally(format, rally, side));
        counts
    }

    /// Counts a rally as a side sees it.
    pub(crate) fn rally(&mut self, format: &Format, rally: &Rally, side: Side) {
        let won = rally.winner == side;
        self.count(Aspect::Points, won);
        match rally.server {
            Some(server) if server.side == side => self.count(Aspect::Serve, won),
            Some(_) => self.count(Aspect::Receive, won),
            None => {}
        }
        let standing = match rally.score.leader() {
            _ if rally.deuce => Aspect::Deuce,
            None => Aspect::Level,
            Some(leader) if leader == side => Aspect::Ahead,
            Some(_) => Aspect::Behind,
        };
        self.count(standing, won);
        let game = match usize::from(rally.game) {
            game if format.is_deciding(game) => Aspect::DecidingGame,
            1 => Aspect::FirstGame,
            _ => Aspect::MiddleGames,
        };
        self.count(game, won);
        if *rally.stake.of(side) >= Stake::Game {
            self.count(Aspect::GamePointsFor, won);
        }
        if *rally.stake.of(side.other()) >= Stake::Game {
            self.count(Aspect::GamePointsAgainst, won);
        }
    }

    fn count(&mut self, aspect: Aspect, won: bool) {
        let (wins, all) = &mut self.0[aspect as usize];
        *wins += i64::from(won);
        *all += 1;
    }

    /// Adds others so many times; a negative number takes them back.
    ///
    /// # Errors
    /// Where a count becomes too large.
    pub fn add(&mut self, other: &Counts, times: i64) -> Result<(), Reason> {
        const TOO_LARGE: &str = "a count is too large";
        let more = |sum: i64, part: i64| {
            part.checked_mul(times).and_then(|part| sum.checked_add(part)).ok_or(TOO_LARGE)
        };
        for ((wins, all), (more_wins, more_all)) in self.0.iter_mut().zip(other.0) {
            (*wins, *all) = (more(*wins, more_wins)?, more(*all, more_all)?);
        }
        Ok(())
    }

    /// What a profile says. Aspects that this version does not know are left out.
    pub fn of_profile(profile: &PlayerProfile) -> Self {
        let mut counts = Counts::default();
        for AspectTally { aspect, tally } in &profile.aspects {
            if let Some(known) = Aspect::ALL.into_iter().find(|known| known.as_str() == aspect) {
                counts.0[known as usize] = (tally.won.into(), tally.of.into());
            }
        }
        counts
    }

    /// What is left without a match that is counted in it; `None` if it is not.
    pub fn without(&self, one: &Counts) -> Option<Self> {
        let mut left = *self;
        left.add(one, -1).ok()?;
        left.0.iter().all(|(won, of)| 0 <= *won && won <= of).then_some(left)
    }

    /// How often an aspect was won, of how often it occurred.
    pub fn tally(&self, aspect: Aspect) -> Tally {
        let (won, of) = self.0[aspect as usize];
        Tally { won: u32::try_from(won).unwrap_or(u32::MAX), of: u32::try_from(of).unwrap_or(u32::MAX) }
    }
}
