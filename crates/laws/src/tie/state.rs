//! The state of a tie: the fold of its events.

use super::facts::{TieFacts, TieMatch, TieStatus};
use super::{MatchCards, PlayerId, Rubber, TieEvent, TieFormat};
use crate::edition::Edition;
use crate::{Both, Certainty, Side};

/// One match of the tie as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Played {
    pub pair: Both<Option<[PlayerId; 2]>>,
    /// Set when it begins.
    pub players: Option<Both<Vec<PlayerId>>>,
    pub winner: Option<Side>,
    pub games: Both<u8>,
    pub cards: Both<Vec<MatchCards>>,
}

/// The referee's word on the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    None,
    Confirmed,
    Reopened,
}

/// The fold of a tie's events, and of nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieState {
    pub(super) format: TieFormat,
    pub(super) line_ups: Both<Vec<PlayerId>>,
    pub(super) played: Vec<Played>,
    pub(super) conceded: Option<Side>,
    pub(super) word: Word,
}

impl TieState {
    /// A tie before its first event.
    pub fn new(format: TieFormat) -> Self {
        let played = vec![Played::default(); format.rubbers.len()];
        TieState { format, line_ups: Both::default(), played, conceded: None, word: Word::None }
    }

    /// The format of the tie.
    pub fn format(&self) -> &TieFormat {
        &self.format
    }

    /// Matches won by each side.
    pub fn score(&self) -> Both<u8> {
        let won = |side| self.played.iter().filter(|played| played.winner == Some(side)).count() as u8;
        Both::new(won(Side::Home), won(Side::Away))
    }

    /// Who has won the tie.
    pub fn winner(&self) -> Option<Side> {
        let score = self.score();
        let by_play = Side::BOTH.into_iter().find(|side| *score.of(*side) >= self.format.to_win);
        self.conceded.map(Side::other).or(by_play)
    }

    /// Who plays match `number` for a side, as far as nominated.
    pub(super) fn players_of(&self, number: u8, side: Side) -> Option<Vec<PlayerId>> {
        let index = usize::from(number).checked_sub(1)?;
        let (rubber, played) = (self.format.rubbers.get(index)?, self.played.get(index)?);
        if let Some(players) = &played.players {
            return Some(players.of(side).clone());
        }
        match rubber.position(side) {
            Some(position) => {
                let player = self.line_ups.of(side).get(usize::from(position.0).checked_sub(1)?)?;
                Some(vec![player.clone()])
            }
            None => played.pair.of(side).as_ref().map(|pair| pair.to_vec()),
        }
    }

    /// The facts as they stand.
    pub fn facts(&self) -> TieFacts {
        let winner = self.winner();
        let begun = self.played.iter().any(|played| played.players.is_some());
        TieFacts {
            status: match (self.conceded, winner, begun) {
                (Some(_), ..) => TieStatus::Conceded,
                (None, Some(_), _) => TieStatus::Finished,
                (None, None, true) => TieStatus::InPlay,
                (None, None, false) => TieStatus::Scheduled,
            },
            certainty: match (winner, self.word) {
                (_, Word::Confirmed) => Certainty::Official,
                (Some(_), Word::None) => Certainty::Unofficial,
                (Some(_), Word::Reopened) | (None, Word::None | Word::Reopened) => Certainty::Provisional,
            },
            score: self.score(),
            winner,
            matches: self
                .played
                .iter()
                .enumerate()
                .map(|(index, played)| self.shown(index as u8 + 1, played))
                .collect(),
        }
    }

    fn shown(&self, number: u8, played: &Played) -> TieMatch {
        let players = |side| self.players_of(number, side).unwrap_or_default();
        TieMatch {
            number,
            status: match (&played.players, played.winner) {
                (_, Some(_)) => TieStatus::Finished,
                (Some(_), None) => TieStatus::InPlay,
                (None, None) => TieStatus::Scheduled,
            },
            players: Both::new(players(Side::Home), players(Side::Away)),
            games: played.games,
            winner: played.winner,
        }
    }

    pub(super) fn rubber(&self, number: u8) -> Option<Rubber> {
        self.format.rubbers.get(usize::from(number).checked_sub(1)?).copied()
    }

    pub(super) fn of_match(&self, number: u8) -> Option<&Played> {
        self.played.get(usize::from(number).checked_sub(1)?)
    }

    /// Whether a player is nominated for a team, or has played for it.
    pub(super) fn plays_for(&self, side: Side, player: &PlayerId) -> bool {
        let in_match = |played: &Played| {
            played.pair.of(side).iter().flatten().any(|one| one == player)
                || played.players.iter().any(|players| players.of(side).contains(player))
        };
        self.line_ups.of(side).contains(player) || self.played.iter().any(in_match)
    }

    fn of_match_mut(&mut self, number: u8) -> Option<&mut Played> {
        self.played.get_mut(usize::from(number).checked_sub(1)?)
    }
}

/// Folds one event that [`super::decide`] gave into the state of a tie. Total: what cannot follow changes nothing.
#[must_use]
pub fn evolve(state: TieState, event: &TieEvent) -> TieState {
    fold(state, event, Edition::CURRENT)
}

/// [`evolve`] for an event from a log: it means what it meant under the laws version recorded with it.
#[must_use]
pub fn replay(state: TieState, event: &TieEvent, laws_version: u32) -> TieState {
    fold(state, event, Edition::of(laws_version))
}

fn fold(mut state: TieState, event: &TieEvent, edition: Edition) -> TieState {
    match event {
        TieEvent::LineUpNominated { side, players } => state.line_ups.of_mut(*side).clone_from(players),
        TieEvent::Substituted { side, position, player } => {
            let index = usize::from(position.0).wrapping_sub(1);
            if let Some(place) = state.line_ups.of_mut(*side).get_mut(index) {
                *place = player.clone();
            }
        }
        TieEvent::PairNominated { number, side, pair } => {
            if let Some(played) = state.of_match_mut(*number) {
                *played.pair.of_mut(*side) = Some(pair.clone());
            }
        }
        TieEvent::MatchStarted { number, players, .. } => {
            if let Some(played) = state.of_match_mut(*number) {
                played.players = Some(players.clone());
            }
        }
        TieEvent::ResultRecorded { number, winner, games, cards, .. } => {
            state.word = Word::None;
            if let Some(played) = state.of_match_mut(*number) {
                played.winner = Some(*winner);
                played.games = *games;
                played.cards = cards.clone();
            }
        }
        TieEvent::ResultRetracted { number, .. } => {
            state.word = Word::None;
            if let Some(played) = state.of_match_mut(*number) {
                played.winner = None;
                played.games = Both::default();
                played.cards = Both::default();
            }
        }
        TieEvent::Conceded { side, .. } => {
            state.word = Word::None;
            state.conceded = Some(*side);
        }
        TieEvent::ResultConfirmed {} => state.word = Word::Confirmed,
        TieEvent::ResultReopened { .. } => {
            state.word = match edition {
                Edition::First => Word::None,
                Edition::Second => Word::Reopened,
            };
            state.conceded = None;
        }
    }
    state
}
