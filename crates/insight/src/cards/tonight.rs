//! Tonight beside the last 24 months: what is so unlike them that it is worth telling.
//!
//! Tonight is the latest singles of a player, whether it goes on or is over. Twelve aspects of the match are looked at, and three
//! of the game that was begun last, of both sides. Games are more comparisons, so each needs more evidence ([`enough`]).

use serde::{Deserialize, Serialize};
use topspin_event::Tally;
use topspin_laws::{Both, Side};

use super::candidate::{Candidate, Compared};
use crate::chronicle::Chronicle;
use crate::facts::Id;
use crate::profile::{Aspect, Counts, OF_GAME, enough, weigh};

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
    let enough = thousandths(enough(tonight.best_of));
    let pair = |tally: Tally| (tally.won, tally.of);
    let compared = weighed(&tonight.whole, (tonight.game, &tonight.of_game), &history).map(|one| Compared {
        side: tonight.side,
        player: tonight.player,
        aspect: one.aspect,
        game: one.game,
        tonight: pair(one.tonight),
        history: pair(one.history),
        evidence: thousandths(one.evidence),
    });
    compared.filter(|one| one.evidence >= enough).map(Candidate::Compared).collect()
}

/// The most evidence that anything of a side had at any time of a singles, over what a card needs; 0 where there is nothing to
/// compare with.
pub fn most_unusual(chronicle: &Chronicle, side: Side, history: &Counts) -> f64 {
    let Some(format) = chronicle.format() else { return 0.0 };
    let (mut whole, mut of_game, mut game, mut most) = (Counts::default(), Counts::default(), 0, 0.0_f64);
    for rally in chronicle.rallies() {
        if rally.game != game {
            (game, of_game) = (rally.game, Counts::default());
        }
        whole.rally(format, rally, side);
        of_game.rally(format, rally, side);
        let now = weighed(&whole, (game, &of_game), history).map(|one| one.evidence);
        most = now.fold(most, f64::max);
    }
    most / enough(format.best_of)
}

/// An aspect of the match, or of a game of it, beside history.
struct Weighed {
    aspect: Aspect,
    /// 0: the match.
    game: u8,
    tonight: Tally,
    history: Tally,
    evidence: f64,
}

fn weighed(
    whole: &Counts,
    (game, of_game): (u8, &Counts),
    history: &Counts,
) -> impl Iterator<Item = Weighed> {
    let of_match = Aspect::of_rallies().map(|aspect| (0, aspect, whole.tally(aspect)));
    let of_game = OF_GAME.map(|aspect| (game, aspect, of_game.tally(aspect)));
    of_match.chain(of_game).filter_map(|(game, aspect, tonight)| {
        let history = history.tally(aspect);
        let evidence = weigh(tonight, history)?;
        Some(Weighed { aspect, game, tonight, history, evidence })
    })
}

/// The binary logarithm, in thousandths.
fn thousandths(ratio: f64) -> i64 {
    (1_000.0 * ratio.log2()).round() as i64
}
