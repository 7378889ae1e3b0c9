//! Ratings of players in singles, by month: Glicko-2 and Elo.
//!
//! A singles counts when it is over, in the month of its first rally. Opponents count with what they were rated when the month began,
//! as in Glickman's rating periods; a player's own rating goes on after each match of the month. What is late or corrected is found
//! again from its month on, by those whom it touches, a bounded number at a time.

mod batch;
mod bout;
mod system;
mod upset;

use std::num::NonZeroU32;

use topspin_event::{MatchId, MatchRatings, PlayerId, PlayerRating, RatingListState, wire};
use topspin_laws::Both;
use topspin_stream::{Encoded, Stream, Ticks, Valued};
use uuid::Uuid;

pub use batch::ratings_before;
pub(crate) use bout::Bout;
pub use system::{RatingList, UnknownList};

use crate::facts::Id;
use crate::limits::RATED_A_STEP;
use crate::profile::Played;
use crate::records::{Entry, RecordKey, Zoned};
use crate::referents::Referred;
use crate::settings::Settings;
use system::{Ratings, Value};

/// The topic of ratings, keyed by `<list>/<player>`.
pub const PLAYER_RATINGS: &str = "player-ratings";

/// The topic of what the players of a match were rated before it, keyed by `<match>/<list>`.
pub const MATCH_RATINGS: &str = "match-ratings";

/// The topic of lists of which not all is found yet, keyed by the list.
pub const RATING_LISTS: &str = "rating-lists";

/// The singles that have a place among the others, each under its match's id.
pub(crate) fn bouts(played: &Stream<Id, Played>, subjects: &Stream<Id, Referred>) -> Stream<Id, Bout> {
    let bouts = played.join("bouts-of", subjects, |id, played, referred| Bout::of(*id, played, referred));
    bouts.flat_map_values("bouts", |_, bout| bout.clone())
}

/// Adds the ratings to a topology. Gives the upsets.
pub(crate) fn add(
    bouts: &Stream<Id, Bout>,
    ticks: &Ticks,
    settings: &Settings,
) -> Stream<RecordKey, Zoned<Entry>> {
    let zones = settings.zones.with_default(&settings.seasons.zone);
    let meetings = bouts.flat_map("ratings-meetings", move |_, bout| {
        let meeting = bout.meeting(&zones);
        RatingList::ALL.into_iter().filter_map(move |list| Some((list, meeting.clone()?)))
    });
    let most = NonZeroU32::new(RATED_A_STEP).expect("some at a time");
    let told = meetings.repartition("meetings-by-list").rounds("ratings", ticks, most, Ratings);
    let latest = told.flat_map_values("ratings-latest", |_, told| match told {
        Valued::Latest { entity, round, value } => Some((*entity, (*round, *value))),
        Valued::Before { .. } | Valued::Pending(_) => None,
    });
    let latest = latest.refine("latest-of-player", |list, (player, rated)| ((*list, *player), *rated));
    latest.to_view(PLAYER_RATINGS, write_player);
    let pending = told.flat_map_values("ratings-pending", |_, told| match told {
        Valued::Pending(count) => Some(*count),
        Valued::Latest { .. } | Valued::Before { .. } => None,
    });
    pending.to_view(RATING_LISTS, |list, pending, record| write_pending(*list, pending.copied(), record));
    let before = told.flat_map_values("ratings-before", |_, told| match told {
        Valued::Before { meeting, place, value } => Some((meeting.outcome.clone(), *place, *value)),
        Valued::Latest { .. } | Valued::Pending(_) => None,
    });
    let sides = before.refine("before-match", |list, (bout, place, value)| {
        ((*list, bout.match_id), (bout.clone(), *place, *value))
    });
    let matches = sides.reduce("rated-matches", |_, sides| match sides {
        [((bout, 0, home), _), ((_, _, away), _)] => Some((bout.clone(), *home, *away)),
        _ => None,
    });
    matches.to_view(MATCH_RATINGS, write_match);
    let kinds = settings.scopes.clone();
    matches.flat_map("upsets", move |(list, _), (bout, home, away)| {
        if *list == RatingList::Glicko2 {
            upset::places(bout, &Both::new(*home, *away), &kinds)
        } else {
            Vec::new()
        }
    })
}

/// The key of a rating on its topic.
pub fn rating_key(list: RatingList, player: PlayerId) -> String {
    format!("{}/{player}", list.as_str())
}

/// The key of the ratings before a match on their topic.
pub fn match_rating_key(match_id: MatchId, list: RatingList) -> String {
    format!("{match_id}/{}", list.as_str())
}

fn write_player((list, player): &(RatingList, Id), rated: Option<&(i32, Value)>, record: &mut Encoded) {
    let player_id = PlayerId(Uuid::from_bytes(*player));
    record.key.extend_from_slice(rating_key(*list, player_id).as_bytes());
    let Some((round, value)) = rated else { return };
    let month = bout::month_of(*round);
    let list = list.as_str().to_owned();
    let rating = PlayerRating { player_id, list, month, rating: value.told() };
    record.value.extend_from_slice(&wire::encode_player_rating(&rating));
}

fn write_pending(list: RatingList, pending: Option<u64>, record: &mut Encoded) {
    record.key.extend_from_slice(list.as_str().as_bytes());
    let Some(pending) = pending else { return };
    let state = RatingListState { list: list.as_str().to_owned(), pending };
    record.value.extend_from_slice(&wire::encode_rating_list_state(&state));
}

fn write_match(
    (list, match_id): &(RatingList, Id),
    rated: Option<&(Bout, Value, Value)>,
    record: &mut Encoded,
) {
    let match_id = MatchId(Uuid::from_bytes(*match_id));
    record.key.extend_from_slice(match_rating_key(match_id, *list).as_bytes());
    let Some((_, home, away)) = rated else { return };
    let (list, before) = (list.as_str().to_owned(), Both::new(home.told(), away.told()));
    record.value.extend_from_slice(&wire::encode_match_ratings(&MatchRatings { match_id, list, before }));
}
