//! Records and leader boards: metric × scope × window.
//!
//! Of each match only its own ten best marks of a metric can be among the ten best of anything that the whole match belongs
//! to. So each match finds its ten, and only these go to the lists of all its scopes.

mod entry;
mod kept;
mod runs;
mod scope;
mod window;

use std::collections::BTreeSet;
use std::sync::Arc;

use topspin_event::{MatchId, RecordDecision, RecordEntry, RecordList, wire};
use topspin_stream::{Decision, Encoded, Moment, Row, Stream, Ticks, Time};
use uuid::Uuid;

pub(crate) use entry::Entry;
pub use entry::RecordKey;
use entry::order_in_match;
pub use kept::kept_for;
pub use scope::{Scope, ScopeKind, UnknownScope};
pub use window::{Seasons, UnknownWindow, Window};

use crate::facts::Id;
use crate::limits::TEN;
use crate::mark::Mark;
use crate::ratings::Bout;
use crate::referents::Referred;
use crate::settings::Settings;

/// The topic of the lists, keyed by `<metric>/<scope>/<window>`.
pub const RECORDS: &str = "records";

/// The topic of what became of records: set, equalled, withdrawn.
pub const RECORD_NEWS: &str = "record-news";

/// A mark or a place with the number of the zone whose calendar counts for it.
pub(crate) type Zoned<V> = (V, u16);

/// What could be records: all but the upsets under the match's id, the upsets of all time in their scopes.
pub(crate) struct OfMatches {
    pub marks: Stream<Id, Zoned<Mark>>,
    pub subjects: Stream<Id, Referred>,
    pub bouts: Stream<Id, Bout>,
    pub upsets: Stream<RecordKey, Zoned<Entry>>,
}

/// Adds the lists to a topology, and gives them.
pub(crate) fn add(of: &OfMatches, ticks: &Ticks, settings: &Settings) -> Stream<RecordKey, Vec<Entry>> {
    let (marks, subjects) = (&of.marks, &of.subjects);
    let places = ever(marks, subjects, settings).merge("places", &lately(marks, subjects, ticks, settings));
    let runs = in_windows("winning-runs", &runs::places(&of.bouts, &settings.scopes), ticks, settings);
    let upsets = in_windows("upset-places", &of.upsets, ticks, settings);
    // Each finds its own ten where it is, and only these go on.
    let first = |name: &str, topic: &str, places: &Stream<RecordKey, Entry>| {
        places.top(name, TEN, |_, entry: &Entry| entry.order()).repartition(topic)
    };
    let all = first("best.local", "places-by-list", &places)
        .merge("with-runs", &first("best-runs", "runs-by-list", &runs))
        .merge("with-upsets", &first("best-upsets", "upsets-by-list", &upsets));
    let best = all.top("best", TEN, |_, entry: &Entry| entry.order());
    let lists = best.reduce("lists", |_, entries| {
        let mut list: Vec<Entry> = entries.iter().map(|(entry, _)| *entry).collect();
        list.sort_by_key(Entry::order);
        Some(list)
    });
    lists.to_view(RECORDS, write_list);
    let holders = lists.map_values("holders", |_, list: &Vec<Entry>| {
        let best = list.first().map(|first| first.mark.value);
        list.iter().filter(|entry| Some(entry.mark.value) == best).copied().collect::<Vec<_>>()
    });
    holders.decisions("news").to_stream(RECORD_NEWS, |row, _, record| write_news(row, record));
    lists
}

/// What is of all time also in its season and, as long as it lasts, among the last 24 months.
fn in_windows(
    name: &str,
    places: &Stream<RecordKey, Zoned<Entry>>,
    ticks: &Ticks,
    settings: &Settings,
) -> Stream<RecordKey, Entry> {
    let seasons = settings.seasons_by_zone();
    let ever = places.flat_map(&format!("{name}.ever"), move |key, (entry, zone): &Zoned<Entry>| {
        let season = entry.mark.at.and_then(|at| seasons[usize::from(*zone)].year(at)).map(Window::Season);
        let windows = season.into_iter().chain([Window::AllTime]);
        windows.map(|window| (RecordKey { window, ..key.clone() }, *entry)).collect::<Vec<_>>()
    });
    let dated = places.filter(&format!("{name}.dated"), |_, (entry, _)| entry.mark.at.is_some());
    let recent =
        dated.last_months(&format!("{name}.24-months"), ticks, settings.lately(), |_, (entry, zone)| {
            moment(&entry.mark, *zone)
        });
    let lately = recent.map(&format!("{name}.lately"), |key, (entry, _)| {
        (RecordKey { window: Window::Months24, ..key.clone() }, *entry)
    });
    ever.merge(name, &lately)
}

fn moment(mark: &Mark, zone: u16) -> Moment {
    Moment { at: Time(mark.at.unwrap_or(i64::MIN)), zone }
}

/// Of all time, and of each season.
fn ever(
    marks: &Stream<Id, Zoned<Mark>>,
    subjects: &Stream<Id, Referred>,
    settings: &Settings,
) -> Stream<RecordKey, Entry> {
    let (seasons, kinds) = (Arc::<[Seasons]>::from(settings.seasons_by_zone()), settings.scopes.clone());
    let of_season = Arc::clone(&seasons);
    let season = move |(mark, zone): &Zoned<Mark>| of_season[usize::from(*zone)].year(mark.at?);
    // Of each season apart: a match that goes on after midnight has its ten in both.
    let tops = marks.top_of_each(
        "tops",
        TEN,
        move |_, zoned| (zoned.0.metric as u8, season(zoned)),
        |_, (mark, _)| order_in_match(mark),
    );
    tops.join("tops-of", subjects, |_, (mark, _), subject| (*mark, subject.clone())).flat_map(
        "ever",
        move |id, (mark, subject)| {
            let seasons = &seasons[usize::from(subject.zone)];
            let season = mark.at.and_then(|at| seasons.year(at)).map(Window::Season);
            let windows: Vec<Window> = season.into_iter().chain([Window::AllTime]).collect();
            placed(*id, mark, (subject, &kinds), &windows)
        },
    )
}

/// Of the last 24 months.
fn lately(
    marks: &Stream<Id, Zoned<Mark>>,
    subjects: &Stream<Id, Referred>,
    ticks: &Ticks,
    settings: &Settings,
) -> Stream<RecordKey, Entry> {
    let kinds = settings.scopes.clone();
    let dated = marks.filter("dated", |_, (mark, _)| mark.at.is_some());
    let recent =
        dated.last_months("last-24-months", ticks, settings.lately(), |_, (mark, zone)| moment(mark, *zone));
    let tops = recent.top_of_each(
        "recent-tops",
        TEN,
        |_, (mark, _)| mark.metric as u8,
        |_, (mark, _)| order_in_match(mark),
    );
    tops.join("recent-tops-of", subjects, |_, (mark, _), subject| (*mark, subject.clone()))
        .flat_map("lately", move |id, (mark, subject)| {
            placed(*id, mark, (subject, &kinds), &[Window::Months24])
        })
}

fn placed(
    match_id: Id,
    mark: &Mark,
    (subject, kinds): (&Referred, &BTreeSet<ScopeKind>),
    windows: &[Window],
) -> Vec<(RecordKey, Entry)> {
    let scopes = Scope::of(mark, subject, kinds);
    let keys = scopes.iter().flat_map(|scope| windows.iter().map(move |window| (scope.clone(), *window)));
    keys.map(|(scope, window)| {
        (RecordKey { metric: mark.metric, scope, window }, Entry { match_id, mark: *mark })
    })
    .collect()
}

/// The key of a list on its topic.
pub fn record_key(key: &RecordKey) -> String {
    format!("{}/{}/{}", key.metric.as_str(), key.scope, key.window)
}

fn write_list(key: &RecordKey, list: Option<&Vec<Entry>>, record: &mut Encoded) {
    record.key.extend_from_slice(record_key(key).as_bytes());
    let Some(list) = list else { return };
    record.value.extend_from_slice(&wire::encode_record_list(&RecordList {
        metric: key.metric.as_str().to_owned(),
        scope: key.scope.to_string(),
        window: key.window.to_string(),
        entries: list.iter().map(told).collect(),
    }));
}

fn write_news(row: &Row<RecordKey, Decision<Vec<Entry>>>, record: &mut Encoded) {
    let key = &row.key;
    record.key.extend_from_slice(record_key(key).as_bytes());
    let (id, holders, withdrawn) = match &row.value {
        Decision::Made { id, value } => (*id, value, false),
        Decision::Withdrawn { id, value } => (*id, value, true),
    };
    record.value.extend_from_slice(&wire::encode_record_decision(&RecordDecision {
        id,
        withdrawn,
        metric: key.metric.as_str().to_owned(),
        scope: key.scope.to_string(),
        window: key.window.to_string(),
        holders: holders.iter().map(told).collect(),
    }));
}

fn told(entry: &Entry) -> RecordEntry {
    entry.mark.entry(MatchId(Uuid::from_bytes(entry.match_id)))
}
