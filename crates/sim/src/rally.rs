//! How a rally goes: who wins it, in how many strokes, how long it takes.

use rand::RngExt;
use topspin_laws::{Expedite, Facts, How, Side};

use crate::Chance;
use crate::player::{Player, Style};

/// Share of points won by the server between equals.
const SERVER_WINS: f64 = 0.53;

/// Elo points for which the odds of a single rally double. A rally says less than a match.
const RALLY_SCALE: f64 = 1400.0;

/// Time between two strokes, milliseconds.
const STROKE_MS: u64 = 520;

/// One rally as it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rally {
    pub to: Side,
    pub how: How,
    pub strokes: u16,
    pub lasted_ms: u64,
}

impl Rally {
    /// Plays a rally from the facts before it.
    pub fn played(chance: &mut Chance, facts: &Facts, home: &Player, away: &Player) -> Rally {
        let server = facts.server.map_or(Side::Home, |seat| seat.side);
        let edge = (home.strength - away.strength) / RALLY_SCALE;
        let home_odds = (edge * std::f64::consts::LN_2 * 2.0).exp();
        let by_serve = if server == Side::Home { SERVER_WINS } else { 1.0 - SERVER_WINS };
        let home_wins = home_odds * by_serve / (home_odds * by_serve + (1.0 - by_serve));
        let to = if chance.random_bool(home_wins.clamp(0.05, 0.95)) { Side::Home } else { Side::Away };
        let (how, strokes) = ending(chance, to, server, mean_strokes(home, away));
        let (how, strokes) = match facts.expedite {
            Expedite::On => under_expedite(how, strokes, to, server),
            Expedite::Off => (how, strokes),
        };
        Rally { to, how, strokes, lasted_ms: u64::from(strokes) * STROKE_MS + chance.random_range(300..900) }
    }
}

/// Strokes after service and return in the mean. Two defenders push until somebody loses patience.
fn mean_strokes(home: &Player, away: &Player) -> f64 {
    if home.style == Style::Defender && away.style == Style::Defender {
        return 50.0;
    }
    let share = |player: &Player| match player.style {
        Style::Attacker => 1.7,
        Style::AllRound => 2.3,
        Style::Defender => 5.0,
    };
    share(home) + share(away)
}

fn ending(chance: &mut Chance, to: Side, server: Side, mean: f64) -> (How, u16) {
    let roll = chance.random_range(0..1000);
    match roll {
        0..25 if to == server => (How::Ace, 1),
        0..22 => (How::ServiceError, 1),
        25..55 => (How::NetRoller, geometric(chance, mean)),
        55..67 => (How::Edge, geometric(chance, mean)),
        _ => (How::Ordinary, geometric(chance, mean)),
    }
}

/// Strokes after the service and its return: geometric with the mean given, 2 to 120 in all.
fn geometric(chance: &mut Chance, mean: f64) -> u16 {
    let goes_on = mean / (mean + 1.0);
    let mut strokes = 2;
    while strokes < 120 && chance.random_bool(goes_on) {
        strokes += 1;
    }
    strokes
}

/// Under expedite the thirteenth good return ends the rally for the receiver (Law 2.15.4).
fn under_expedite(how: How, strokes: u16, to: Side, server: Side) -> (How, u16) {
    match (strokes, to == server) {
        (0..26, _) => (how, strokes),
        (_, true) => (how, 25),
        (_, false) => (How::ThirteenthReturn, 26),
    }
}
