//! What the lists of records say of their matches.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Placed};
use crate::facts::Id;
use crate::limits::{
    CARD_GAME_MS, CARD_GAME_TURNED, CARD_MATCH_MS, CARD_PLACES, CARD_RECORD_RUN, CARD_RIVALS, CARD_SINCE_MS,
    CARD_UPSET, CARD_WINS,
};
use crate::metric::Metric;
use crate::records::{Entry, RecordKey, ScopeKind, Window};

/// The candidates of a list, each under its match.
///
/// An entry says "the best since …" for as long as no later one is as good. All that are as good stand above it in the list, or
/// right behind it: so what the list shows is enough to know.
pub(super) fn candidates(key: &RecordKey, list: &[Entry]) -> Vec<(Id, Candidate)> {
    let places = match key.scope.kind() {
        ScopeKind::Everything | ScopeKind::Competition | ScopeKind::Category | ScopeKind::Association => {
            CARD_PLACES
        }
        ScopeKind::Player | ScopeKind::Pair => 1,
    };
    let placed = (0..list.len().min(places)).filter_map(|place| placed(key, list, place));
    let placed = placed.filter(|placed| is_worth_it(key, placed.entry.mark.value));
    placed.map(|placed| (placed.entry.match_id, Candidate::Record(placed))).collect()
}

/// Whether somebody wants to hear of it at all, be it a record or not. Of single players only what they did or went through, of all
/// time; and where a clock was forgotten nothing.
fn is_worth_it(key: &RecordKey, value: i64) -> bool {
    let of_all = match key.scope.kind() {
        ScopeKind::Everything | ScopeKind::Competition | ScopeKind::Category | ScopeKind::Association => true,
        ScopeKind::Player | ScopeKind::Pair => false,
    };
    let of_person = key.window == Window::AllTime;
    match key.metric {
        Metric::PointsInARow => value >= CARD_RECORD_RUN && (of_all || of_person),
        Metric::LargestComeback => value >= CARD_GAME_TURNED && (of_all || of_person),
        Metric::WinningRun => value >= CARD_WINS && (of_all || of_person),
        Metric::Upset => value >= CARD_UPSET && of_all,
        Metric::LongestRallyStrokes | Metric::LongestMatchPoints => of_all || of_person,
        Metric::LongestRallyTime | Metric::LongestGamePoints | Metric::HighestDeuce => of_all,
        Metric::LongestGameTime => of_all && CARD_GAME_MS.contains(&value),
        Metric::LongestMatchTime => of_all && CARD_MATCH_MS.contains(&value),
    }
}

fn placed(key: &RecordKey, list: &[Entry], place: usize) -> Option<Placed> {
    let entry = list[place];
    let at = entry.mark.at?;
    let others: BTreeSet<Id> = list.iter().map(|other| other.match_id).collect();
    if others.len() <= CARD_RIVALS {
        return None;
    }
    let mut since: Option<Entry> = None;
    let rivals = list.iter().enumerate().filter(|(index, _)| *index != place);
    for (_, rival) in rivals.filter(|(_, rival)| rival.mark.value >= entry.mark.value) {
        let before = rival.mark.at.filter(|before| *before < at && rival.match_id != entry.match_id)?;
        if since.is_none_or(|since| since.mark.at.is_some_and(|latest| latest < before)) {
            since = Some(*rival);
        }
    }
    let recent = since.and_then(|since| since.mark.at).is_some_and(|since| at - since < CARD_SINCE_MS);
    let place = u8::try_from(place + 1).ok()?;
    let (scope, window) = (key.scope.to_string(), key.window.to_string());
    (!recent).then_some(Placed { scope, window, place, entry, since })
}
