//! Upsets: who won against a player who was rated higher.

use std::collections::BTreeSet;

use topspin_laws::Both;

use super::bout::Bout;
use super::system::Value;
use crate::limits::ESTABLISHED_THOUSANDTHS;
use crate::mark::Mark;
use crate::metric::Metric;
use crate::records::{Entry, RecordKey, Scope, ScopeKind, Window, Zoned};

/// An upset in all its scopes, of all time; none where the higher rated won, or one of the two was hardly known.
pub(super) fn places(
    bout: &Bout,
    before: &Both<Value>,
    kinds: &BTreeSet<ScopeKind>,
) -> Vec<(RecordKey, Zoned<Entry>)> {
    let (won, lost) = (before.of(bout.winner), before.of(bout.winner.other()));
    let points = (lost.rating - won.rating) / 1_000;
    if points < 1 || won.deviation.max(lost.deviation) > ESTABLISHED_THOUSANDTHS {
        return Vec::new();
    }
    let mark = Mark {
        metric: Metric::Upset,
        value: points,
        side: Some(bout.winner),
        game: 0,
        seq: bout.seq,
        at: bout.at,
    };
    let entry = Entry { match_id: bout.match_id, mark };
    let key = |scope| RecordKey { metric: Metric::Upset, scope, window: Window::AllTime };
    let scopes = Scope::of(&mark, &bout.referred, kinds).into_iter();
    scopes.map(|scope| (key(scope), (entry, bout.referred.zone))).collect()
}
