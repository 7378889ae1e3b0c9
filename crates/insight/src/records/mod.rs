//! Records and leader boards: metric × scope × window.
//!
//! Of each match only its own ten best marks of a metric can be among the ten best of anything that the whole match belongs
//! to. So each match finds its ten, and only these go to the lists of all its scopes.

mod entry;
mod scope;
mod window;

use std::collections::BTreeSet;

use topspin_event::{MatchId, RecordDecision, RecordEntry, RecordList, wire};
use topspin_stream::{Decision, Encoded, Moment, Row, Stream, Ticks, Time};
use uuid::Uuid;

pub(crate) use entry::Entry;
pub use entry::RecordKey;
use entry::order_in_match;
pub use scope::{Scope, ScopeKind, UnknownScope};
pub use window::{Seasons, UnknownWindow, Window};

use crate::facts::{Id, Subject};
use crate::limits::TEN;
use crate::mark::Mark;
use crate::settings::Settings;

/// The topic of the lists, keyed by `<metric>/<scope>/<window>`.
pub const RECORDS: &str = "records";

/// The topic of what became of records: set, equalled, withdrawn.
pub const RECORD_NEWS: &str = "record-news";

/// Adds the lists to a topology, and gives them: `marks` and `subjects` are under the match's id.
pub(crate) fn add(
    marks: &Stream<Id, Mark>,
    subjects: &Stream<Id, Subject>,
    ticks: &Ticks,
    settings: &Settings,
) -> Stream<RecordKey, Vec<Entry>> {
    let places = ever(marks, subjects, settings).merge("places", &lately(marks, subjects, ticks, settings));
    let best = places.top_everywhere("best", "places-by-list", TEN, |_, entry: &Entry| entry.order());
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

/// Of all time, and of each season.
fn ever(
    marks: &Stream<Id, Mark>,
    subjects: &Stream<Id, Subject>,
    settings: &Settings,
) -> Stream<RecordKey, Entry> {
    let (seasons, kinds) = (settings.seasons.clone(), settings.scopes.clone());
    let of_season = seasons.clone();
    let season = move |mark: &Mark| mark.at.and_then(|at| of_season.year(at));
    // Of each season apart: a match that goes on after midnight has its ten in both.
    let tops = marks.top_of_each(
        "tops",
        TEN,
        move |_, mark| (mark.metric as u8, season(mark)),
        |_, mark| order_in_match(mark),
    );
    tops.join("tops-of", subjects, |_, mark, subject| (*mark, subject.clone())).flat_map(
        "ever",
        move |id, (mark, subject)| {
            let season = mark.at.and_then(|at| seasons.year(at)).map(Window::Season);
            let windows: Vec<Window> = season.into_iter().chain([Window::AllTime]).collect();
            placed(*id, mark, (subject, &kinds), &windows)
        },
    )
}

/// Of the last 24 months.
fn lately(
    marks: &Stream<Id, Mark>,
    subjects: &Stream<Id, Subject>,
    ticks: &Ticks,
    settings: &Settings,
) -> Stream<RecordKey, Entry> {
    let kinds = settings.scopes.clone();
    let dated = marks.filter("dated", |_, mark| mark.at.is_some());
    let recent = dated.last_months("last-24-months", ticks, settings.lately(), |_, mark| Moment {
        at: Time(mark.at.unwrap_or(i64::MIN)),
        zone: 0,
    });
    let tops =
        recent.top_of_each("recent-tops", TEN, |_, mark| mark.metric as u8, |_, mark| order_in_match(mark));
    tops.join("recent-tops-of", subjects, |_, mark, subject| (*mark, subject.clone()))
        .flat_map("lately", move |id, (mark, subject)| {
            placed(*id, mark, (subject, &kinds), &[Window::Months24])
        })
}

fn placed(
    match_id: Id,
    mark: &Mark,
    (subject, kinds): (&Subject, &BTreeSet<ScopeKind>),
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
