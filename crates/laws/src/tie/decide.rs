//! Deciding a command to a tie.

use super::state::Word;
use super::{MatchCards, PlayerId, Position, Rubber, TieCommand, TieEvent, TieRejection, TieState};
use crate::format::MAX_GAMES_TO_WIN;
use crate::{Both, Side};

/// Decides a command against the state of a tie.
///
/// # Errors
/// A [`TieRejection`] naming the regulation; nothing has happened then.
pub fn decide(state: &TieState, command: &TieCommand) -> Result<Vec<TieEvent>, TieRejection> {
    if state.word == Word::Confirmed && !matches!(command, TieCommand::ReopenResult { .. }) {
        return Err(TieRejection::Official);
    }
    let event = match command {
        TieCommand::NominateLineUp { side, players } => line_up(state, *side, players)?,
        TieCommand::NominatePair { side, number, pair } => pair_for(state, *side, *number, pair)?,
        TieCommand::Substitute { side, position, player } => substitution(state, *side, *position, player)?,
        TieCommand::StartMatch { number } => start(state, *number)?,
        TieCommand::RecordResult { number, winner, games, cards } => {
            recorded(state, *number, (*winner, *games), cards)?
        }
        TieCommand::RetractResult { number, reason } => {
            require_match(state, *number)?;
            if state.of_match(*number).is_none_or(|played| played.winner.is_none()) {
                return Err(TieRejection::NoMatchResult { number: *number });
            }
            TieEvent::ResultRetracted { number: *number, reason: reason.clone() }
        }
        TieCommand::Concede { side, reason } => {
            require_undecided(state)?;
            TieEvent::Conceded { side: *side, reason: reason.clone() }
        }
        TieCommand::ConfirmResult {} => {
            require_decided(state)?;
            TieEvent::ResultConfirmed {}
        }
        TieCommand::ReopenResult { reason } => {
            require_decided(state)?;
            TieEvent::ResultReopened { reason: reason.clone() }
        }
    };
    Ok(vec![event])
}

fn require_match(state: &TieState, number: u8) -> Result<Rubber, TieRejection> {
    state.rubber(number).ok_or(TieRejection::NoSuchMatch { matches: state.format.rubbers.len() })
}

fn require_decided(state: &TieState) -> Result<(), TieRejection> {
    if state.winner().is_some() { Ok(()) } else { Err(TieRejection::NotDecided) }
}

fn require_undecided(state: &TieState) -> Result<(), TieRejection> {
    if state.winner().is_none() { Ok(()) } else { Err(TieRejection::Decided) }
}

fn line_up(state: &TieState, side: Side, players: &[PlayerId]) -> Result<TieEvent, TieRejection> {
    if state.played.iter().any(|played| played.players.is_some()) {
        return Err(TieRejection::AlreadyBegun);
    }
    let positions = state.format.positions;
    let repeated = players.iter().enumerate().any(|(index, player)| players[..index].contains(player));
    if players.len() != usize::from(positions) || repeated {
        return Err(TieRejection::LineUpSize { positions });
    }
    require_one_team(state, side, players)?;
    Ok(TieEvent::LineUpNominated { side, players: players.to_vec() })
}

fn pair_for(
    state: &TieState,
    side: Side,
    number: u8,
    pair: &[PlayerId; 2],
) -> Result<TieEvent, TieRejection> {
    if require_match(state, number)? != (Rubber::Doubles {}) || pair[0] == pair[1] {
        return Err(TieRejection::NoPair);
    }
    if state.of_match(number).is_some_and(|played| played.players.is_some()) {
        return Err(TieRejection::MatchBegun { number });
    }
    require_one_team(state, side, pair)?;
    Ok(TieEvent::PairNominated { side, number, pair: pair.clone() })
}

fn substitution(
    state: &TieState,
    side: Side,
    position: Position,
    player: &PlayerId,
) -> Result<TieEvent, TieRejection> {
    require_undecided(state)?;
    let line_up = state.line_ups.of(side);
    if line_up.is_empty() {
        return Err(TieRejection::LineUpMissing { side });
    }
    if !(1..=line_up.len()).contains(&usize::from(position.0)) || line_up.contains(player) {
        return Err(TieRejection::NoSubstitution);
    }
    require_one_team(state, side, std::slice::from_ref(player))?;
    Ok(TieEvent::Substituted { side, position, player: player.clone() })
}

/// Nobody plays for both teams.
fn require_one_team(state: &TieState, side: Side, players: &[PlayerId]) -> Result<(), TieRejection> {
    if players.iter().any(|player| state.plays_for(side.other(), player)) {
        Err(TieRejection::BothTeams)
    } else {
        Ok(())
    }
}

/// Cards are shown to those who played the match.
fn require_players(players: &Both<Vec<PlayerId>>, cards: &Both<Vec<MatchCards>>) -> Result<(), TieRejection> {
    let known = |side| cards.of(side).iter().all(|shown| players.of(side).contains(&shown.player));
    if Side::BOTH.into_iter().all(known) { Ok(()) } else { Err(TieRejection::NotInMatch) }
}

/// Games that a match won by `winner` can have in some format (Law 2.12.1). The tie does not know the format of its
/// matches, and a side that retires may lead: the winner need not have more games.
fn require_possible(winner: Side, games: Both<u8>) -> Result<(), TieRejection> {
    let possible = *games.of(winner) <= MAX_GAMES_TO_WIN && *games.of(winner.other()) < MAX_GAMES_TO_WIN;
    if possible { Ok(()) } else { Err(TieRejection::ImpossibleGames) }
}

fn start(state: &TieState, number: u8) -> Result<TieEvent, TieRejection> {
    let rubber = require_match(state, number)?;
    require_undecided(state)?;
    if state.of_match(number).is_some_and(|played| played.players.is_some()) {
        return Err(TieRejection::MatchBegun { number });
    }
    let players = |side| {
        state.players_of(number, side).ok_or(match rubber {
            Rubber::Singles { .. } => TieRejection::LineUpMissing { side },
            Rubber::Doubles {} => TieRejection::PairMissing { side },
        })
    };
    let players = Both::new(players(Side::Home)?, players(Side::Away)?);
    Ok(TieEvent::MatchStarted { number, players, carried_cards: state.carried_cards(number) })
}

fn recorded(
    state: &TieState,
    number: u8,
    (winner, games): (Side, Both<u8>),
    cards: &Both<Vec<MatchCards>>,
) -> Result<TieEvent, TieRejection> {
    require_match(state, number)?;
    let played = state.of_match(number).ok_or(TieRejection::MatchNotBegun { number })?;
    match (&played.players, played.winner) {
        (_, Some(_)) => return Err(TieRejection::MatchBegun { number }),
        (None, None) => return Err(TieRejection::MatchNotBegun { number }),
        (Some(players), None) => require_players(players, cards)?,
    }
    require_possible(winner, games)?;
    let mut score = state.score();
    *score.of_mut(winner) += 1;
    Ok(TieEvent::ResultRecorded { number, winner, games, cards: cards.clone(), score })
}
