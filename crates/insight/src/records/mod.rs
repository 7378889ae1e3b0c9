//! Records and leader boards: metric × scope × window.

mod entry;
mod kept;
mod nested;
mod runs;
mod scope;
mod window;

use topspin_event::{MatchId, RecordDecision, RecordEntry, RecordList, wire};
use topspin_stream::{Decision, Encoded, Moment, Row, Stream, Ticks, Time};
use uuid::Uuid;

pub(crate) use entry::Entry;
pub use entry::RecordKey;
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
    let lists = all.top_list("lists", TEN, |_, entry: &Entry| entry.order());
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
    let seasons = settings.seasons_by_zone();
    // Of each season apart: a match that goes on after midnight has its ten in both.
    let marks = marks.refine("marks-by-season", move |id, (mark, zone)| {
        let season = mark.at.and_then(|at| seasons[usize::from(*zone)].year(at));
        ((*id, nested::kind(mark, season)), *mark)
    });
    nested::places("ever", &marks, subjects, settings, |season| {
        season.map(Window::Season).into_iter().chain([Window::AllTime]).collect()
    })
}

/// Of the last 24 months.
fn lately(
    marks: &Stream<Id, Zoned<Mark>>,
    subjects: &Stream<Id, Referred>,
    ticks: &Ticks,
    settings: &Settings,
) -> Stream<RecordKey, Entry> {
    let dated = marks.filter("dated", |_, (mark, _)| mark.at.is_some());
    let recent =
        dated.last_months("last-24-months", ticks, settings.lately(), |_, (mark, zone)| moment(mark, *zone));
    let recent = recent.refine("recent-marks", |id, (mark, _)| ((*id, nested::kind(mark, None)), *mark));
    nested::places("lately", &recent, subjects, settings, |_| vec![Window::Months24])
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
