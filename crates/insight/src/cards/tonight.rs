//! Tonight beside the last 24 months: what is so unlike them that it is worth telling.
//!
//! Tonight is the latest singles of a player, whether it goes on or is over. Twelve aspects of the match are looked at, and three
//! of the game that was begun last, of both sides. Games are more comparisons, so each needs more evidence: of 100 matches in
//! which nothing is unusual, at most 5 ever have such a card ([`FALSE_ALARMS`]).

use serde::{Deserialize, Serialize};
use topspin_event::Tally;
use topspin_laws::{Both, Side};

use super::candidate::{Candidate, Compared};
use crate::chronicle::Chronicle;
use crate::facts::Id;
use crate::profile::{Aspect, Counts, FALSE_ALARMS, LEAST_HISTORY, evidence};

/// A singles as far as it was played.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Tonight {
    /// When its first rally ended.
    at: Option<i64>,
    players: Both<Id>,
    best_of: u8,
    whole: Both<Counts>,
    /// The game begun last, and what was won and lost in it.
    game: u8,
    of_game: Both<Counts>,
}

/// A singles as one side sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct TonightOf {
    pub at: Option<i64>,
    pub match_id: Id,
    side: Side,
    player: Id,
    best_of: u8,
    whole: Counts,
    game: u8,
    of_game: Counts,
    /// Whether the match is counted in the player's profile of the last 24 months.
    is_counted: bool,
}

/// The aspects that are looked at in a game: of so few rallies the others are nothing.
const OF_GAME: [Aspect; 3] = [Aspect::Points, Aspect::Serve, Aspect::Receive];

impl Tonight {
    /// `None` where there was no rally, and of doubles.
    pub(crate) fn of(chronicle: &Chronicle) -> Option<Self> {
        let (state, format) = (chronicle.state()?, chronicle.format()?);
        let (players, first) = (chronicle.singles()?, chronicle.rallies().first()?);
        let game = state.moment().game;
        let of_game = |side| {
            let rallies = chronicle.rallies().iter().filter(|rally| rally.game == game);
            Counts::of_rallies(format, rallies, side)
        };
        Some(Tonight {
            at: first.at,
            players,
            best_of: format.best_of,
            whole: Both::new(Counts::of(chronicle, Side::Home), Counts::of(chronicle, Side::Away)),
            game,
            of_game: Both::new(of_game(Side::Home), of_game(Side::Away)),
        })
    }

    /// As each side sees it. `is_counted`: whether profiles count it.
    pub(crate) fn sides(&self, match_id: Id, is_counted: bool) -> [TonightOf; 2] {
        Side::BOTH.map(|side| TonightOf {
            at: self.at,
            match_id,
            side,
            player: *self.players.of(side),
            best_of: self.best_of,
            whole: *self.whole.of(side),
            game: self.game,
            of_game: *self.of_game.of(side),
            is_counted,
        })
    }
}

impl TonightOf {
    pub(crate) const fn player(&self) -> Id {
        self.player
    }
}

/// What is unusual of tonight, beside the profile of the last 24 months.
pub(crate) fn comparisons(tonight: &TonightOf, profile: &Counts) -> Vec<Candidate> {
    let history = if tonight.is_counted { profile.without(&tonight.whole) } else { Some(*profile) };
    // For a moment the profile may not have heard that the match is over, or goes on.
    let Some(history) = history else { return Vec::new() };
    let whole = Aspect::ALL.into_iter().filter(|aspect| aspect.is_of_rallies());
    let whole: Vec<_> = whole.map(|aspect| (0, aspect, tonight.whole.tally(aspect))).collect();
    let of_game = OF_GAME.map(|aspect| (tonight.game, aspect, tonight.of_game.tally(aspect)));
    let looked_at = 2 * (whole.len() + of_game.len() * usize::from(tonight.best_of));
    let enough = thousandths(looked_at as f64 / FALSE_ALARMS);
    let compared = whole.into_iter().chain(of_game).filter_map(|(game, aspect, won)| {
        let before = history.tally(aspect);
        if won.of == 0 || before.of < LEAST_HISTORY {
            return None;
        }
        let evidence = thousandths(evidence(won, before));
        let pair = |tally: Tally| (tally.won, tally.of);
        (evidence >= enough).then(|| {
            Candidate::Compared(Compared {
                side: tonight.side,
                player: tonight.player,
                aspect,
                game,
                tonight: pair(won),
                history: pair(before),
                evidence,
            })
        })
    });
    compared.collect()
}

/// The binary logarithm, in thousandths.
fn thousandths(ratio: f64) -> i64 {
    (1_000.0 * ratio.log2()).round() as i64
}
