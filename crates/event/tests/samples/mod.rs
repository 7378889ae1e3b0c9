//! One of every kind of event.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use topspin_event::{
    CommandId, CompetitionId, Entry, Epoch, Hand, Lease, MatchEvent, MatchId, MatchMeta, Move, OrgId,
    PlayerId, Precision, RallyStrokes, Recorded, ReportedResult, Seq, Spin, Stance, Strength, Stroke,
    StrokeClass, Team, TieEvent, TieId, TieMeta, TieRecorded, Timestamp, VenueId, Zone,
};
use topspin_laws::tie::{self, MatchCards, Position, TieFormat};
use topspin_laws::{
    After, BallInPlay, Both, Card, CardTo, Discipline, End, Event, ExpediteReason, Format, How, LetReason,
    Outcome, Place, Reason, ReviewOutcome, Seat, Side, SuspensionReason,
};
use uuid::Uuid;

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("a time")
}

fn reason(text: &str) -> Reason {
    text.to_owned().try_into().expect("a reason")
}

pub fn recorded(seq: u64, event: MatchEvent) -> Recorded {
    Recorded {
        match_id: MatchId(Uuid::from_u128(0xa1)),
        epoch: Epoch(1),
        seq: Seq(seq),
        lease: Lease(2),
        laws_version: 1,
        cause: CommandId(Uuid::from_u128(u128::from(seq) + 0xb000)),
        origin: "hall-1".parse().expect("a label"),
        occurred_at: seq.is_multiple_of(2).then(|| time(1_700_000_000_123)),
        precision: if seq.is_multiple_of(3) { Precision::Day } else { Precision::Ms },
        recorded_at: time(1_700_000_000_456),
        event,
    }
}

pub fn created() -> Arc<MatchMeta> {
    let entry = |from: u128| Entry {
        name: Some(format!("Pair {from}")),
        players: vec![PlayerId(Uuid::from_u128(from)), PlayerId(Uuid::from_u128(from + 1))],
    };
    Arc::new(MatchMeta {
        id: MatchId(Uuid::from_u128(0xa1)),
        org: OrgId(Uuid::from_u128(1)),
        external_ids: vec!["ttbl:4711".parse().expect("an id")],
        competition_id: Some(CompetitionId(Uuid::from_u128(3))),
        category: Some("Mixed".to_owned()),
        tie_id: Some(TieId(Uuid::from_u128(4))),
        venue_id: Some(VenueId(Uuid::from_u128(5))),
        table: Some("7".to_owned()),
        scheduled_at: Some(time(-1)),
        format: Format::ittf(Discipline::Doubles, 7),
        sides: Both::new(entry(10), entry(20)),
        carried_cards: Both::new(vec![Card::Yellow, Card::YellowRed], vec![]),
        created_at: time(1_700_000_000_456),
    })
}

/// Every event after the creation, in the order in which version 1 was pinned; new ones go to the end.
pub fn law_events() -> Vec<MatchEvent> {
    let after = After { game: 2, score: Both::new(11, 9), games: Both::new(1, 1) };
    let (side, server, receiver) = (Side::Away, Seat::first(Side::Home), Seat::second(Side::Away));
    let events = vec![
        Event::Called {},
        Event::WarmUpStarted {},
        Event::Chosen { first_server: side, home_end: Some(End::Right) },
        Event::Chosen { first_server: Side::Home, home_end: None },
        Event::GameStarted { game: 3, server, receiver },
        Event::RallyStarted {},
        Event::PointScored { to: side, how: Some(How::NetRoller), strokes: Some(14), after },
        Event::PointScored { to: Side::Home, how: None, strokes: None, after },
        Event::LetCalled { reason: Some(LetReason::Disturbance) },
        Event::ServiceCorrected { server, receiver },
        Event::EndsCorrected { home_end: End::Left },
        Event::ExpediteIntroduced { reason: ExpediteReason::TimeLimit, ball_in_play: BallInPlay::Yes },
        Event::TimeOutTaken { side },
        Event::TowelBreakTaken {},
        Event::Resumed {},
        Event::Suspended { reason: SuspensionReason::Conditions, side: None },
        Event::CardShown { side, to: CardTo::Bench, card: Card::Red, penalty_points: 2, after },
        Event::ReviewRequested { side },
        Event::ReviewDecided { side, outcome: ReviewOutcome::Inconclusive },
        Event::Retired { side, reason: Some(reason("ankle")) },
        Event::WalkedOver { side },
        Event::Disqualified { side, reason: None },
        Event::Postponed {},
        Event::Rescheduled {},
        Event::Cancelled {},
        Event::Abandoned {},
        Event::Retracted { seq: Seq(12) },
        Event::Reinstated { seq: Seq(12) },
        Event::Amended {
            seq: Seq(9),
            outcome: Outcome::Point { to: side, how: Some(How::Edge), strokes: None },
        },
        Event::Amended { seq: Seq(9), outcome: Outcome::Let { reason: None } },
        Event::ScoreSet {
            games: vec![Both::new(11, 0), Both::new(300, 301)],
            server: Some(server),
            receiver: None,
        },
        Event::HandedOver { to: reason("tablet 2 – Zoë") },
        Event::ResultConfirmed {},
        Event::ResultProtested { side, reason: Some(reason("racket")) },
        Event::ResultReopened { reason: reason("score sheet") },
    ];
    let others = [
        MatchEvent::Moved(Move { table: Some("9".to_owned()), venue_id: None, scheduled_at: Some(time(5)) }),
        MatchEvent::ResultReported(ReportedResult {
            source: "ttbl".to_owned(),
            games: vec![Both::new(11, 14)],
            winner: Some(side),
            reason: Some("official_illegal".to_owned()),
        }),
    ];
    let later = [Event::PointScored { to: side, how: Some(How::NetOrEdge), strokes: None, after }];
    let law = |events: Vec<Event>| events.into_iter().map(MatchEvent::Law);
    let strokes = [MatchEvent::StrokesRecorded(rally_strokes())];
    law(events).chain(others).chain(law(later.to_vec())).chain(strokes).collect()
}

/// Three strokes: everything known, something known, nothing known.
pub fn rally_strokes() -> RallyStrokes {
    let service = Stroke {
        side: Side::Home,
        place: Some(Place::Second),
        hand: Some(Hand::Backhand),
        strength: Some(Strength::Weak),
        spin: Some(Spin::SideBackspin),
        zone: Zone::try_from(1).ok(),
        class: Some(StrokeClass::SquatService),
        position: Some(Stance::Left),
    };
    let receive = Stroke {
        spin: Some(Spin::None),
        zone: Zone::try_from(9).ok(),
        class: Some(StrokeClass::Push),
        ..Stroke::by(Side::Away)
    };
    RallyStrokes { rally: Seq(8), strokes: vec![service, receive, Stroke::by(Side::Home)] }
}

pub fn ties() -> Vec<TieRecorded> {
    let player = |name: &str| tie::PlayerId::try_from(name.to_owned()).expect("an id");
    let team = |name: &str| Team { name: name.to_owned(), club_id: None };
    let meta = TieMeta {
        id: TieId(Uuid::from_u128(4)),
        org: OrgId(Uuid::from_u128(1)),
        external_ids: vec!["ttbl:1".parse().expect("an id")],
        competition_id: None,
        category: None,
        venue_id: Some(VenueId(Uuid::from_u128(5))),
        scheduled_at: Some(time(77)),
        format: TieFormat::corbillon(),
        sides: Both::new(team("A"), team("B")),
        created_at: time(78),
    };
    let side = Side::Home;
    let cards = vec![MatchCards { player: player("ada"), cards: vec![Card::Yellow] }];
    let laws = vec![
        tie::TieEvent::LineUpNominated { side, players: vec![player("ada"), player("bea")] },
        tie::TieEvent::PairNominated { side, number: 1, pair: [player("ada"), player("bea")] },
        tie::TieEvent::Substituted { side, position: Position(2), player: player("cleo") },
        tie::TieEvent::MatchStarted {
            number: 3,
            players: Both::new(vec![player("ada")], vec![player("xia")]),
            carried_cards: Both::new(vec![Card::Yellow], vec![]),
        },
        tie::TieEvent::ResultRecorded {
            number: 3,
            winner: side,
            games: Both::new(3, 1),
            cards: Both::new(cards, vec![]),
            score: Both::new(2, 1),
        },
        tie::TieEvent::ResultRetracted { number: 3, reason: reason("wrong sheet") },
        tie::TieEvent::Conceded { side, reason: None },
        tie::TieEvent::ResultConfirmed {},
        tie::TieEvent::ResultReopened { reason: reason("protest") },
    ];
    let events =
        std::iter::once(TieEvent::Created(Arc::new(meta))).chain(laws.into_iter().map(TieEvent::Law));
    events
        .enumerate()
        .map(|(index, event)| TieRecorded {
            tie_id: TieId(Uuid::from_u128(4)),
            epoch: Epoch(1),
            seq: Seq(index as u64 + 1),
            laws_version: 1,
            cause: CommandId(Uuid::from_u128(9)),
            origin: "hall-1".parse().expect("a label"),
            occurred_at: None,
            precision: Precision::Ms,
            recorded_at: time(99),
            event,
        })
        .collect()
}
