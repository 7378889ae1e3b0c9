//! The quick way to the canonical form of facts is the general one's equal.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use topspin_event::canonical_facts;
use topspin_laws::{
    BallInPlay, Both, Break, Card, Certainty, End, Expedite, Facts, Notice, Score, Seat, Side, Status,
    SuspensionReason,
};

fn side() -> impl Strategy<Value = Side> {
    select(&Side::BOTH[..])
}

fn both<S: Strategy>(of: impl Fn() -> S) -> impl Strategy<Value = Both<S::Value>> {
    (of(), of()).prop_map(|(home, away)| Both::new(home, away))
}

fn seat() -> impl Strategy<Value = Seat> {
    (side(), any::<bool>())
        .prop_map(|(side, second)| if second { Seat::second(side) } else { Seat::first(side) })
}

fn pause() -> impl Strategy<Value = Break> {
    let reason = select(
        &[
            SuspensionReason::Injury,
            SuspensionReason::Bleeding,
            SuspensionReason::Equipment,
            SuspensionReason::Conditions,
            SuspensionReason::Referee,
            SuspensionReason::Other,
        ][..],
    );
    prop_oneof![
        side().prop_map(|side| Break::TimeOut { side }),
        Just(Break::Towel {}),
        (reason, of(side())).prop_map(|(reason, side)| Break::Suspension { reason, side }),
        side().prop_map(|side| Break::Review { side }),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    select(
        &[
            Status::Scheduled,
            Status::Called,
            Status::WarmUp,
            Status::InPlay,
            Status::Interval,
            Status::Suspended,
            Status::Finished,
            Status::Retired,
            Status::Walkover,
            Status::Disqualified,
            Status::Abandoned,
            Status::Postponed,
            Status::Cancelled,
        ][..],
    )
}

fn notice() -> impl Strategy<Value = Notice> {
    select(
        &[
            Notice::GamePointHome,
            Notice::GamePointAway,
            Notice::MatchPointHome,
            Notice::MatchPointAway,
            Notice::Deuce,
            Notice::Towel,
            Notice::EndsChanged,
            Notice::StartGame,
            Notice::Choose,
        ][..],
    )
}

fn cards() -> impl Strategy<Value = Both<Vec<Card>>> {
    both(|| vec(select(&[Card::Yellow, Card::YellowRed, Card::Red][..]), 0..3))
}

fn words() -> impl Strategy<Value = (Status, Certainty, BallInPlay, Expedite, Option<End>)> {
    let certainty = select(
        &[Certainty::Provisional, Certainty::Unofficial, Certainty::Official, Certainty::Protested][..],
    );
    let ball = select(&[BallInPlay::Yes, BallInPlay::No][..]);
    let expedite = select(&[Expedite::Off, Expedite::On][..]);
    (status(), certainty, ball, expedite, of(select(&[End::Left, End::Right][..])))
}

fn numbers() -> impl Strategy<Value = (Vec<Score>, [Both<u8>; 4])> {
    let score = (any::<u16>(), any::<u16>()).prop_map(|(home, away)| Score { home, away });
    let four = [both(any::<u8>), both(any::<u8>), both(any::<u8>), both(any::<u8>)];
    (vec(score, 0..8), four)
}

/// Any facts, also those that no match comes to.
fn facts() -> impl Strategy<Value = Facts> {
    let optional = (of(side()), of(seat()), of(seat()), of(side()), of(pause()));
    let lists = (cards(), cards(), vec(notice(), 0..4));
    (words(), numbers(), optional, lists).prop_map(|(words, numbers, optional, lists)| {
        let (status, certainty, ball_in_play, expedite, home_end) = words;
        let (games, [score, time_outs_left, challenges_left, pending_points]) = numbers;
        let (serves_first, server, receiver, winner, pause) = optional;
        let (cards, bench_cards, notices) = lists;
        Facts {
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
        }
    })
}

proptest! {
    #[test]
    fn facts_are_written_as_rfc_8785_says(facts in facts()) {
        let general = serde_json_canonicalizer::to_string(&facts).expect("facts have a canonical form");
        prop_assert_eq!(canonical_facts(&facts), general);
    }
}
