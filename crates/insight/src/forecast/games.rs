//! The games to come: how a match ends, from any number of games won.

use topspin_laws::{Both, Discipline, Expedite, Format};

use super::game::Game;
use super::prior::{Grid, Lanes, add};
use super::rules::Rules;
use super::service::Start;

/// Games from 0:0, solved once for a match, at every strength of its grid.
///
/// Who begins a game and in which order does not depend on who won the games before (Laws 2.13.4 and 2.13.6): at a
/// given strength the games of a match are independent.
#[derive(Debug, Clone)]
pub(super) struct Games {
    to_win: usize,
    width: usize,
    /// By [`index`]; empty where the discipline has no such start.
    home_wins: Vec<Lanes>,
}

/// Correct scores in games, each at every strength: first those that home wins, most decisive first, then those that
/// away wins, closest first.
pub(super) struct Endings {
    pub lanes: Vec<Lanes>,
}

impl Games {
    pub fn new(format: &Format, grid: &Grid) -> Self {
        let mut games = Games {
            to_win: usize::from(format.games_to_win()),
            width: grid.width(),
            home_wins: vec![Lanes::new(); 4 * Start::COUNT],
        };
        for (expedite, deciding) in
            [(Expedite::Off, false), (Expedite::Off, true), (Expedite::On, false), (Expedite::On, true)]
        {
            let number = if deciding { usize::from(format.best_of) } else { 1 };
            let rules = Rules { format, game: number, expedite };
            let mut game = Game::new(rules, grid.rallies(expedite), grid.width());
            for start in Start::all(format.discipline) {
                let index = index(expedite, deciding, start);
                games.home_wins[index] = from_start(&mut game, rules, start, grid.width());
            }
        }
        games
    }

    /// How the match ends if the next game begins so.
    pub fn endings(&self, won: Both<u8>, start: Start, expedite: Expedite) -> Endings {
        let (to_win, width) = (self.to_win, self.width);
        let (home, away) = (usize::from(won.home).min(to_win), usize::from(won.away).min(to_win));
        let mut reached = vec![Lanes::new(); (to_win + 1) * (to_win + 1)];
        let at = |home: usize, away: usize| home * (to_win + 1) + away;
        reached[at(home, away)] = vec![1.0; width];
        let mut starts = [start, start.next()].into_iter().cycle();
        // Every game is played by scores with the same number of games before it.
        for played in home + away..2 * to_win - 1 {
            let Some(start) = starts.next() else { break };
            let game = &self.home_wins[index(expedite, played + 2 == 2 * to_win, start)];
            for home in home..to_win.min(played + 1) {
                let away = played - home;
                if away < to_win && !reached[at(home, away)].is_empty() {
                    let mass = std::mem::take(&mut reached[at(home, away)]);
                    add(&mut reached[at(home + 1, away)], mass.iter().zip(game).map(|(m, p)| m * p));
                    add(&mut reached[at(home, away + 1)], mass.iter().zip(game).map(|(m, p)| m - m * p));
                }
            }
        }
        let scores = self.scores().map(|score| at(score.home.into(), score.away.into()));
        let filled = |lanes: Lanes| if lanes.is_empty() { vec![0.0; width] } else { lanes };
        Endings { lanes: scores.map(|at| filled(std::mem::take(&mut reached[at]))).collect() }
    }

    /// The correct scores, in the order of [`Endings`].
    pub fn scores(&self) -> impl Iterator<Item = Both<u8>> + use<> {
        let to_win = self.to_win as u8;
        let home = (0..to_win).map(move |lost| Both::new(to_win, lost));
        home.chain((0..to_win).rev().map(move |won| Both::new(won, to_win)))
    }
}

impl Endings {
    /// That home wins the match.
    pub fn home_wins(&self) -> Lanes {
        let mut sum = Lanes::new();
        for lanes in &self.lanes[..self.lanes.len() / 2] {
            add(&mut sum, lanes.iter().copied());
        }
        sum
    }
}

fn index(expedite: Expedite, deciding: bool, start: Start) -> usize {
    let on = usize::from(expedite == Expedite::On);
    (2 * on + usize::from(deciding)) * Start::COUNT + start.index()
}

/// The serving pair takes either player as its first server, one as likely as the other.
fn from_start(game: &mut Game<'_>, rules: Rules<'_>, start: Start, width: usize) -> Lanes {
    let services: Vec<_> = start.services(rules.format.discipline).collect();
    let share = match rules.format.discipline {
        Discipline::Singles => 1.0,
        Discipline::Doubles => 0.5,
    };
    let mut sum = vec![0.0; width];
    for service in services {
        let solution = game.solve(rules.start(service));
        add(&mut sum, game.lanes(solution).iter().map(|lane| share * lane));
    }
    sum
}
