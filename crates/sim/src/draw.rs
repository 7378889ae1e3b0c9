//! Who plays whom, where.

use rand::{RngExt, SeedableRng};
use topspin_laws::Discipline;

use crate::player::Player;
use crate::{Chance, Umpire};

/// One match of the simulated tournament.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixture {
    /// Stable key: `sim:<seed>-<key>` is the external id.
    pub key: String,
    /// Table number, from 1.
    pub table: u32,
    /// Singles or doubles.
    pub discipline: Discipline,
    /// Games at most.
    pub best_of: u8,
    /// Home's players.
    pub home: Vec<Player>,
    /// Away's players.
    pub away: Vec<Player>,
}

impl Fixture {
    /// A title for lists: the category.
    pub fn category(&self) -> &'static str {
        match self.discipline {
            Discipline::Singles => "Singles",
            Discipline::Doubles => "Doubles",
        }
    }
}

/// A tournament that goes on for ever: every table plays one match after the other.
#[derive(Debug, Clone)]
pub struct Tournament {
    seed: u64,
    players: Vec<Player>,
}

impl Tournament {
    /// The tournament of a seed.
    pub fn new(seed: u64) -> Self {
        let players = Player::roster(&mut Chance::seed_from_u64(seed), 64);
        Tournament { seed, players }
    }

    /// Everybody who plays in it.
    pub fn players(&self) -> &[Player] {
        &self.players
    }

    /// The `round`th match (from 0) at a table (from 1), and its umpire. Tables share no players.
    pub fn fixture(&self, table: u32, round: u32, tables: u32) -> (Fixture, Umpire) {
        let stream = (u64::from(table) << 32) | u64::from(round);
        let mut chance = Chance::seed_from_u64(self.seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let share = (self.players.len() / tables.max(1) as usize).max(2);
        let first = (table as usize - 1) * share % self.players.len();
        let pool: Vec<&Player> = self.players.iter().cycle().skip(first).take(share).collect();
        let doubles = share >= 4 && chance.random_bool(0.25);
        let needed = if doubles { 4 } else { 2 };
        let start = chance.random_range(0..pool.len());
        let drawn: Vec<Player> =
            pool.iter().cycle().skip(start).take(needed).map(|player| (*player).clone()).collect();
        let (home, away) = drawn.split_at(needed / 2);
        let fixture = Fixture {
            key: format!("{table}-{round}"),
            table,
            discipline: if doubles { Discipline::Doubles } else { Discipline::Singles },
            best_of: if chance.random_bool(0.2) { 7 } else { 5 },
            home: home.to_vec(),
            away: away.to_vec(),
        };
        (fixture.clone(), Umpire::new(chance, fixture))
    }
}
