//! Requests and replies between processes round trip.

mod samples;

use samples::created;
use topspin_event::{
    AnomalyId, CommandEnvelope, CommandId, Device, Failure, Heartbeat, MatchEvent, MatchId, NewAnomaly,
    OrgId, Outcome, Precision, Reference, ReferenceDetails, ReferenceId, ReferenceKind, Reply, Request, Seq,
    TieCommandEnvelope, TieEvent, TieId, Timestamp, wire,
};
use topspin_laws::tie::TieCommand;
use topspin_laws::{Command, Side};
use uuid::Uuid;

fn requests() -> Vec<Request> {
    let topspin_event::MatchEvent::Created(meta) = MatchEvent::Created(created()) else { unreachable!() };
    let tie = samples::ties().into_iter().find_map(|recorded| match recorded.event {
        TieEvent::Created(meta) => Some(meta),
        TieEvent::Law(_) | TieEvent::Unknown(_) => None,
    });
    let (id, time) = (Uuid::from_u128(7), Timestamp::from_millis(1_700_000_000_123).expect("a time"));
    let point = Command::Point { to: Side::Away, how: None, strokes: Some(4) };
    let mut command = CommandEnvelope::new(CommandId(id), point.into());
    command.expected_seq = Some(Seq(3));
    command.occurred_at = Some(time);
    let tie_command = TieCommandEnvelope {
        command_id: CommandId(id),
        command: TieCommand::NominateLineUp {
            side: Side::Home,
            players: vec!["ada".to_owned().try_into().expect("an id")],
        },
        expected_seq: None,
        occurred_at: None,
        precision: Precision::Day,
    };
    let reference = Reference {
        kind: ReferenceKind::Player,
        id: ReferenceId(id),
        org: OrgId(id),
        external_ids: vec!["club:ada".parse().expect("an id")],
        details: ReferenceDetails { name: "Ada".to_owned(), ..ReferenceDetails::default() },
        created_at: time,
        updated_at: time,
    };
    let anomaly = NewAnomaly {
        id: AnomalyId(id),
        source: "ttbl".to_owned(),
        kind: "odd".to_owned(),
        match_id: Some(MatchId(id)),
        tie_id: None,
        detail: "a".to_owned(),
        raw: "{}".to_owned(),
    };
    let heartbeat =
        Heartbeat { battery_percent: Some(7), charging: Some(false), client_time: time, match_id: None };
    let device = Device {
        device: "table-1".parse().expect("a label"),
        heartbeat,
        heard_at: Timestamp::EPOCH,
        clock_offset_ms: Timestamp::EPOCH.millis_since(time),
    };
    vec![
        Request::Find(Box::new(meta.as_ref().clone())),
        Request::Create(Box::new(meta.as_ref().clone())),
        Request::Submit(MatchId(id), Box::new(command)),
        Request::CreateTie(Box::new(tie.expect("a tie").as_ref().clone())),
        Request::SubmitTie(TieId(id), Box::new(tie_command)),
        Request::Refer(Box::new(reference)),
        Request::Report(Box::new(anomaly)),
        Request::Hear(Box::new(device)),
        Request::Barrier,
    ]
}

#[test]
fn every_request_round_trips() {
    for request in requests() {
        let bytes = wire::encode_request(&request);
        assert_eq!(wire::decode_request(&bytes), Ok(request));
    }
}

#[test]
fn every_reply_round_trips() {
    let text = || "why".to_owned();
    let failures = [
        Failure::AlreadyExists(Uuid::from_u128(9)),
        Failure::IdMissing,
        Failure::Invalid { field: text(), problem: text() },
        Failure::TooLarge,
        Failure::MatchNotFound,
        Failure::TieNotFound,
        Failure::CommandIdReused,
        Failure::WrittenByLaterVersion(Seq(8)),
        Failure::Unavailable(text()),
        Failure::Crashed(text()),
        Failure::NotUnderstood(text()),
    ];
    let outcomes = [Outcome::Done, Outcome::DoneBefore, Outcome::Absent];
    for outcome in outcomes.into_iter().chain(failures.map(Outcome::Failed)) {
        let after = vec![("matches".to_owned(), 7)];
        let reply = Reply { through: 9, topics: vec!["match-events".to_owned()], after, outcome };
        assert_eq!(wire::decode_reply(&wire::encode_reply(&reply)), Ok(reply));
    }
}

#[test]
fn what_is_no_request_is_an_error() {
    assert!(wire::decode_request(b"no protobuf").is_err());
    assert!(wire::decode_request(b"").is_err(), "a request of a later version");
    assert!(wire::decode_reply(b"").is_err());
}
