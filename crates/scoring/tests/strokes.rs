//! The strokes of a rally: recorded beside the score, which they never change.

#![allow(clippy::panic, reason = "helpers of tests panic like tests")]

mod world;

use topspin_event::limits::MAX_STROKES;
use topspin_event::{Hand, MatchCommand, MatchEvent, RallyStrokes, Refusal, Seq, Stroke, Zone};
use topspin_laws::{Both, Command, Discipline, Format, How, Outcome, Place, Seat, Side};
use topspin_log::memory::MemoryLog;
use topspin_scoring::{Accepted, Home, SubmitError, Verdict};
use world::{World, checked_events, choose, envelope, match_id, point, singles, start_game};

use Side::{Away, Home as HomeSide};

/// The first rally of a match that was begun with [`begin`].
const RALLY: u64 = 4;

async fn verdict(home: &Home, number: u128, command: impl Into<MatchCommand>) -> Verdict {
    home.submit(match_id(0), envelope(number, command)).await.expect("decided").verdict
}

async fn accept(home: &Home, number: u128, command: impl Into<MatchCommand>) -> Accepted {
    match verdict(home, number, command).await {
        Verdict::Accepted(accepted) => *accepted,
        Verdict::Refused(refusal) => panic!("refused: {refusal:?}"),
    }
}

/// The code and the law of a refusal.
async fn refused(home: &Home, number: u128, command: impl Into<MatchCommand>) -> (String, String) {
    match verdict(home, number, command).await {
        Verdict::Refused(Refusal::Law { code, law, .. }) => (code, law),
        other => panic!("not refused by a law: {other:?}"),
    }
}

async fn begin(home: &Home) {
    home.create_match(singles(0)).await.expect("created");
    accept(home, 1, choose()).await;
    accept(home, 2, start_game()).await;
}

fn scored(to: Side, how: Option<How>, strokes: Option<u16>) -> Command {
    Command::Point { to, how, strokes }
}

fn strokes(rally: u64, by: &[Side]) -> MatchCommand {
    let strokes = by.iter().map(|side| Stroke::by(*side)).collect();
    MatchCommand::RecordStrokes(RallyStrokes { rally: Seq(rally), strokes })
}

#[test]
fn strokes_are_recorded_and_change_no_fact() {
    for world in World::both(11) {
        world.life(async |home| {
            begin(&home).await;
            let before = accept(&home, 3, scored(HomeSide, None, Some(3))).await.snapshot;
            let described = RallyStrokes {
                rally: Seq(RALLY),
                strokes: vec![
                    Stroke { zone: Zone::try_from(5).ok(), ..Stroke::by(HomeSide) },
                    Stroke { hand: Some(Hand::Backhand), ..Stroke::by(Away) },
                    Stroke::by(HomeSide),
                ],
            };
            let accepted = accept(&home, 4, MatchCommand::RecordStrokes(described.clone())).await;
            let recorded = &accepted.events[0].recorded.event;
            assert_eq!(recorded, &MatchEvent::StrokesRecorded(described));
            assert_eq!(accepted.snapshot.facts, before.facts);
            assert_eq!(accepted.snapshot.state_hash, before.state_hash);
            assert_eq!(accepted.seq(), Seq(5));
            assert_eq!(checked_events(&home, match_id(0)).len(), 5);
        });
    }
}

#[test]
fn a_later_recording_replaces_the_earlier_and_the_same_again_is_refused() {
    let world = World::new(MemoryLog::new());
    let same = ("nothing_to_correct".to_owned(), "T.7".to_owned());
    world.life(async |home| {
        begin(&home).await;
        accept(&home, 3, point(HomeSide)).await;
        accept(&home, 4, strokes(RALLY, &[HomeSide, Away])).await;
        assert_eq!(refused(&home, 5, strokes(RALLY, &[HomeSide, Away])).await, same);
        accept(&home, 6, strokes(RALLY, &[HomeSide])).await;
        assert_eq!(refused(&home, 7, strokes(RALLY, &[HomeSide])).await, same);
    });
    world.life(async |home| {
        assert_eq!(refused(&home, 8, strokes(RALLY, &[HomeSide])).await, same, "also after a restart");
        accept(&home, 9, strokes(RALLY, &[HomeSide, Away])).await;
        assert_eq!(checked_events(&home, match_id(0)).len(), 7);
    });
}

#[test]
fn what_cannot_be_the_strokes_of_a_rally_is_refused_with_its_law() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        accept(&home, 3, scored(Away, None, Some(4))).await;
        accept(&home, 4, Command::Let { reason: None }).await;
        accept(&home, 5, scored(HomeSide, Some(How::Ace), None)).await;
        let of_second_player = MatchCommand::RecordStrokes(RallyStrokes {
            rally: Seq(RALLY),
            strokes: [HomeSide, Away, HomeSide, Away]
                .map(|side| Stroke { place: Some(Place::Second), ..Stroke::by(side) })
                .to_vec(),
        });
        let cases = [
            (strokes(1, &[HomeSide]), "not_a_live_rally", "T.3"),
            (strokes(3, &[HomeSide]), "not_a_live_rally", "T.3"),
            (strokes(99, &[HomeSide]), "not_a_live_rally", "T.3"),
            (strokes(5, &[HomeSide]), "rally_not_scored", "T.8"),
            (strokes(4, &[Away, HomeSide, Away, HomeSide]), "first_stroke_not_servers", "2.8.1"),
            (strokes(4, &[HomeSide, Away, Away, HomeSide]), "strokes_not_alternating", "2.8.1"),
            (strokes(4, &[HomeSide, Away, HomeSide]), "stroke_count_differs", "T.8"),
            (strokes(6, &[HomeSide, Away]), "stroke_count_differs", "T.8"),
            (of_second_player, "stroke_of_another_player", "2.8.2"),
        ];
        for (number, (command, code, law)) in (10..).zip(cases) {
            let expected = (code.to_owned(), law.to_owned());
            assert_eq!(refused(&home, number, command.clone()).await, expected, "{command:?}");
        }
        assert_eq!(checked_events(&home, match_id(0)).len(), 6, "a refusal is no event");
        accept(&home, 30, strokes(4, &[HomeSide, Away, HomeSide, Away])).await;
    });
}

#[test]
fn strokes_are_recorded_after_the_result_is_official_and_leave_it_so() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        let games = vec![Both::new(11, 0), Both::new(11, 0), Both::new(10, 0)];
        accept(&home, 3, Command::SetScore { games, server: None, receiver: None }).await;
        let last = accept(&home, 4, point(HomeSide)).await;
        let before = accept(&home, 6, Command::ConfirmResult {}).await.snapshot;
        let after = accept(&home, 7, strokes(last.seq().0, &[Away, HomeSide])).await.snapshot;
        assert_eq!((after.facts, after.state_hash), (before.facts, before.state_hash));
        let (code, _) = refused(&home, 8, Command::Undo {}).await;
        assert_eq!(code, "result_official");
    });
}

#[test]
fn strokes_of_a_rally_taken_back_wait_until_it_stands_again() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        accept(&home, 3, point(HomeSide)).await;
        accept(&home, 4, strokes(RALLY, &[HomeSide, Away])).await;
        accept(&home, 5, Command::Undo {}).await;
        assert_eq!(refused(&home, 6, strokes(RALLY, &[HomeSide])).await.0, "not_a_live_rally");
        accept(&home, 7, Command::Redo {}).await;
        assert_eq!(refused(&home, 8, strokes(RALLY, &[HomeSide, Away])).await.0, "nothing_to_correct");
    });
}

#[test]
fn strokes_are_held_against_the_rally_as_it_was_amended() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        accept(&home, 3, scored(HomeSide, None, Some(2))).await;
        let outcome = Outcome::Point { to: Away, how: None, strokes: Some(3) };
        accept(&home, 4, Command::Amend { seq: Seq(RALLY), outcome }).await;
        assert_eq!(refused(&home, 5, strokes(RALLY, &[HomeSide, Away])).await.0, "stroke_count_differs");
        accept(&home, 6, strokes(RALLY, &[HomeSide, Away, HomeSide])).await;
        let outcome = Outcome::Let { reason: None };
        accept(&home, 7, Command::Amend { seq: Seq(RALLY), outcome }).await;
        assert_eq!(refused(&home, 8, strokes(RALLY, &[HomeSide, Away])).await.0, "rally_not_scored");
    });
}

#[test]
fn in_doubles_the_four_players_strike_in_turn() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        let mut create = singles(0);
        create.format = Format::ittf(Discipline::Doubles, 5);
        for side in Side::BOTH {
            let entry = if side == HomeSide { &mut create.sides.home } else { &mut create.sides.away };
            let mut partner = entry.players[0].clone();
            partner.name = partner.name.map(|name| name + "'s partner");
            entry.players.push(partner);
        }
        home.create_match(create).await.expect("created");
        accept(&home, 1, choose()).await;
        let (server, receiver) = (Seat::second(HomeSide), Seat::first(Away));
        accept(&home, 2, Command::StartGame { server: Some(server), receiver: Some(receiver) }).await;
        accept(&home, 3, point(Away)).await;
        let by = |seats: &[(Side, Option<Place>)]| {
            let strokes = seats.iter().map(|(side, place)| Stroke { place: *place, ..Stroke::by(*side) });
            MatchCommand::RecordStrokes(RallyStrokes { rally: Seq(RALLY), strokes: strokes.collect() })
        };
        let (first, second) = (Some(Place::First), Some(Place::Second));
        let wrong = by(&[(HomeSide, second), (Away, first), (HomeSide, second)]);
        let expected = ("stroke_of_another_player".to_owned(), "2.8.2".to_owned());
        assert_eq!(refused(&home, 4, wrong).await, expected);
        let right = [(HomeSide, second), (Away, first), (HomeSide, first), (Away, None), (HomeSide, second)];
        accept(&home, 5, by(&right)).await;
    });
}

#[test]
fn no_strokes_and_too_many_are_refused_with_their_field() {
    let world = World::new(MemoryLog::new());
    world.life(async |home| {
        begin(&home).await;
        accept(&home, 3, point(HomeSide)).await;
        for (number, count) in [(4, 0), (5, MAX_STROKES + 1)] {
            let by: Vec<Side> = Side::BOTH.into_iter().cycle().take(count).collect();
            let error = home.submit(match_id(0), envelope(number, strokes(RALLY, &by))).await;
            assert!(matches!(error, Err(SubmitError::Invalid { field, .. }) if field == "command.strokes"));
        }
        let most: Vec<Side> = Side::BOTH.into_iter().cycle().take(MAX_STROKES).collect();
        accept(&home, 6, strokes(RALLY, &most)).await;
    });
}
