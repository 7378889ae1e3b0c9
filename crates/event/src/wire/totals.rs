//! What views say of players.

use bytes::Bytes;
use prost::Message as _;

use super::read::{DecodeError, id, id_bytes};
use super::v1;
use crate::{PlayerId, PlayerTotals};

/// The bytes of a player's totals.
pub fn encode_player_totals(totals: &PlayerTotals) -> Bytes {
    let wire = v1::PlayerTotals {
        player_id: id_bytes(totals.player_id.0),
        matches: totals.matches,
        matches_won: totals.matches_won,
        matches_lost: totals.matches_lost,
        games_won: totals.games_won,
        games_lost: totals.games_lost,
        points_won: totals.points_won,
        points_lost: totals.points_lost,
    };
    wire.encode_to_vec().into()
}

/// Reads a player's totals.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_player_totals(bytes: &[u8]) -> Result<PlayerTotals, DecodeError> {
    let wire = v1::PlayerTotals::decode(bytes)?;
    Ok(PlayerTotals {
        player_id: PlayerId(id(&wire.player_id, "player_id")?),
        matches: wire.matches,
        matches_won: wire.matches_won,
        matches_lost: wire.matches_lost,
        games_won: wire.games_won,
        games_lost: wire.games_lost,
        points_won: wire.points_won,
        points_lost: wire.points_lost,
    })
}
