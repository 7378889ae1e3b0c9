//! The views: statistics, records, ratings, forecasts, comparisons.
//!
//! A view is a [`Topology`](topspin_stream::Topology), a plain value. What it reads are the topics of matches; what it says
//! is on a compacted topic of its own. Because only differences flow, a corrected point, a reopened result and a match that
//! arrives a day late are the same thing: rows that go and rows that come.
//!
//! A view holds integers. What is computed from them in floating point is a pure function, asked on reading: so is
//! [`forecast`].

mod cards;
mod chronicle;
mod facts;
pub mod forecast;
pub mod limits;
mod mark;
mod metric;
mod payload;
mod profile;
mod rally;
mod ratings;
mod records;
mod referents;
mod settings;
mod statistics;
mod strokes;
mod topology;
mod totals;
mod zones;

pub use cards::{CARD_KINDS, CARD_NEWS, MATCH_CARDS, most_unusual};
pub use chronicle::{Chronicle, Rallies, Stamp};
pub use mark::{Mark, marks};
pub use metric::{Metric, UnknownMetric};
pub use profile::{
    Aspect, Comparison, Counts, DAY_TO_DAY, FALSE_ALARMS, PLAYER_FORM, PLAYER_PROFILES, PROFILE_WINDOWS,
    compare, ln_as_ever, profile_key,
};
pub use rally::{Rally, Stake};
pub use ratings::{
    MATCH_RATINGS, PLAYER_RATINGS, RATING_LISTS, RatingList, UnknownList, match_rating_key, rating_key,
    ratings_before,
};
pub use records::{
    RECORD_NEWS, RECORDS, RecordKey, Scope, ScopeKind, Seasons, UnknownScope, UnknownWindow, Window,
    kept_for, record_key,
};
pub use settings::{Settings, same_shape};
pub use statistics::{momentum, statistics};
pub use strokes::{PLAYER_STROKES, strokes};
pub use topology::{CLOCK, INSIGHT, MATCH_STATISTICS, insight, message_of};
pub use totals::{PLAYER_TOTALS, PLAYER_TOTALS_MESSAGE, player_totals};
pub use zones::Zones;
