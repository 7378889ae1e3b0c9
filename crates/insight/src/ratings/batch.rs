//! The ratings of matches at hand, all at once: for those who look back at a log without a server.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use topspin_event::{MatchId, Rating};
use topspin_laws::Both;
use topspin_stream::{Meeting, Met, Worth as _};
use uuid::Uuid;

use super::bout::{Bout, Order};
use super::system::{RatingList, Ratings, Value};
use crate::chronicle::Chronicle;
use crate::facts::{Id, Subject};
use crate::profile::Played;
use crate::referents::Referred;

/// What the players of each singles that is over were rated before it.
pub fn ratings_before<'a>(
    list: RatingList,
    chronicles: impl IntoIterator<Item = &'a Chronicle>,
    zone: &TimeZone,
) -> BTreeMap<MatchId, Both<Rating>> {
    let mut months: BTreeMap<i32, Vec<Meeting<Order, Id, Bout>>> = BTreeMap::new();
    for chronicle in chronicles {
        if let Some(meeting) = bout(chronicle).and_then(|bout| bout.meeting(std::slice::from_ref(zone))) {
            months.entry(meeting.round).or_default().push(meeting);
        }
    }
    let (mut latest, mut told) = (BTreeMap::new(), BTreeMap::new());
    for (month, mut meetings) in months {
        meetings.sort();
        rate(list, (month, &meetings), &mut latest, &mut told);
    }
    told
}

/// A singles of which nothing is known but its events.
fn bout(chronicle: &Chronicle) -> Option<Bout> {
    let (meta, played) = (chronicle.meta()?, Played::of(chronicle)?);
    let referred = Referred::unknown(Subject::of(meta));
    Bout::of(meta.id.0.into_bytes(), &played, &referred)
}

/// Rates a month: `latest` has each player's last month with the rating after it.
fn rate(
    list: RatingList,
    (month, meetings): (i32, &[Meeting<Order, Id, Bout>]),
    latest: &mut BTreeMap<Id, (i32, Value)>,
    told: &mut BTreeMap<MatchId, Both<Rating>>,
) {
    let began = latest.clone();
    let before = |player: &Id| match began.get(player) {
        None => Ratings.first(&list),
        Some((last, value)) => match u32::try_from(month - last - 1) {
            Ok(idle @ 1..) => Ratings.aged(&list, value, idle),
            Ok(0) | Err(_) => *value,
        },
    };
    let mut met: BTreeMap<Id, Vec<Met<Value, Bout>>> = BTreeMap::new();
    for meeting in meetings {
        let so_far = meeting.between.map(|player| match met.get(&player) {
            None => before(&player),
            Some(met) => Ratings.after(&list, &before(&player), met),
        });
        let [home, away] = so_far.map(|value| value.told());
        told.insert(MatchId(Uuid::from_bytes(meeting.outcome.match_id)), Both::new(home, away));
        for place in [0, 1] {
            let other = before(&meeting.between[1 - place]);
            let one = Met { other, outcome: meeting.outcome.clone(), place };
            met.entry(meeting.between[place]).or_default().push(one);
        }
    }
    latest.extend(met.into_iter().map(|(player, met)| {
        let after = Ratings.after(&list, &before(&player), &met);
        (player, (month, after))
    }));
}
