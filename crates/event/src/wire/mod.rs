//! The records as they are on the log: `proto/topspin/v1`, and the conversions from and to the words of this crate.
//!
//! What a later version writes is not lost here: a payload's bytes are passed on as they came, and an event or an enum
//! value that this version does not know becomes [`crate::MatchEvent::Unknown`].

mod cards;
mod enums;
mod forward;
mod law_event;
mod law_event_read;
mod meta;
mod pattern;
mod profile;
mod rating;
mod read;
mod recorded;
mod records;
mod reference;
mod snapshot;
mod statistics;
mod stroke;
mod tie;
mod totals;
mod verdict;

pub use cards::{decode_match_card, decode_match_cards, encode_match_card, encode_match_cards};
pub use forward::{decode_reply, decode_request, encode_reply, encode_request};
pub use pattern::{decode_player_strokes, encode_player_strokes};
pub use profile::{decode_player_form, decode_player_profile, encode_player_form, encode_player_profile};
pub use rating::{
    decode_match_ratings, decode_player_rating, decode_rating_list_state, encode_match_ratings,
    encode_player_rating, encode_rating_list_state,
};
pub use read::DecodeError;
pub use recorded::{decode_recorded, encode_recorded, holds_unknown, position_of};
pub use records::{decode_record_decision, decode_record_list, encode_record_decision, encode_record_list};
pub use reference::{
    decode_anomaly, decode_device, decode_reference, encode_anomaly, encode_device, encode_reference,
};
pub use snapshot::{decode_snapshot, encode_snapshot};
pub use statistics::{decode_match_statistics, encode_match_statistics};
pub use tie::{decode_tie_recorded, decode_tie_snapshot, encode_tie_recorded, encode_tie_snapshot};
pub use totals::{decode_player_totals, encode_player_totals};
pub use verdict::{decode_verdict, encode_command_record, encode_verdict};

/// The generated types: exactly what `proto/topspin/v1` says, for those who want the wire as it is.
#[allow(missing_docs, clippy::pedantic, clippy::large_enum_variant)]
#[rustfmt::skip]
pub mod v1 {
    include!("topspin.v1.rs");
}
