//! Profiles of players and their form.

use bytes::Bytes;
use prost::Message as _;

use super::read::{DecodeError, each, fit, id, id_bytes, optional_id, optional_time};
use super::v1;
use crate::{AspectTally, MatchId, PlayerForm, PlayerId, PlayerProfile, PlayerResult, Tally, Timestamp};

/// The bytes of a profile.
pub fn encode_player_profile(profile: &PlayerProfile) -> Bytes {
    let aspect = |one: &AspectTally| v1::AspectTally {
        aspect: one.aspect.clone(),
        won: one.tally.won,
        of: one.tally.of,
    };
    let wire = v1::PlayerProfile {
        player_id: id_bytes(profile.player_id.0),
        opponent_id: profile.opponent_id.map(|id| id_bytes(id.0)),
        window: profile.window.clone(),
        aspects: profile.aspects.iter().map(aspect).collect(),
    };
    wire.encode_to_vec().into()
}

/// Reads a profile.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_player_profile(bytes: &[u8]) -> Result<PlayerProfile, DecodeError> {
    let wire = v1::PlayerProfile::decode(bytes)?;
    let aspect =
        |one: v1::AspectTally| AspectTally { aspect: one.aspect, tally: Tally { won: one.won, of: one.of } };
    Ok(PlayerProfile {
        player_id: PlayerId(id(&wire.player_id, "player_id")?),
        opponent_id: optional_id(wire.opponent_id.as_ref(), "opponent_id")?.map(PlayerId),
        window: wire.window,
        aspects: wire.aspects.into_iter().map(aspect).collect(),
    })
}

/// The bytes of a form.
pub fn encode_player_form(form: &PlayerForm) -> Bytes {
    let result = |one: &PlayerResult| v1::PlayerResult {
        match_id: id_bytes(one.match_id.0),
        at: one.at.map(Timestamp::as_millis),
        opponent_id: id_bytes(one.opponent_id.0),
        won: one.won,
        games_won: one.games_won.into(),
        games_lost: one.games_lost.into(),
    };
    let wire = v1::PlayerForm {
        player_id: id_bytes(form.player_id.0),
        results: form.results.iter().map(result).collect(),
    };
    wire.encode_to_vec().into()
}

/// Reads a form.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_player_form(bytes: &[u8]) -> Result<PlayerForm, DecodeError> {
    let wire = v1::PlayerForm::decode(bytes)?;
    let result = |one: v1::PlayerResult| {
        Ok::<_, DecodeError>(PlayerResult {
            match_id: MatchId(id(&one.match_id, "match_id")?),
            at: optional_time(one.at, "at")?,
            opponent_id: PlayerId(id(&one.opponent_id, "opponent_id")?),
            won: one.won,
            games_won: fit(one.games_won, "games_won")?,
            games_lost: fit(one.games_lost, "games_lost")?,
        })
    };
    Ok(PlayerForm {
        player_id: PlayerId(id(&wire.player_id, "player_id")?),
        results: each(wire.results, result)?,
    })
}
