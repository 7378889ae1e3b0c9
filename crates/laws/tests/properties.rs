//! Properties that hold for any sequence of commands.

mod support;

use proptest::prelude::*;
use support::Match;
use topspin_laws::{
    BallInPlay, Both, Card, CardTo, Certainty, Command, Discipline, End, Event, ExpediteReason, Facts,
    Format, How, Outcome, ReviewOutcome, Score, Seat, Seq, Setup, Side, Standing, State, Status,
    SuspensionReason, decide, evolve, standing,
};

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Home), Just(Side::Away)]
}

fn seat() -> impl Strategy<Value = Seat> {
    (side(), any::<bool>())
        .prop_map(|(side, second)| if second { Seat::second(side) } else { Seat::first(side) })
}

fn how() -> impl Strategy<Value = Option<How>> {
    prop_oneof![
        6 => Just(None),
        1 => Just(Some(How::Ace)),
        1 => Just(Some(How::ServiceError)),
        1 => Just(Some(How::Edge)),
        1 => Just(Some(How::ThirteenthReturn)),
    ]
}

fn score() -> impl Strategy<Value = Score> {
    (0..14_u16, 0..14_u16).prop_map(|(home, away)| Score { home, away })
}

fn play() -> impl Strategy<Value = Command> {
    prop_oneof![
        30 => (side(), how(), proptest::option::weighted(0.2, 0..30_u16))
            .prop_map(|(to, how, strokes)| Command::Point { to, how, strokes }),
        6 => (proptest::option::of(seat()), proptest::option::of(seat()))
            .prop_map(|(server, receiver)| Command::StartGame { server, receiver }),
        2 => Just(Command::StartGame { server: None, receiver: None }),
        2 => Just(Command::Let { reason: None }),
        2 => Just(Command::StartRally {}),
        4 => Just(Command::Undo {}),
        2 => Just(Command::Redo {}),
        2 => (1..60_u64, side()).prop_map(|(seq, to)| Command::Amend {
            seq: Seq(seq),
            outcome: Outcome::Point { to, how: None, strokes: None },
        }),
        1 => (proptest::collection::vec(score(), 1..6), proptest::option::of(seat()), proptest::option::of(seat()))
            .prop_map(|(games, server, receiver)| Command::SetScore { games, server, receiver }),
    ]
}

fn around() -> impl Strategy<Value = Command> {
    prop_oneof![
        (side(), any::<bool>()).prop_map(|(first_server, left)| Command::Choose {
            first_server,
            home_end: Some(if left { End::Left } else { End::Right }),
        }),
        Just(Command::Call {}),
        Just(Command::StartWarmUp {}),
        (seat(), seat())
            .prop_map(|(server, receiver)| Command::CorrectService { server, receiver: Some(receiver) }),
        any::<bool>()
            .prop_map(|left| Command::CorrectEnds { home_end: if left { End::Left } else { End::Right } }),
        any::<bool>().prop_map(|playing| Command::IntroduceExpedite {
            reason: ExpediteReason::Agreement,
            ball_in_play: if playing { BallInPlay::Yes } else { BallInPlay::No },
            played_ms: None,
        }),
        side().prop_map(|side| Command::TakeTimeOut { side }),
        Just(Command::TakeTowelBreak {}),
        Just(Command::Resume {}),
        side().prop_map(|side| Command::Suspend { reason: SuspensionReason::Injury, side: Some(side) }),
        (side(), 0..3_usize, 0..3_usize).prop_map(|(side, to, card)| Command::ShowCard {
            side,
            to: [CardTo::Player, CardTo::SecondPlayer, CardTo::Bench][to],
            card: [Card::Yellow, Card::YellowRed, Card::Red][card],
        }),
        side().prop_map(|side| Command::RequestReview { side }),
        (0..3_usize).prop_map(|which| Command::DecideReview {
            outcome: [ReviewOutcome::Overturned, ReviewOutcome::Upheld, ReviewOutcome::Inconclusive][which],
        }),
        side().prop_map(|side| Command::Retire { side, reason: None }),
        side().prop_map(|side| Command::WalkOver { side }),
        side().prop_map(|side| Command::Disqualify { side, reason: None }),
        Just(Command::Abandon {}),
        Just(Command::Postpone {}),
        Just(Command::Reschedule {}),
        Just(Command::ConfirmResult {}),
        side().prop_map(|side| Command::ProtestResult { side, reason: None }),
        Just(Command::ReopenResult { reason: String::from("again").try_into().expect("fits") }),
        Just(Command::HandOver { to: String::from("tablet 2").try_into().expect("fits") }),
    ]
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    proptest::collection::vec(prop_oneof![9 => play(), 1 => around()], 0..250)
}

/// Short matches of one side's points, and a busy referee.
fn commands_with_referee() -> impl Strategy<Value = Vec<Command>> {
    let referee = prop_oneof![
        3 => Just(Command::ConfirmResult {}),
        3 => side().prop_map(|side| Command::ProtestResult { side, reason: None }),
        1 => Just(Command::ReopenResult { reason: String::from("again").try_into().expect("fits") }),
    ];
    let begun = Just(Command::StartGame {
        server: Some(Seat::first(Side::Home)),
        receiver: Some(Seat::first(Side::Away)),
    });
    let retired = side().prop_map(|side| Command::Retire { side, reason: None });
    (begun, retired, proptest::collection::vec(prop_oneof![4 => referee, 2 => play()], 0..40))
        .prop_map(|(begun, retired, then)| [begun, retired].into_iter().chain(then).collect())
}

fn commands_with_cards() -> impl Strategy<Value = Vec<Command>> {
    let card = |card| side().prop_map(move |side| Command::ShowCard { side, to: CardTo::Player, card });
    let begun = Just(Command::StartGame { server: Some(Seat::first(Side::Home)), receiver: None });
    let then = prop_oneof![
        6 => side().prop_map(|to| Command::Point { to, how: None, strokes: None }),
        1 => Just(Command::StartGame { server: None, receiver: None }),
        3 => Just(Command::StartRally {}),
        2 => card(Card::Yellow),
        3 => card(Card::YellowRed),
    ];
    (begun, proptest::collection::vec(then, 0..40))
        .prop_map(|(begun, then)| std::iter::once(begun).chain(then).collect())
}

fn formats() -> impl Strategy<Value = Format> {
    (any::<bool>(), 0..5_u8, prop_oneof![Just(11_u16), Just(21), Just(3)], 1..=2_u16, 0..3_u8).prop_map(
        |(doubles, half, game_points, win_by, challenges)| {
            let discipline = if doubles { Discipline::Doubles } else { Discipline::Singles };
            let change_over_points = game_points.min(5) - 1;
            Format {
                game_points,
                deciding_game_points: game_points,
                win_by,
                challenges,
                change_over_points,
                ..Format::ittf(discipline, half * 2 + 1)
            }
        },
    )
}

/// What must be true of every board.
fn assert_legal(state: &State) {
    let (facts, format) = (state.facts(), state.format());
    let mut won = [0_u8; 2];
    for (index, score) in facts.games.iter().enumerate() {
        match standing(format, index + 1, *score) {
            Standing::Unreachable => unreachable!("game {} has an impossible score {score:?}", index + 1),
            Standing::Open => assert_eq!(index + 1, facts.games.len(), "an open game is the last"),
            Standing::Won(Side::Home) => won[0] += 1,
            Standing::Won(Side::Away) => won[1] += 1,
        }
    }
    assert_eq!(won, [facts.score.home, facts.score.away], "games won are those that the scores show");
    assert!(facts.games.len() <= usize::from(format.best_of));
    assert_eq!(
        facts.status == Status::Finished,
        won.iter().any(|w| *w >= format.games_to_win()) && decided(facts.status)
    );
    if let (Some(server), Some(receiver)) = (facts.server, facts.receiver) {
        assert_ne!(server.side, receiver.side);
    }
    if facts.ball_in_play == BallInPlay::Yes {
        assert_eq!(facts.status, Status::InPlay, "the ball is in play in a game only");
    }
}

/// Setting the score that stands changes nothing. Where the path to a score decides who receives (in doubles, after
/// the change of receivers) setting it may leave the service unknown.
fn assert_same_score_keeps_the_board(state: &State) {
    let facts = state.facts();
    let games = facts.games.clone();
    let Ok(set) = decide(state, &Command::SetScore { games, server: None, receiver: None }) else { return };
    let again = set.iter().fold(state.clone(), |state, event| evolve(state, Seq(100_000), event)).facts();
    let shown = |facts: &Facts| {
        (facts.status, facts.score, facts.winner, facts.home_end, facts.pending_points, facts.serves_first)
    };
    assert_eq!(shown(&again), shown(&facts));
    let deciding = facts.games.len() == usize::from(state.format().best_of);
    let by_path = state.format().discipline == Discipline::Doubles && deciding;
    if facts.server.is_some() && !by_path {
        assert_eq!((again.server, again.receiver), (facts.server, facts.receiver));
    }
}

/// A game started and a game set at 0:0 begin alike, where no penalty points wait.
fn assert_a_game_set_begins_like_one_started(state: &State) {
    let facts = state.facts();
    let Ok(started) = decide(state, &Command::StartGame { server: None, receiver: None }) else { return };
    let mut games = facts.games.clone();
    games.push(Score::default());
    let Ok(set) = decide(state, &Command::SetScore { games, server: None, receiver: None }) else { return };
    let after = |events: &[Event]| {
        let state = events.iter().fold(state.clone(), |state, event| evolve(state, Seq(100_000), event));
        let facts = state.facts();
        (facts.status, facts.server, facts.receiver, facts.home_end)
    };
    if facts.pending_points == Both::default() {
        assert_eq!(after(&set), after(&started));
    }
}

/// What everybody was told of the result: changed by play and corrections only.
fn told(facts: &Facts) -> (Status, Vec<Score>, Option<Side>) {
    (facts.status, facts.games.clone(), facts.winner)
}

/// A finished match can still be disqualified in name only before it is finished: other endings keep their games.
fn decided(status: Status) -> bool {
    !matches!(status, Status::Retired | Status::Disqualified | Status::Abandoned | Status::Walkover)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_commands_keep_the_board_legal_and_replay_exactly(format in formats(), commands in commands()) {
        let mut scored = Match::new(format.clone());
        for command in &commands {
            let before = scored.state.clone();
            match scored.give(command) {
                Ok(()) => {
                    assert_legal(&scored.state);
                    assert_same_score_keeps_the_board(&scored.state);
                    assert_a_game_set_begins_like_one_started(&scored.state);
                }
                Err(rejection) => {
                    prop_assert_eq!(&scored.state, &before, "a rejection changes nothing");
                    prop_assert!(!rejection.code().is_empty() && !rejection.law().0.is_empty());
                }
            }
        }
        let replayed = scored.events.iter().enumerate().fold(
            State::new(Setup { format, carried_cards: Both::default() }),
            |state, (index, event)| evolve(state, Seq(index as u64 + 1), event),
        );
        prop_assert_eq!(&replayed, &scored.state);
    }

    #[test]
    fn an_official_result_stands_until_the_referee_reopens_it(format in formats(), commands in commands_with_referee()) {
        let mut scored = Match::new(format);
        let mut official = None;
        for command in &commands {
            if scored.give(command).is_err() {
                continue;
            }
            match command {
                Command::ConfirmResult {} => official = Some(told(&scored.state.facts())),
                Command::ReopenResult { .. } => official = None,
                _ => {}
            }
            if let Some(official) = &official {
                let facts = scored.state.facts();
                prop_assert_eq!(&told(&facts), official);
                prop_assert!(matches!(facts.certainty, Certainty::Official | Certainty::Protested));
            }
        }
    }

    /// Short games of many cards, so that penalty points end many a game and wait in many an interval.
    #[test]
    fn penalty_points_end_games_or_wait_for_the_next(commands in commands_with_cards()) {
        let format = Format { game_points: 2, change_over_points: 0, ..Format::ittf(Discipline::Singles, 9) };
        let mut scored = Match::new(format);
        for command in &commands {
            let _ = scored.give(command);
            assert_legal(&scored.state);
            assert_same_score_keeps_the_board(&scored.state);
        }
    }

    #[test]
    fn undo_restores_the_facts_before_and_redo_those_after(format in formats(), commands in commands()) {
        let mut scored = Match::new(format);
        for command in &commands {
            let before = scored.state.clone();
            if scored.give(command).is_err() || !scored.events.last().is_some_and(Event::is_action) {
                continue;
            }
            let after = scored.state.facts();
            let undone = apply(&scored.state, &Command::Undo {}, scored.events.len() as u64 + 1);
            let redone = apply(&undone, &Command::Redo {}, scored.events.len() as u64 + 2);
            let (mut expected, mut shown) = (before.facts(), undone.facts());
            // The referee's word on a result is not an action: undoing what came after it does not bring it back.
            (expected.certainty, shown.certainty) = Default::default();
            prop_assert_eq!(shown, expected);
            prop_assert_eq!(redone.facts(), after);
        }
    }

    #[test]
    fn folding_foreign_events_never_panics(
        format in formats(),
        commands in commands(),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..200),
    ) {
        let mut scored = Match::new(format.clone());
        for command in &commands {
            let _ = scored.give(command);
        }
        if !scored.events.is_empty() {
            let shuffled = order.iter().map(|index| index.get(&scored.events));
            let state = shuffled.enumerate().fold(
                State::new(Setup { format, carried_cards: Both::default() }),
                |state, (index, event)| evolve(state, Seq(index as u64 + 1), event),
            );
            assert_legal(&state);
        }
    }

    #[test]
    fn events_and_commands_survive_json(commands in commands()) {
        let mut scored = Match::singles(5);
        for command in &commands {
            let text = serde_json::to_string(command).expect("serialises");
            prop_assert_eq!(&serde_json::from_str::<Command>(&text).expect("parses"), command);
            let _ = scored.give(command);
        }
        for event in &scored.events {
            let text = serde_json::to_string(event).expect("serialises");
            prop_assert_eq!(&serde_json::from_str::<Event>(&text).expect("parses"), event);
        }
    }

    /// The order of service against its definition counted from the score alone, written separately.
    #[test]
    fn singles_service_equals_a_count_from_the_score(points in proptest::collection::vec(side(), 1..120)) {
        let mut scored = Match::singles(1);
        scored.give(&Command::StartGame { server: Some(Seat::first(Side::Home)), receiver: None }).expect("starts");
        for to in points {
            if scored.give(&Command::Point { to, how: None, strokes: None }).is_err() {
                break;
            }
            let facts = scored.state.facts();
            let total = facts.games[0].home + facts.games[0].away;
            let turns = if total < 20 { total / 2 } else { total };
            let home_serves = turns.is_multiple_of(2);
            let expected = (facts.status == Status::InPlay).then_some(if home_serves { Side::Home } else { Side::Away });
            prop_assert_eq!(facts.server.map(|seat| seat.side), expected);
        }
    }

    #[test]
    fn a_score_is_settable_exactly_when_rallies_can_reach_it(target in score(), win_by in 1..=2_u16) {
        let mut set = Match::new(Format { win_by, ..Format::ittf(Discipline::Singles, 1) });
        let settable =
            set.give(&Command::SetScore { games: vec![target], server: None, receiver: None }).is_ok();
        prop_assert_eq!(settable, playable(target, win_by));
    }
}

fn apply(state: &State, command: &Command, seq: u64) -> State {
    let events = decide(state, command).expect("an action just made can be undone and redone");
    events.iter().fold(state.clone(), |state, event| evolve(state, Seq(seq), event))
}

/// Whether some order of points leads to a score without passing the end of the game, by search.
fn playable(target: Score, win_by: u16) -> bool {
    let over = |home: u16, away: u16| home.max(away) >= 11 && home.abs_diff(away) >= win_by;
    let mut reached = std::collections::HashSet::from([(0, 0)]);
    let mut open = vec![(0_u16, 0_u16)];
    while let Some((home, away)) = open.pop() {
        for next in [(home + 1, away), (home, away + 1)] {
            let within = next.0 <= target.home && next.1 <= target.away;
            if !over(home, away) && within && reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached.contains(&(target.home, target.away))
}
