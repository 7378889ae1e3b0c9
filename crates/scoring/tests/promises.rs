//! What a home promises, one test a promise.

#![allow(clippy::panic, reason = "helpers of tests panic like tests")]

mod world;

use std::sync::atomic::Ordering;

use topspin_event::limits::{MAX_CARRIED_CARDS, MAX_REPORTED_GAMES, MAX_TEXT_CHARS};
use topspin_event::{
    Epoch, ExternalId, Heartbeat, Lease, MatchCommand, MatchId, Move, NewPlayer, PlayerId, ReferenceKind,
    Refusal, ReportedResult, Seq, Timestamp,
};
use topspin_laws::{Both, Card, Command, Side, Status};
use topspin_log::memory::MemoryLog;
use topspin_scoring::{
    Condition, CreateError, Home, MatchFilter, Replayed, StatusFilter, SubmitError, Verdict,
};
use world::{
    Fault, Faults, World, checked_events, choose, copy, envelope, faulty, match_id, point, singles,
    start_game,
};

async fn accept(home: &Home, number: u128, command: impl Into<MatchCommand>) -> topspin_scoring::Accepted {
    match home.submit(match_id(0), envelope(number, command)).await.expect("decided").verdict {
        Verdict::Accepted(accepted) => *accepted,
        Verdict::Refused(refusal) => panic!("refused: {refusal:?}"),
    }
}

async fn begin(home: &Home) {
    home.create_match(singles(0)).await.expect("created");
    accept(home, 1, choose()).await;
    accept(home, 2, start_game()).await;
}

#[test]
fn a_command_becomes_events_that_every_later_read_sees() {
    for world in World::both(1) {
        world.life(async |home| {
            begin(&home).await;
            let accepted = accept(&home, 3, point(Side::Home)).await;
            let snapshot = home.match_snapshot(match_id(0)).expect("read").expect("there");
            assert_eq!(accepted.snapshot, snapshot);
            assert_eq!(snapshot.facts.games, vec![Both::new(1, 0)]);
            assert_eq!(accepted.seq(), snapshot.seq);
            let events = checked_events(&home, match_id(0));
            assert_eq!(events.last().map(|event| event.chain), Some(snapshot.chain));
            let resource = home.resource(&snapshot).expect("read");
            assert_eq!(resource.sides.home.name, "Ada");
            assert_eq!(&*resource.sides.away.players[0].name, "Bea");
        });
    }
}

#[test]
fn a_repeated_command_gets_the_first_answer_even_after_a_restart() {
    for world in World::both(2) {
        let first = world.life(async |home| {
            begin(&home).await;
            let first = accept(&home, 3, point(Side::Home)).await;
            accept(&home, 4, point(Side::Away)).await;
            let again = home.submit(match_id(0), envelope(3, point(Side::Home))).await.expect("decided");
            assert_eq!(again.replayed, Replayed::Yes);
            assert_eq!(again.verdict, Verdict::Accepted(Box::new(first.clone())));
            first
        });
        world.life(async |home| {
            let again = home.submit(match_id(0), envelope(3, point(Side::Home))).await.expect("decided");
            assert_eq!(again.replayed, Replayed::Yes);
            assert_eq!(again.verdict, Verdict::Accepted(Box::new(first)));
            assert_eq!(checked_events(&home, match_id(0)).len(), 5);
        });
    }
}

#[test]
fn a_command_id_is_for_one_command() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        accept(&home, 3, point(Side::Home)).await;
        let reused = home.submit(match_id(0), envelope(3, point(Side::Away))).await;
        assert!(matches!(reused, Err(SubmitError::CommandIdReused(_))), "{reused:?}");
    });
}

#[test]
fn a_refusal_is_an_answer_and_is_repeated_as_one() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        home.create_match(singles(0)).await.expect("created");
        let refused = home.submit(match_id(0), envelope(1, point(Side::Home))).await.expect("decided");
        let Verdict::Refused(Refusal::Law { code, law, .. }) = &refused.verdict else {
            panic!("a point before the choice: {refused:?}")
        };
        assert!(!code.is_empty() && !law.is_empty());
        accept(&home, 2, choose()).await;
        accept(&home, 3, start_game()).await;
        let again = home.submit(match_id(0), envelope(1, point(Side::Home))).await.expect("decided");
        assert_eq!(
            again.verdict, refused.verdict,
            "the first answer stands, though the laws would allow it now"
        );
        assert_eq!(again.replayed, Replayed::Yes);
    });
}

#[test]
fn of_two_umpires_who_expect_the_same_position_one_wins() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        let at = |number, side| {
            let mut envelope = envelope(number, point(side));
            envelope.expected_seq = Some(Seq(3));
            home.submit(match_id(0), envelope)
        };
        let (first, second) = tokio::join!(at(3, Side::Home), at(4, Side::Away));
        let first = first.expect("decided");
        assert!(matches!(first.verdict, Verdict::Accepted(_)));
        let lost = Refusal::SeqMismatch { expected: Seq(3), head: Seq(4) };
        assert_eq!(second.expect("decided").verdict, Verdict::Refused(lost));
    });
}

#[test]
fn a_command_for_another_home_of_the_match_is_refused() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        let with = |number, epoch| {
            let mut envelope = envelope(number, point(Side::Home));
            envelope.epoch = Some(Epoch(epoch));
            home.submit(match_id(0), envelope)
        };
        for (number, epoch) in [(3, 0), (4, 2)] {
            let mismatch = Refusal::EpochMismatch { expected: Epoch(epoch), current: Epoch::FIRST };
            assert_eq!(with(number, epoch).await.expect("decided").verdict, Verdict::Refused(mismatch));
        }
        let first = with(5, Epoch::FIRST.0).await.expect("decided");
        assert!(matches!(first.verdict, Verdict::Accepted(_)));
        assert_eq!(checked_events(&home, match_id(0)).len(), 4);
    });
}

#[test]
fn what_is_on_record_already_is_refused_by_the_rule_of_record() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        let to = Move { table: Some("7".to_owned()), venue_id: None, scheduled_at: None };
        let result =
            ReportedResult { source: "league".to_owned(), games: vec![], winner: None, reason: None };
        let commands = [MatchCommand::Move(to), MatchCommand::ReportResult(result)];
        for (number, command) in (0..).zip(commands) {
            accept(&home, 3 + 2 * number, command.clone()).await;
            let again = home.submit(match_id(0), envelope(4 + 2 * number, command)).await.expect("decided");
            let Verdict::Refused(Refusal::Law { code, law, .. }) = again.verdict else { panic!("accepted") };
            assert_eq!((code.as_str(), law.as_str()), ("nothing_to_correct", "T.7"));
        }
    });
}

#[test]
fn a_tablet_that_takes_over_shuts_out_the_first_which_is_told_who() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        let to = "tablet 2".to_owned().try_into().expect("a reason");
        let taken = accept(&home, 3, Command::HandOver { to }).await;
        assert_eq!(taken.snapshot.lease, Lease(2));
        let with = |number, lease| {
            let mut envelope = envelope(number, point(Side::Home));
            envelope.lease = Some(Lease(lease));
            home.submit(match_id(0), envelope)
        };
        let lost =
            Refusal::LeaseLost { held: Lease(1), current: Lease(2), holder: Some("tablet 2".to_owned()) };
        assert_eq!(with(4, 1).await.expect("decided").verdict, Verdict::Refused(lost));
        assert!(matches!(with(5, 2).await.expect("decided").verdict, Verdict::Accepted(_)));
        let events = checked_events(&home, match_id(0));
        let leases: Vec<_> = events.iter().map(|event| event.recorded.lease.0).collect();
        assert_eq!(leases, [1, 1, 1, 2, 2]);
    });
}

#[test]
fn a_match_is_created_once() {
    for world in World::both(3) {
        let external: ExternalId = "ttbl:4711".parse().expect("an id");
        let new = |table: &str| {
            let mut new = singles(0);
            new.id = None;
            new.external_ids = vec![external.clone()];
            new.table = Some(table.to_owned());
            new
        };
        let id = world.life(async |home| {
            let (one, two) = tokio::join!(home.create_match(new("1")), home.create_match(new("1")));
            let (one, two) = (one.expect("created"), two.expect("created"));
            assert_eq!([one.replayed, two.replayed], [Replayed::No, Replayed::Yes]);
            assert_eq!(one.snapshot, two.snapshot);
            one.snapshot.meta.id
        });
        world.life(async |home| {
            assert_eq!(home.find_match(&external).expect("read"), Some(id));
            let again = home.create_match(new("1")).await.expect("created");
            assert_eq!((again.replayed, again.snapshot.meta.id), (Replayed::Yes, id));
            let other = home.create_match(new("2")).await;
            assert!(
                matches!(other, Err(CreateError::AlreadyExists { existing }) if existing == id),
                "{other:?}"
            );
            let mut claimed = singles(9);
            claimed.external_ids = vec![external.clone()];
            let claimed = home.create_match(claimed).await;
            assert!(matches!(claimed, Err(CreateError::AlreadyExists { existing }) if existing == id));
        });
    }
}

#[test]
fn players_are_known_by_their_external_ids() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        let with = |number: u128, name: Option<&str>| {
            let mut new = singles(number);
            new.sides.home.players[0] = NewPlayer {
                id: None,
                name: name.map(str::to_owned),
                external_ids: vec!["ttbl:p1".parse().expect("an id")],
            };
            new
        };
        let one = home.create_match(with(1, Some("Ada"))).await.expect("created").snapshot;
        let two = home.create_match(with(2, None)).await.expect("created").snapshot;
        assert_eq!(one.meta.sides.home.players, two.meta.sides.home.players);
        assert_ne!(one.meta.sides.away.players, two.meta.sides.away.players, "a name alone is nobody known");
        assert_eq!(home.resource(&two).expect("read").sides.home.name, "Ada");
    });
}

/// `demo:1` and `demo:p36` have the same hash: the match held the lock that its own player waited for.
#[test]
fn a_match_and_its_new_player_never_wait_for_each_other() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        for (name, player) in [("demo:1", "demo:p36"), ("club:m1", "club:p106")] {
            let mut new = singles(1);
            new.id = None;
            new.external_ids = vec![name.parse().expect("an id")];
            new.sides.home.players[0] = NewPlayer {
                id: None,
                name: Some("Ada".to_owned()),
                external_ids: vec![player.parse().expect("an id")],
            };
            home.create_match(new).await.expect("created");
        }
    });
}

/// A player of whom the name and an external id are given.
fn named(name: &str, external: &str) -> NewPlayer {
    let external_ids = vec![external.parse().expect("an id")];
    NewPlayer { id: None, name: Some(name.to_owned()), external_ids }
}

fn players(home: &Home) -> Vec<String> {
    let page = home.references(ReferenceKind::Player, None, 100).expect("read");
    let mut names: Vec<_> = page.items.into_iter().map(|player| player.details.name).collect();
    names.sort();
    names
}

#[test]
fn a_creation_that_is_refused_records_no_player() {
    for world in World::both(6) {
        world.life(async |home| {
            home.create_match(singles(0)).await.expect("created");
            let mut other = singles(0);
            other.sides.home.players[0] = named("Cleo", "club:cleo");
            let refused = home.create_match(other).await;
            assert!(matches!(refused, Err(CreateError::AlreadyExists { .. })), "{refused:?}");
            let mut contradicts = singles(1);
            contradicts.sides.home.players[0] = named("Dora", "club:dora");
            contradicts.sides.away.players[0] =
                NewPlayer { id: Some(PlayerId(match_id(9).0)), ..named("Eve", "club:dora") };
            let refused = home.create_match(contradicts).await;
            assert!(
                matches!(&refused, Err(CreateError::Invalid { field, .. }) if field == "sides.away.players[0]"),
                "{refused:?}"
            );
            assert_eq!(players(&home), ["Ada", "Bea"]);
            assert!(home.match_snapshot(match_id(1)).expect("read").is_none());
        });
    }
}

#[test]
fn of_two_creations_with_one_id_only_the_players_of_the_first_are_recorded() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        let external: ExternalId = "ttbl:4711".parse().expect("an id");
        let mut by_name = singles(0);
        (by_name.id, by_name.external_ids) = (None, vec![external.clone()]);
        let mut by_id = by_name.clone();
        let derived = uuid::Uuid::new_v5(&world.config().org.0, b"match/ttbl:4711");
        (by_id.id, by_id.external_ids) = (Some(MatchId(derived)), Vec::new());
        by_id.sides.home.players[0] = named("Cleo", "club:cleo");
        let (one, two) = tokio::join!(home.create_match(by_name), home.create_match(by_id));
        assert_eq!(one.expect("created").snapshot.meta.id, MatchId(derived));
        assert!(matches!(two, Err(CreateError::AlreadyExists { .. })), "{two:?}");
        assert_eq!(players(&home), ["Ada", "Bea"]);
    });
}

#[test]
fn a_creation_that_the_log_did_not_take_can_be_repeated() {
    for failing in 0..3 {
        let faults = Faults::default();
        let world = World::new(faulty(MemoryLog::new(), &faults));
        world.life(async |home| {
            let mut new = singles(0);
            new.sides.home.players[0] = named("Ada", "club:ada");
            faults.plan((0..failing).map(|_| Fault::None).chain([Fault::Full]));
            let full = home.create_match(new.clone()).await.expect_err("full");
            assert!(full.is_retryable(), "{full}");
            assert!(home.match_snapshot(match_id(0)).expect("read").is_none());
            let created = home.create_match(new.clone()).await.expect("created");
            assert_eq!(created.replayed, Replayed::No);
            let again = home.create_match(new).await.expect("created");
            assert_eq!((again.replayed, again.snapshot), (Replayed::Yes, created.snapshot));
            assert_eq!(players(&home), ["Ada", "Bea"]);
        });
    }
}

#[test]
fn a_match_that_makes_no_sense_is_refused_with_its_field() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        let mut doubled = singles(0);
        doubled.sides.away.players.push(NewPlayer { name: Some("Cleo".to_owned()), ..NewPlayer::default() });
        let refused = home.create_match(doubled).await;
        assert!(matches!(refused, Err(CreateError::Invalid { field, .. }) if field == "sides.away.players"));
        let mut nameless = singles(0);
        nameless.id = None;
        assert!(matches!(home.create_match(nameless).await, Err(CreateError::IdMissing)));
        assert!(home.match_snapshot(match_id(0)).expect("read").is_none());
    });
}

#[test]
fn a_match_moves_and_carries_what_a_source_claims() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        let before = home.match_snapshot(match_id(0)).expect("read").expect("there");
        let moved = MatchCommand::Move(Move { table: Some("7".to_owned()), ..Move::default() });
        let result = ReportedResult {
            source: "ttbl".to_owned(),
            games: vec![Both::new(11, 14)],
            winner: Some(Side::Away),
            reason: Some("official_illegal".to_owned()),
        };
        accept(&home, 3, moved).await;
        let after = accept(&home, 4, MatchCommand::ReportResult(result.clone())).await.snapshot;
        assert_eq!(after.meta.table.as_deref(), Some("7"));
        assert_eq!(after.reported_result, Some(result));
        assert_eq!(after.state_hash, before.state_hash, "the laws' facts are the same");
        assert_eq!(home.match_snapshot(match_id(0)).expect("read"), Some(after));
    });
}

#[test]
fn a_command_that_says_too_much_is_refused_with_its_field() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        let long = || "x".repeat(MAX_TEXT_CHARS + 1);
        let report = |source: String, games, reason| {
            let games = vec![Both::new(11, 0); games];
            MatchCommand::ReportResult(ReportedResult { source, games, winner: None, reason })
        };
        let refused = [
            (MatchCommand::Move(Move { table: Some(long()), ..Move::default() }), "command.table"),
            (MatchCommand::Move(Move { table: Some(String::new()), ..Move::default() }), "command.table"),
            (report(long(), 1, None), "command.source"),
            (report("ttbl".to_owned(), 1, Some("two\nlines".to_owned())), "command.reason"),
            (report("ttbl".to_owned(), MAX_REPORTED_GAMES + 1, None), "command.games"),
        ];
        for (command, expected) in refused {
            let refused = home.submit(match_id(0), envelope(3, command)).await.expect_err("too much");
            assert!(!refused.is_retryable());
            assert!(
                matches!(&refused, SubmitError::Invalid { field, .. } if field == expected),
                "{refused:?}, not {expected}"
            );
        }
        // None of them has used the command id.
        let most = report("x".repeat(MAX_TEXT_CHARS), MAX_REPORTED_GAMES, None);
        assert_eq!(accept(&home, 3, most).await.from_seq, Seq(4));
        let mut carrying = singles(1);
        carrying.carried_cards.away = vec![Card::Yellow; MAX_CARRIED_CARDS + 1];
        let refused = home.create_match(carrying).await;
        assert!(matches!(refused, Err(CreateError::Invalid { field, .. }) if field == "carried_cards.away"));
    });
}

#[test]
fn a_tablet_that_is_silent_for_a_week_is_forgotten() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    for world in World::both(8) {
        let hear = async |home: &Home, tablets: std::ops::Range<usize>| {
            for number in tablets {
                let heartbeat = Heartbeat {
                    battery_percent: None,
                    charging: None,
                    client_time: Timestamp::EPOCH,
                    match_id: None,
                };
                let label = format!("tablet-{number:02}").parse().expect("a label");
                home.heartbeat(label, heartbeat).await.expect("heard");
            }
        };
        let known = |home: &Home| -> Vec<String> {
            home.devices().expect("read").iter().map(|device| device.device.to_string()).collect()
        };
        let labels = |numbers: std::ops::Range<usize>| -> Vec<String> {
            numbers.map(|number| format!("tablet-{number:02}")).collect()
        };
        let kept = world.life(async |home| {
            hear(&home, 0..16).await;
            world.clock.fetch_add(6 * DAY_MS, Ordering::Relaxed);
            hear(&home, 4..16).await;
            assert_eq!(known(&home), labels(0..16), "six days are not a week");
            world.clock.fetch_add(DAY_MS, Ordering::Relaxed);
            // In every partition somebody is heard of.
            hear(&home, 4..16).await;
            assert_eq!(known(&home), labels(4..16));
            home.dump_store().expect("read")
        });
        std::fs::remove_dir_all(world.store_dir()).expect("deleted");
        world.life(async |home| assert_eq!(home.dump_store().expect("read"), kept, "as the log says"));
    }
}

#[test]
fn time_on_the_log_never_runs_back() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| begin(&home).await);
    world.clock.fetch_sub(1_000_000, Ordering::Relaxed);
    world.life(async |home| {
        accept(&home, 3, point(Side::Home)).await;
        let times: Vec<_> =
            checked_events(&home, match_id(0)).iter().map(|event| event.recorded.recorded_at).collect();
        assert!(times.is_sorted(), "{times:?}");
    });
}

#[test]
fn cold_matches_fold_to_what_they_were() {
    for mut world in World::both(4) {
        world.hot_matches = 1;
        world.life(async |home| {
            for number in 0..6 {
                home.create_match(singles(number)).await.expect("created");
            }
            let mut count = 100;
            for round in 0..4 {
                for number in 0..6 {
                    count += 1;
                    let command = match round {
                        0 => choose(),
                        1 => start_game(),
                        _ => point(if number % 2 == 0 { Side::Home } else { Side::Away }),
                    };
                    let answer =
                        home.submit(match_id(number), envelope(count, command)).await.expect("decided");
                    let Verdict::Accepted(accepted) = answer.verdict else { panic!("refused") };
                    assert_eq!(accepted.seq(), Seq(round + 2));
                }
            }
            let score = |number| {
                let snapshot = home.match_snapshot(match_id(number)).expect("read").expect("there");
                snapshot.facts.games[0]
            };
            assert_eq!((score(0), score(1)), (Both::new(2, 0), Both::new(0, 2)));
        });
    }
}

#[test]
fn lists_follow_the_matches() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        for number in 0..5 {
            home.create_match(singles(number)).await.expect("created");
        }
        accept(&home, 1, choose()).await;
        accept(&home, 2, start_game()).await;
        let list = |status, cursor: Option<String>| {
            home.matches(&MatchFilter { status, ..MatchFilter::default() }, cursor.as_deref(), 2)
                .expect("read")
        };
        let live = list(StatusFilter::Live, None);
        assert_eq!(live.items.iter().map(|found| found.meta.id).collect::<Vec<_>>(), [match_id(0)]);
        assert_eq!(list(StatusFilter::Is(Status::Scheduled), None).items.len(), 2);
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = list(StatusFilter::Any, cursor);
            seen.extend(page.items.iter().map(|found| found.meta.id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..5).rev().map(match_id).collect::<Vec<_>>(), "newest first, each once");
    });
}

#[test]
fn a_subscriber_sees_every_change_and_can_catch_up_from_any_place() {
    for world in World::both(5) {
        world.life(async |home| {
            let mut subscription = home.subscribe();
            begin(&home).await;
            accept(&home, 3, point(Side::Home)).await;
            let mut live = Vec::new();
            while live.len() < 4 {
                live.extend(subscription.next().await.expect("a batch").changes.clone());
            }
            assert_eq!(
                live.iter().map(|(_, change)| change.event.recorded.seq.0).collect::<Vec<_>>(),
                [1, 2, 3, 4]
            );
            let (partition, last) = home.positions().expect("read").pop_first().expect("one");
            assert_eq!(last, live[3].0);
            for (index, after) in
                std::iter::once(None).chain(live.iter().map(|(at, _)| Some(*at))).enumerate()
            {
                let batches = home.catch_up(partition, after, 100).await.expect("read");
                let caught: Vec<_> = batches.into_iter().flat_map(|batch| batch.changes).collect();
                assert_eq!(caught, live[index..]);
            }
        });
    }
}

#[test]
fn a_closed_home_takes_nothing_and_loses_nothing() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        let mut subscription = home.subscribe();
        home.shutdown().await;
        assert!(subscription.next().await.is_err());
        let refused = home.submit(match_id(0), envelope(3, point(Side::Home))).await;
        assert!(matches!(refused, Err(SubmitError::Call(_))), "{refused:?}");
    });
    world.life(async |home| assert_eq!(checked_events(&home, match_id(0)).len(), 3));
}

#[test]
fn a_store_of_another_log_is_filled_again() {
    let one = World::new(MemoryLog::new());
    one.life(async |home| {
        begin(&home).await;
        accept(&home, 3, point(Side::Home)).await;
    });
    // Shorter, as long with other records, and longer.
    for points in 0..3 {
        let other = World::new(MemoryLog::new());
        other.clock.fetch_add(5_000, Ordering::Relaxed);
        let store = other.life(async |home| {
            begin(&home).await;
            for number in 0..points {
                accept(&home, 3 + number, point(Side::Away)).await;
            }
            home.dump_store().expect("read")
        });
        std::fs::remove_dir_all(other.store_dir()).expect("deleted");
        copy(&one.store_dir(), &other.store_dir());
        other.life(async |home| {
            assert_eq!(home.dump_store().expect("read"), store);
            assert_eq!(checked_events(&home, match_id(0)).len() as u128, 3 + points);
        });
    }
}

#[test]
fn a_home_says_which_partition_has_failed_and_why() {
    let faults = Faults::default();
    let world = World::new(faulty(MemoryLog::new(), &faults));
    world.life(async |home| {
        begin(&home).await;
        assert_eq!(home.condition(), Condition::Running);
        faults.plan([Fault::Full]);
        let full = home.submit(match_id(0), envelope(3, point(Side::Home))).await.expect_err("full");
        assert!(full.is_retryable(), "{full}");
        assert_eq!(home.condition(), Condition::Running, "what passes is not a failure");
        faults.plan([Fault::Failed]);
        let failed = home.submit(match_id(0), envelope(3, point(Side::Home))).await.expect_err("failed");
        assert!(!failed.is_retryable(), "{failed}");
        let Condition::Failed { reason } = home.condition() else { panic!("it runs") };
        assert!(reason.starts_with("partition ") && reason.contains("the sync failed"), "{reason}");
    });
    world.life(async |home| assert_eq!(home.condition(), Condition::Running));
}
