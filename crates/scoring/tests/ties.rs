//! Ties keep the promises that matches keep.

#![allow(clippy::panic, reason = "helpers of tests panic like tests")]

mod world;

use topspin_event::{Chain, CreateTie, MatchId, Refusal, Seq, Team, TieCommandEnvelope, TieId, wire};
use topspin_laws::tie::{PlayerId, TieCommand, TieFormat, TieStatus};
use topspin_laws::{Both, Side};
use topspin_scoring::{Home, Replayed, SubmitError, TieAccepted, TieCreateError, TieVerdict, Verdict};
use uuid::Uuid;
use world::{World, command_id};

const TIE: TieId = TieId(Uuid::from_u128(7));

fn tie() -> CreateTie {
    let team = |name: &str| Team { name: name.to_owned(), club_id: None };
    CreateTie {
        id: Some(TIE),
        external_ids: vec!["ttbl:77".parse().expect("an id")],
        competition_id: None,
        category: None,
        venue_id: None,
        scheduled_at: None,
        format: TieFormat::five_singles(),
        sides: Both::new(team("Ostheim"), team("Westheim")),
    }
}

fn ask(number: u128, command: TieCommand) -> TieCommandEnvelope {
    TieCommandEnvelope {
        command_id: command_id(number),
        command,
        expected_seq: None,
        occurred_at: None,
        precision: topspin_event::Precision::Ms,
    }
}

fn line_up(side: Side) -> TieCommand {
    let player = |place: u8| PlayerId::try_from(format!("{side:?}{place}")).expect("an id");
    TieCommand::NominateLineUp { side, players: (1..=3).map(player).collect() }
}

async fn accept(home: &Home, number: u128, command: TieCommand) -> TieAccepted {
    match home.submit_tie(TIE, ask(number, command)).await.expect("decided").verdict {
        TieVerdict::Accepted(accepted) => *accepted,
        TieVerdict::Refused(refusal) => panic!("refused: {refusal:?}"),
    }
}

#[test]
fn a_tie_is_decided_kept_and_folded_again() {
    for world in World::both(6) {
        let (last, store) = world.life(async |home| {
            home.create_tie(tie()).await.expect("created");
            accept(&home, 1, line_up(Side::Home)).await;
            accept(&home, 2, line_up(Side::Away)).await;
            accept(&home, 3, TieCommand::StartMatch { number: 1 }).await;
            let result = TieCommand::RecordResult {
                number: 1,
                winner: Side::Away,
                games: Both::new(1, 3),
                cards: Both::default(),
            };
            let last = accept(&home, 4, result).await;
            assert_eq!(last.snapshot.facts.score, Both::new(0, 1));
            assert_eq!(last.snapshot.facts.status, TieStatus::InPlay);
            home.shutdown().await;
            (last, home.dump_store().expect("read"))
        });
        std::fs::remove_dir_all(world.store_dir()).expect("deleted");
        world.life(async |home| {
            assert_eq!(home.dump_store().expect("read"), store);
            assert_eq!(home.tie_snapshot(TIE).expect("read").as_ref(), Some(&last.snapshot));
            assert_eq!(home.find_tie(&"ttbl:77".parse().expect("an id")).expect("read"), Some(TIE));
            let mut chain = Chain::START;
            for (index, event) in home.tie_events(TIE, Seq(1), 100).expect("read").iter().enumerate() {
                chain = chain.link(event.payload_hash());
                assert_eq!((event.recorded.seq, event.chain), (Seq(index as u64 + 1), chain));
                assert_eq!(wire::encode_tie_recorded(&event.recorded).as_ref(), Some(&event.payload));
            }
            assert_eq!(chain, last.snapshot.chain);
            assert_eq!(home.ties(None, 10).expect("read").items.first(), Some(&last.snapshot));
        });
    }
}

#[test]
fn a_repeated_command_to_a_tie_gets_the_first_answer() {
    for world in World::both(7) {
        world.life(async |home| {
            let first = home.create_tie(tie()).await.expect("created");
            let again = home.create_tie(tie()).await.expect("created");
            assert_eq!((again.replayed, &again.snapshot), (Replayed::Yes, &first.snapshot));
            let mut other = tie();
            other.sides.home.name = "Nordheim".to_owned();
            assert!(matches!(
                home.create_tie(other).await,
                Err(TieCreateError::AlreadyExists { existing: TIE })
            ));

            let one = accept(&home, 1, line_up(Side::Home)).await;
            accept(&home, 2, line_up(Side::Away)).await;
            assert_eq!(accept(&home, 1, line_up(Side::Home)).await, one);
            let reused = home.submit_tie(TIE, ask(1, line_up(Side::Away))).await;
            assert!(matches!(reused, Err(SubmitError::CommandIdReused(_))), "{reused:?}");
            let mut late = ask(3, TieCommand::StartMatch { number: 1 });
            late.expected_seq = Some(Seq(2));
            let refused = home.submit_tie(TIE, late).await.expect("decided").verdict;
            let mismatch = Refusal::SeqMismatch { expected: Seq(2), head: Seq(3) };
            assert_eq!(refused, TieVerdict::Refused(mismatch));
            let unknown = home.submit_tie(TieId(Uuid::nil()), ask(4, line_up(Side::Home))).await;
            assert!(matches!(unknown, Err(SubmitError::TieNotFound(_))), "{unknown:?}");
        });
    }
}

#[test]
fn a_match_and_a_tie_with_one_id_answer_one_command_id_each() {
    let world = World::new(topspin_log::memory::MemoryLog::new());
    world.life(async |home| {
        home.create_tie(tie()).await.expect("created");
        let mut new = world::singles(0);
        new.id = Some(MatchId(TIE.0));
        home.create_match(new).await.expect("created");
        let tie = accept(&home, 1, line_up(Side::Home)).await;
        for replayed in [Replayed::No, Replayed::Yes] {
            let choice = home.submit(MatchId(TIE.0), world::envelope(1, world::choose())).await;
            let choice = choice.expect("decided");
            assert!(matches!(choice.verdict, Verdict::Accepted(_)), "{choice:?}");
            assert_eq!(choice.replayed, replayed);
        }
        assert_eq!(accept(&home, 1, line_up(Side::Home)).await, tie);
    });
}
