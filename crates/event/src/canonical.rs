//! The facts of a match in their one canonical form.
//!
//! The general way to RFC 8785 sorts the members of every object while it writes. Facts are written with every event,
//! their members are known, and they hold no free text: so here the members stand in order, and are written as they
//! stand. Taking facts apart by name keeps a new member from being forgotten.

use serde::Serialize;
use topspin_laws::{
    BallInPlay, Both, Break, Card, Certainty, End, Expedite, Facts, Notice, Place, Score, Seat, Side, Status,
    SuspensionReason,
};

/// The facts of a match as RFC 8785 JSON: what [`crate::StateHash`] covers.
///
/// # Panics
/// Never: facts hold integers, strings and lists of them only, which always have such a form.
pub fn canonical_facts(facts: &Facts) -> String {
    serde_json::to_string(&Sorted::from(facts)).expect("facts are integers, strings and lists")
}

/// The members of facts by their names in JSON, ascending.
#[derive(Serialize)]
struct Sorted<'a> {
    ball_in_play: BallInPlay,
    bench_cards: SortedBoth<&'a [Card]>,
    #[serde(rename = "break", skip_serializing_if = "Option::is_none")]
    pause: Option<SortedBreak>,
    cards: SortedBoth<&'a [Card]>,
    certainty: Certainty,
    challenges_left: SortedBoth<u8>,
    expedite: Expedite,
    games: Vec<SortedBoth<u16>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_end: Option<End>,
    notices: &'a [Notice],
    pending_points: SortedBoth<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<SortedSeat>,
    score: SortedBoth<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<SortedSeat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serves_first: Option<Side>,
    status: Status,
    time_outs_left: SortedBoth<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    winner: Option<Side>,
}

#[derive(Serialize)]
struct SortedBoth<T> {
    away: T,
    home: T,
}

#[derive(Serialize)]
struct SortedSeat {
    place: Place,
    side: Side,
}

#[derive(Serialize)]
struct SortedBreak {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<SuspensionReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<Side>,
    #[serde(rename = "type")]
    kind: BreakKind,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum BreakKind {
    TimeOut,
    Towel,
    Suspension,
    Review,
}

impl<'a> From<&'a Facts> for Sorted<'a> {
    fn from(facts: &'a Facts) -> Self {
        let Facts {
            status,
            certainty,
            games,
            score,
            serves_first,
            server,
            receiver,
            home_end,
            winner,
            ball_in_play,
            expedite,
            pause,
            time_outs_left,
            challenges_left,
            cards,
            bench_cards,
            pending_points,
            notices,
        } = facts;
        Sorted {
            ball_in_play: *ball_in_play,
            bench_cards: lists(bench_cards),
            pause: pause.map(SortedBreak::from),
            cards: lists(cards),
            certainty: *certainty,
            challenges_left: (*challenges_left).into(),
            expedite: *expedite,
            games: games.iter().map(|Score { home, away }| SortedBoth { away: *away, home: *home }).collect(),
            home_end: *home_end,
            notices,
            pending_points: (*pending_points).into(),
            receiver: receiver.map(SortedSeat::from),
            score: (*score).into(),
            server: server.map(SortedSeat::from),
            serves_first: *serves_first,
            status: *status,
            time_outs_left: (*time_outs_left).into(),
            winner: *winner,
        }
    }
}

fn lists(of: &Both<Vec<Card>>) -> SortedBoth<&[Card]> {
    SortedBoth { away: &of.away, home: &of.home }
}

impl<T> From<Both<T>> for SortedBoth<T> {
    fn from(Both { home, away }: Both<T>) -> Self {
        SortedBoth { away, home }
    }
}

impl From<Seat> for SortedSeat {
    fn from(Seat { side, place }: Seat) -> Self {
        SortedSeat { place, side }
    }
}

impl From<Break> for SortedBreak {
    fn from(pause: Break) -> Self {
        let (kind, reason, side) = match pause {
            Break::TimeOut { side } => (BreakKind::TimeOut, None, Some(side)),
            Break::Towel {} => (BreakKind::Towel, None, None),
            Break::Suspension { reason, side } => (BreakKind::Suspension, Some(reason), side),
            Break::Review { side } => (BreakKind::Review, None, Some(side)),
        };
        SortedBreak { reason, side, kind }
    }
}
