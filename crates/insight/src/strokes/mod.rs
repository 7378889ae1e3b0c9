//! What strokes come to: patterns of services, returns and third balls, where strokes landed, how long rallies were.
//!
//! A rally counts while it stands and its strokes are recorded, of doubles in its match only. Of a stroke counts what is recorded; the rest is
//! absent.

mod counts;
mod exchange;
mod tallies;

use topspin_event::{MatchStrokes, PlayerId, PlayerStrokes, wire};
use topspin_laws::{Both, Side};
use topspin_stream::{Encoded, Moment, Stream, Ticks, Time};
use uuid::Uuid;

use crate::chronicle::Chronicle;
use crate::facts::Id;
use crate::profile::{PROFILE_WINDOWS, profile_key};
use crate::settings::Settings;
use counts::StrokeCounts;
pub(crate) use exchange::Exchange;
use exchange::{Seen, struck};

/// The topic of players' strokes, keyed as profiles are.
pub const PLAYER_STROKES: &str = "player-strokes";

/// Player, opponent if only rallies against one count, and the place in [`PROFILE_WINDOWS`].
type StrokesKey = (Id, Option<Id>, u8);

/// The strokes of a match as its events tell them; `None` before the first.
pub fn strokes(chronicle: &Chronicle) -> Option<MatchStrokes> {
    let meta = chronicle.meta()?;
    let (epoch, seq) = chronicle.head()?;
    let (mut rallies, mut sides) = (0, Both::<StrokeCounts>::default());
    for rally in chronicle.rallies() {
        let Some(recorded) = chronicle.strokes(rally) else { continue };
        rallies += 1;
        let strokes = struck(recorded);
        for side in Side::BOTH {
            let added = sides.of_mut(side).add(&strokes, (side, rally.winner), 1);
            added.expect("the strokes of a match are fewer than can be counted");
        }
    }
    let sides = Both::new(sides.home.patterns(), sides.away.patterns());
    Some(MatchStrokes { match_id: meta.id, epoch, seq, rallies, sides: (rallies > 0).then_some(sides) })
}

/// Adds the strokes of players to a topology: `exchanges`, each with its zone, are under their match's id.
pub(crate) fn add(exchanges: &Stream<Id, (Exchange, u16)>, ticks: &Ticks, settings: &Settings) {
    let dated = exchanges.filter("exchanges-dated", |_, (one, _)| one.at.is_some());
    let recent = dated.last_months("exchanges-24-months", ticks, settings.lately(), |_, (one, zone)| {
        Moment { at: Time(one.at.unwrap_or(i64::MIN)), zone: *zone }
    });
    let career = exchanges.flat_map("career-strokes", |_, (one, _)| lines(one, 0));
    let lately = recent.flat_map("recent-strokes", |_, (one, _)| lines(one, 1));
    let lines = career.merge("stroke-lines", &lately).repartition("strokes-by-player");
    let counts = lines.aggregate("strokes", |sum: &mut StrokeCounts, seen: &Seen, times| {
        sum.add(&seen.strokes, (seen.side, seen.winner), times)
    });
    counts.to_view(PLAYER_STROKES, write);
}

/// What a rally adds to the strokes of both players.
fn lines(exchange: &Exchange, window: u8) -> Vec<(StrokesKey, Seen)> {
    let of = |side: Side| {
        let (own, other) = (*exchange.players.of(side), *exchange.players.of(side.other()));
        let seen = exchange.seen_by(side);
        [((own, None, window), seen.clone()), ((own, Some(other), window), seen)]
    };
    Side::BOTH.into_iter().flat_map(of).collect()
}

fn write((player, against, window): &StrokesKey, counts: Option<&StrokeCounts>, record: &mut Encoded) {
    let id = |bytes| PlayerId(Uuid::from_bytes(bytes));
    let (player_id, opponent_id) = (id(*player), against.map(id));
    let window = PROFILE_WINDOWS[usize::from(*window)];
    record.key.extend_from_slice(profile_key(player_id, opponent_id, window).as_bytes());
    let Some(counts) = counts else { return };
    record.value.extend_from_slice(&wire::encode_player_strokes(&PlayerStrokes {
        player_id,
        opponent_id,
        window: window.to_owned(),
        patterns: counts.patterns(),
    }));
}
