//! Fictional players.

use rand::RngExt;

use crate::Chance;

/// How a player wins points: decides the length of rallies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Short rallies, strong service.
    Attacker,
    /// The usual mix.
    AllRound,
    /// Long rallies.
    Defender,
}

/// An invented player. Any likeness to a person is chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Player {
    /// Given and family name.
    pub name: String,
    /// Stable key within the simulated world: `sim:<key>` is the external id.
    pub key: String,
    /// Strength in the unit of Elo ratings: 1400 to 2400.
    pub strength: f64,
    /// Style of play.
    pub style: Style,
}

const GIVEN: [&str; 24] = [
    "Alma", "Bruno", "Carla", "Dario", "Elin", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Luan",
    "Mira", "Noel", "Orla", "Pavel", "Quinn", "Rosa", "Soren", "Tilda", "Ugo", "Vera", "Wim", "Yara",
];

const FAMILY: [&str; 28] = [
    "Abendroth",
    "Bellweather",
    "Castellane",
    "Drosselmann",
    "Eastwick",
    "Falkenrath",
    "Greyling",
    "Hollander",
    "Isarov",
    "Jutewell",
    "Kestrel",
    "Lindqvast",
    "Marchetto",
    "Norwood",
    "Ostrander",
    "Pellegry",
    "Quistgaard",
    "Ravensholm",
    "Silvermoor",
    "Tamarack",
    "Umberfield",
    "Valcourt",
    "Westergren",
    "Xandrou",
    "Yarrowby",
    "Zellweiler",
    "Amberly",
    "Brightwater",
];

impl Player {
    /// The world's `count` players, at most 24 × 28; names do not repeat.
    pub fn roster(chance: &mut Chance, count: usize) -> Vec<Player> {
        (0..count.min(GIVEN.len() * FAMILY.len())).map(|index| Player::invented(chance, index)).collect()
    }

    fn invented(chance: &mut Chance, index: usize) -> Player {
        let round = index / FAMILY.len();
        let given = GIVEN[(index * 7 + round) % GIVEN.len()];
        let family = FAMILY[index % FAMILY.len()];
        let style = match chance.random_range(0..10) {
            0..4 => Style::Attacker,
            4..8 => Style::AllRound,
            _ => Style::Defender,
        };
        Player {
            name: format!("{given} {family}"),
            key: format!("player-{index}"),
            strength: chance.random_range(1400.0..2400.0),
            style,
        }
    }
}
