//! What is made of the events of all matches.

use std::num::NonZeroUsize;

use topspin_stream::{Builder, Encoded, Input, Reason, Topology};
use uuid::Uuid;

use crate::cards;
use crate::facts::{Id, Told};
use crate::payload::Payload;
use crate::profile;
use crate::ratings;
use crate::records;
use crate::referents;
use crate::settings::Settings;
use crate::strokes;

/// The name of the application.
pub const INSIGHT: &str = "insight";

/// The topic of statistics, keyed by the match's id as text.
pub const MATCH_STATISTICS: &str = "match-statistics";

/// The topic of the clock.
pub const CLOCK: &str = "clock";

/// The full name of the Protobuf message that the values of a topic are; `None` if no view writes it.
pub fn message_of(topic: &str) -> Option<&'static str> {
    match topic {
        MATCH_STATISTICS => Some("topspin.v1.MatchStatistics"),
        records::RECORDS => Some("topspin.v1.RecordList"),
        records::RECORD_NEWS => Some("topspin.v1.RecordDecision"),
        profile::PLAYER_PROFILES => Some("topspin.v1.PlayerProfile"),
        profile::PLAYER_FORM => Some("topspin.v1.PlayerForm"),
        ratings::PLAYER_RATINGS => Some("topspin.v1.PlayerRating"),
        ratings::MATCH_RATINGS => Some("topspin.v1.MatchRatings"),
        ratings::RATING_LISTS => Some("topspin.v1.RatingListState"),
        strokes::PLAYER_STROKES => Some("topspin.v1.PlayerStrokes"),
        cards::CARD_NEWS => Some("topspin.v1.MatchCard"),
        cards::MATCH_CARDS => Some("topspin.v1.MatchCards"),
        crate::totals::PLAYER_TOTALS => Some(crate::totals::PLAYER_TOTALS_MESSAGE),
        _ => None,
    }
}

/// Raised when a shape that is stored or repartitioned changes, and when the same events would come to other facts: what was
/// said of a match is not stored, but told again (`Stream::replayed`). A test pins what some histories come to.
const VERSION: u16 = 3;

/// Matches of a partition whose chronicles are at hand; the others are folded again at their next event.
const AT_HAND: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// `match-events`, with what `reference` says of what a match refers to → the facts of each match, as differences →
/// `match-statistics`, `records`, `record-news`, `player-profiles`, `player-form`, `player-strokes`, `player-ratings`,
/// `match-ratings`, `rating-lists`, `card-news` and `match-cards`.
///
/// # Panics
/// Never: its names are checked by a test.
pub fn insight(settings: &Settings) -> Topology {
    let builder = Builder::new(INSIGHT, settings.version(VERSION));
    let ticks = builder.ticks(CLOCK);
    let events = builder.stream("match-events", read);
    let facts = events
        .replayed("facts", AT_HAND, |told: &mut Told, _, event: &Payload, changes| told.take(event, changes));
    let told = facts.flat_map_values("told", |_, fact| fact.statistics().cloned());
    told.to_view(MATCH_STATISTICS, write);
    let marks = facts.flat_map_values("marks", |_, fact| fact.mark().copied());
    let subjects = facts.flat_map_values("subjects", |_, fact| fact.subject().cloned());
    let played = facts.flat_map_values("played", |_, fact| fact.played().cloned());
    let tonight = facts.flat_map_values("tonight-so-far", |_, fact| fact.tonight().cloned());
    let seen = facts.flat_map_values("seen-of-match", |_, fact| fact.seen().cloned());
    let exchanges = facts.flat_map_values("exchanges", |_, fact| fact.exchange().cloned());
    let subjects = referents::refer(&subjects, &referents::table(&builder, settings), settings);
    let zones = subjects.map_values("zones", |_, referred| referred.zone);
    let marks = referents::zoned("marks-zoned", &marks, &zones);
    let bouts = ratings::bouts(&played, &subjects);
    let played = referents::zoned("played-zoned", &played, &zones);
    let exchanges = referents::zoned("exchanges-zoned", &exchanges, &zones);
    let compared = profile::add(&played, &tonight, &ticks, settings);
    strokes::add(&exchanges, &ticks, settings);
    let upsets = ratings::add(&bouts, &ticks, settings);
    let of_matches = records::OfMatches { marks, subjects, bouts, upsets };
    let lists = records::add(&of_matches, &ticks, settings);
    cards::add(&seen, &lists, &compared);
    builder.build().expect("the names are valid, as a test shows")
}

/// An event under its match's id. What is in it is read where it is folded.
fn read(input: &Input<'_>) -> Result<Option<(Id, Payload)>, Reason> {
    let text = input.key.and_then(|key| std::str::from_utf8(key).ok());
    let id = text.and_then(|text| text.parse::<Uuid>().ok());
    let id = id.ok_or_else(|| Reason::from("the key is no match id"))?;
    Ok(Some((id.into_bytes(), Payload::from(input.value.unwrap_or_default()))))
}

fn write(id: &Id, told: Option<&Payload>, record: &mut Encoded) {
    record.key.extend_from_slice(Uuid::from_bytes(*id).to_string().as_bytes());
    record.value.extend_from_slice(told.map_or(&[], Payload::as_bytes));
}
