//! The lists of whole matches, without all their marks in all their lists.
//!
//! Of each match only its own ten best marks of a metric can be among the ten best of anything that the whole match belongs
//! to. And of a list they can be only if fewer than ten matches have a better best one. So a match enters its lists with
//! its best mark alone, and those ten matches that are first with it enter with their ten.

use std::collections::BTreeSet;

use topspin_laws::Side;
use topspin_stream::Stream;

use super::entry::order_in_match;
use super::{Entry, RecordKey, Scope, ScopeKind, Window};
use crate::facts::Id;
use crate::limits::TEN;
use crate::mark::Mark;
use crate::metric::Metric;
use crate::referents::Referred;
use crate::settings::Settings;

/// What tells marks of a match apart that are in different lists: the metric, whether one side did it and that was home,
/// and the season where it matters.
pub(super) type Kind = (Metric, Option<bool>, Option<i16>);

pub(super) fn kind(mark: &Mark, season: Option<i16>) -> Kind {
    (mark.metric, mark.side.map(|side| side == Side::Home), season)
}

/// The marks of the ten matches that are first in each list. `windows` tells those of a season.
pub(super) fn places(
    name: &str,
    marks: &Stream<(Id, Kind), Mark>,
    subjects: &Stream<Id, Referred>,
    settings: &Settings,
    windows: impl Fn(Option<i16>) -> Vec<Window> + Send + Sync + 'static,
) -> Stream<RecordKey, Entry> {
    let part = |part: &str| format!("{name}.{part}");
    let tens = marks.top_list(&part("ten"), TEN, |_, mark| order_in_match(mark));
    let best = tens.back(&part("best"), |(id, (.., season)), ten: &Vec<Mark>| (*id, (*season, ten[0])));
    let best = best.join(&part("of"), subjects, |_, best, subject| (*best, subject.clone()));
    let kinds = settings.scopes.clone();
    let entered = best.flat_map(&part("entered"), move |id, ((season, mark), subject)| {
        let entry = (Entry { match_id: *id, mark: *mark }, *season);
        keys(mark, subject, &kinds, &windows(*season)).into_iter().map(move |key| (key, entry))
    });
    let matches = entered.top(&part("matches"), TEN, |_, (entry, _)| entry.order());
    let lists = matches.back(&part("lists"), |key, (entry, season)| {
        ((entry.match_id, kind(&entry.mark, *season)), (key.scope.clone(), key.window))
    });
    let each = tens.flat_map_values(&part("each"), |_, ten| ten.clone());
    let placed = lists.join(&part("placed"), &each, |_, list, mark| (list.clone(), *mark));
    placed.map(name, |(match_id, _), ((scope, window), mark)| {
        let key = RecordKey { metric: mark.metric, scope: scope.clone(), window: *window };
        (key, Entry { match_id: *match_id, mark: *mark })
    })
}

fn keys(mark: &Mark, subject: &Referred, kinds: &BTreeSet<ScopeKind>, windows: &[Window]) -> Vec<RecordKey> {
    let scopes = Scope::of(mark, subject, kinds);
    let keys = scopes.iter().flat_map(|scope| windows.iter().map(move |window| (scope.clone(), *window)));
    keys.map(|(scope, window)| RecordKey { metric: mark.metric, scope, window }).collect()
}
