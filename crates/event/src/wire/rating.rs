//! What views say of the strength of players.

use bytes::Bytes;
use prost::Message as _;
use topspin_laws::Both;

use super::read::{DecodeError, id, id_bytes};
use super::v1;
use crate::{MatchId, MatchRatings, PlayerId, PlayerRating, Rating, RatingListState};

/// The bytes of a player's rating.
pub fn encode_player_rating(rating: &PlayerRating) -> Bytes {
    let wire = v1::PlayerRating {
        player_id: id_bytes(rating.player_id.0),
        list: rating.list.clone(),
        month: rating.month.clone(),
        rating: Some(written(rating.rating)),
    };
    wire.encode_to_vec().into()
}

/// Reads a player's rating.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_player_rating(bytes: &[u8]) -> Result<PlayerRating, DecodeError> {
    let wire = v1::PlayerRating::decode(bytes)?;
    Ok(PlayerRating {
        player_id: PlayerId(id(&wire.player_id, "player_id")?),
        list: wire.list,
        month: wire.month,
        rating: read(wire.rating),
    })
}

/// The bytes of the ratings before a match.
pub fn encode_match_ratings(ratings: &MatchRatings) -> Bytes {
    let wire = v1::MatchRatings {
        match_id: id_bytes(ratings.match_id.0),
        list: ratings.list.clone(),
        home: Some(written(ratings.before.home)),
        away: Some(written(ratings.before.away)),
    };
    wire.encode_to_vec().into()
}

/// Reads the ratings before a match.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_match_ratings(bytes: &[u8]) -> Result<MatchRatings, DecodeError> {
    let wire = v1::MatchRatings::decode(bytes)?;
    Ok(MatchRatings {
        match_id: MatchId(id(&wire.match_id, "match_id")?),
        list: wire.list,
        before: Both::new(read(wire.home), read(wire.away)),
    })
}

/// The bytes of the state of a list.
pub fn encode_rating_list_state(state: &RatingListState) -> Bytes {
    v1::RatingListState { list: state.list.clone(), pending: state.pending }.encode_to_vec().into()
}

/// Reads the state of a list.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_rating_list_state(bytes: &[u8]) -> Result<RatingListState, DecodeError> {
    let wire = v1::RatingListState::decode(bytes)?;
    Ok(RatingListState { list: wire.list, pending: wire.pending })
}

fn written(rating: Rating) -> v1::Rating {
    let Rating { rating_thousandths, deviation_thousandths, volatility_billionths, matches } = rating;
    v1::Rating { rating_thousandths, deviation_thousandths, volatility_billionths, matches }
}

/// A message whose fields are all absent is left out where it stands in another.
fn read(wire: Option<v1::Rating>) -> Rating {
    let v1::Rating { rating_thousandths, deviation_thousandths, volatility_billionths, matches } =
        wire.unwrap_or_default();
    Rating { rating_thousandths, deviation_thousandths, volatility_billionths, matches }
}
