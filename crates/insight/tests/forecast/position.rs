//! What a position knows.

use topspin_insight::forecast::{Position, PositionError, Rates, Tally};
use topspin_laws::{
    BallInPlay, Both, Command, Discipline, ExpediteReason, Facts, Format, Seat, Side, Status,
    SuspensionReason,
};

use super::scored::Scored;
use super::{assert_close, certain, forecast, format};

fn uneven() -> Rates {
    Rates::by_player([[0.7, 0.4], [0.5, 0.6]], [[0.35, 0.5], [0.6, 0.4]]).expect("probabilities")
}

#[test]
fn a_match_that_is_over_has_its_result() {
    let format = Format::ittf(Discipline::Singles, 3);
    let model = certain(&format, &uneven());
    let mut scored = Scored::new(&format);
    for n in 0..22 {
        scored.play(Side::Away, n);
    }
    let over = forecast(&model, &scored.position(), &scored.tally);
    assert_eq!((over.wins.to_bits(), over.next), (0.0_f64.to_bits(), None));
    assert_eq!(over.scores, [(Both::new(0, 2), 1.0)]);
    let points = model.total_points(&scored.position(), &model.belief(&scored.tally)).expect("a winner");
    assert_eq!((points.least, points.quantile(0.5)), (22, 22));

    let mut retired = Scored::new(&format);
    retired.play(Side::Away, 0);
    retired.give(&Command::Retire { side: Side::Away, reason: None }).expect("lawful");
    let over = forecast(&model, &retired.position(), &retired.tally);
    assert_eq!((over.wins.to_bits(), over.scores), (1.0_f64.to_bits(), vec![(Both::new(0, 0), 1.0)]));

    let mut abandoned = Scored::new(&format);
    abandoned.play(Side::Away, 0);
    abandoned.give(&Command::Abandon {}).expect("lawful");
    assert_eq!(model.forecast(&abandoned.position(), &model.belief(&abandoned.tally)), None);
    assert_eq!(model.total_points(&abandoned.position(), &model.belief(&abandoned.tally)), None);
}

#[test]
fn before_the_draw_either_side_may_serve_first() {
    let format = format(Discipline::Doubles, 3, |format| format.serves_per_turn = 5);
    let model = certain(&format, &uneven());
    let drawn = |side| {
        let mut scored = Scored::new(&format);
        scored.give(&Command::Choose { first_server: side, home_end: None }).expect("lawful");
        forecast(&model, &scored.position(), &Tally::default()).wins
    };
    let before = forecast(&model, &Scored::new(&format).position(), &Tally::default()).wins;
    assert_close(before, f64::midpoint(drawn(Side::Home), drawn(Side::Away)), 1e-12, "match");
    assert!((drawn(Side::Home) - drawn(Side::Away)).abs() > 1e-3);
    assert_eq!(Scored::new(&format).position(), Position::START);
}

/// Facts between two games of doubles do not say who served to whom: both orders count alike.
#[test]
fn facts_alone_leave_open_what_they_do_not_show() {
    let format = Format::ittf(Discipline::Doubles, 3);
    let model = certain(&format, &uneven());
    let after_first_game = |choice: usize| {
        let mut scored = Scored::new(&format);
        scored.play(Side::Home, choice);
        (0..10).for_each(|_| scored.play(Side::Home, 0));
        assert_eq!(scored.facts().status, Status::Interval);
        scored
    };
    let (straight, crossed) = (after_first_game(0), after_first_game(1));
    let known = [&straight, &crossed].map(|s| forecast(&model, &s.position(), &s.tally).wins);
    assert!((known[0] - known[1]).abs() > 1e-6, "the order matters");
    let facts = straight.facts();
    assert_eq!(facts, crossed.facts());
    let position = Position::new(&format, &facts).expect("facts of this format");
    let open = forecast(&model, &position, &straight.tally).wins;
    assert_close(open, f64::midpoint(known[0], known[1]), 1e-12, "match");
}

/// With expedite from the first rally on home serves again after two; without it until then, away has served twice.
#[test]
fn facts_under_expedite_leave_open_who_began() {
    // Were the deciding game like the others, an even number of games to come would hide it.
    let format = format(Discipline::Singles, 3, |format| {
        (format.deciding_game_points, format.change_over_points, format.win_by) = (4, 2, 1);
    });
    let model = certain(&format, &uneven());
    let expedite = Command::IntroduceExpedite {
        reason: ExpediteReason::Agreement,
        ball_in_play: BallInPlay::No,
        played_ms: None,
    };
    let (mut from_the_first, mut from_the_third) = (Scored::new(&format), Scored::new(&format));
    from_the_first.give(&expedite).expect("lawful");
    for to in [Side::Home, Side::Away] {
        from_the_first.play(to, 0);
        from_the_third.play(to, 1);
    }
    from_the_third.give(&expedite).expect("lawful");
    assert_eq!(from_the_first.facts(), from_the_third.facts());
    let known = [&from_the_first, &from_the_third].map(|s| forecast(&model, &s.position(), &s.tally).wins);
    assert!((known[0] - known[1]).abs() > 1e-6, "who began matters");
    let position = Position::new(&format, &from_the_first.facts()).expect("facts of this format");
    let open = forecast(&model, &position, &Tally::default()).wins;
    assert_close(open, f64::midpoint(known[0], known[1]), 1e-12, "match");
}

#[test]
fn a_suspension_changes_nothing() {
    let format = Format::ittf(Discipline::Doubles, 3);
    let mut scored = Scored::new(&format);
    for n in 0..18 {
        if n == 4 {
            let (reason, ball_in_play) = (ExpediteReason::Agreement, BallInPlay::No);
            let expedite = Command::IntroduceExpedite { reason, ball_in_play, played_ms: None };
            scored.give(&expedite).expect("lawful");
        }
        let going_on = scored.position();
        let mut suspended = scored.clone();
        let suspend = Command::Suspend { reason: SuspensionReason::Injury, side: None };
        suspended.give(&suspend).expect("lawful");
        assert_eq!(suspended.position(), going_on);
        scored.play(Side::Home, 1);
    }
}

#[test]
fn facts_of_singles_tell_all_without_expedite() {
    let format = Format::ittf(Discipline::Singles, 5);
    let mut scored = Scored::new(&format);
    for n in 0..70 {
        assert_eq!(Position::new(&format, &scored.facts()), Ok(scored.position()));
        scored.play(if n % 5 < 2 { Side::Home } else { Side::Away }, n);
    }
}

#[test]
fn without_a_server_every_service_counts_alike() {
    let format = format(Discipline::Singles, 1, |format| format.serves_per_turn = 4);
    let model = certain(&format, &uneven());
    let mut scored = Scored::new(&format);
    (0..6).for_each(|n| scored.play(if n < 2 { Side::Home } else { Side::Away }, 0));
    let wins = |change: &dyn Fn(&mut Facts)| {
        let mut facts = scored.facts();
        change(&mut facts);
        forecast(&model, &Position::new(&format, &facts).expect("a position"), &scored.tally).wins
    };
    let served_by = |side: Side| {
        wins(&|facts| {
            facts.server = Some(Seat::first(side));
            facts.receiver = Some(Seat::first(side.other()));
        })
    };
    let unknown = wins(&|facts| facts.server = None);
    assert_close(unknown, f64::midpoint(served_by(Side::Home), served_by(Side::Away)), 1e-12, "match");
}

#[test]
fn facts_of_no_such_match_are_refused() {
    let format = Format::ittf(Discipline::Singles, 3);
    let mut scored = Scored::new(&format);
    scored.play(Side::Home, 0);
    let refused = |change: &dyn Fn(&mut Facts)| {
        let mut facts = scored.facts();
        change(&mut facts);
        Position::new(&format, &facts).expect_err("no position")
    };
    let games = |error| matches!(error, PositionError::Games { .. });
    assert!(games(refused(&|facts| facts.score = Both::new(2, 0))));
    assert!(games(refused(&|facts| facts.games.push(Both::new(0, 0)))));
    let score = refused(&|facts| facts.games[0] = Both::new(11, 3));
    assert_eq!(score, PositionError::Score { score: Both::new(11, 3) });
    assert_eq!(refused(&|facts| facts.receiver = facts.server), PositionError::Service);
}

#[test]
fn a_long_deuce_is_any_deuce() {
    let format = Format::ittf(Discipline::Doubles, 1);
    let model = certain(&format, &uneven());
    let at = |points: u16| {
        let mut scored = Scored::new(&format);
        scored = scored.starts().remove(0);
        let games = vec![Both::new(points, points)];
        let (server, receiver) = (Some(Seat::first(Side::Home)), Some(Seat::second(Side::Away)));
        scored.give(&Command::SetScore { games, server, receiver }).expect("reachable");
        forecast(&model, &scored.position(), &scored.tally)
    };
    assert_eq!(at(10), at(998));
}
