//! What holds of every forecast, under the formats that are played.

use proptest::prelude::*;
use topspin_insight::forecast::{
    Model, Position, Prior, Rates, RatingScale, Service, Tally, elo, glicko, log_odds_per_point,
};
use topspin_laws::{Both, Discipline, Expedite, Format, Seat, Side};

use super::scored::Scored;
use super::{assert_close, certain, forecast, format};

fn side(home: bool) -> Side {
    if home { Side::Home } else { Side::Away }
}

fn discipline(doubles: bool) -> Discipline {
    if doubles { Discipline::Doubles } else { Discipline::Singles }
}

fn played(format: &Format, rallies: &[bool]) -> Scored {
    let mut scored = Scored::new(format);
    for (n, home) in rallies.iter().enumerate() {
        scored.play(side(*home), n);
    }
    scored
}

fn rallies() -> impl Strategy<Value = Vec<bool>> {
    prop::collection::vec(any::<bool>(), 0..150)
}

/// Whoever serves in the first game, among those who may.
fn first_game(format: &Format, rates: &Rates, first: Side) -> f64 {
    let mut scored = Scored::new(format);
    let mut starts = scored.starts();
    scored = starts
        .swap_remove(starts.iter().position(|s| s.facts().server == Some(Seat::first(first))).expect("one"));
    forecast(&certain(format, rates), &scored.position(), &Tally::default()).next.expect("a rally").game
}

/// Ten services each, of which eleven wins decide; only at ten each does it go on, and then by equal shares.
#[test]
fn a_game_of_eleven_is_a_sum_of_products() {
    let home: f64 = 0.57;
    let away = 1.0 - home;
    let choose = |n: i32, k: i32| (1..=k).map(|i| f64::from(n - k + i) / f64::from(i)).product::<f64>();
    let before_deuce: f64 =
        (0..10).map(|lost| choose(10 + lost, lost) * home.powi(11) * away.powi(lost)).sum();
    let deuce = choose(20, 10) * (home * away).powi(10);
    let expected = before_deuce + deuce * home * home / (home * home + away * away);
    let rates = Rates::by_side(home, home).expect("probabilities");
    let game = first_game(&Format::ittf(Discipline::Singles, 1), &rates, Side::Home);
    assert_close(game, expected, 1e-12, "a game to 11");
}

#[test]
fn under_expedite_and_by_the_default_the_receiver_gains() {
    let rates = Rates::even(0.1).expect("small");
    let serving = |expedite| rates.probability(Service::singles(Side::Home), expedite);
    assert_close(serving(Expedite::Off), 0.524_979_187_478_94, 1e-12, "server");
    assert_close(serving(Expedite::On), 0.450_166_002_687_522_1, 1e-12, "server under expedite");
    let away = rates.probability(Service::singles(Side::Away), Expedite::On);
    assert_close(serving(Expedite::On), 1.0 - away, 1e-12, "the sides are even");
}

/// The worked example of Glickman's paper on the Glicko system.
#[test]
fn a_rating_that_is_less_sure_says_less() {
    for (difference, deviation, wins) in [(100.0, 30.0, 0.639), (-50.0, 100.0, 0.432), (-200.0, 300.0, 0.303)]
    {
        assert_close(glicko(difference, Both::new(0.0, deviation)), wins, 5e-4, "opponent's deviation");
        assert_close(glicko(-difference, Both::new(deviation, 0.0)), 1.0 - wins, 5e-4, "the other way round");
    }
    assert_close(glicko(120.0, Both::new(180.0, 240.0)), glicko(120.0, Both::new(300.0, 0.0)), 1e-12, "both");
    assert_close(elo(400.0), 10.0 / 11.0, 1e-12, "ten to one");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn who_serves_first_does_not_decide_a_game_to_eleven(home in 0.05..0.95, away in 0.05..0.95) {
        let format = Format::ittf(Discipline::Singles, 1);
        let rates = Rates::by_side(home, away).expect("probabilities");
        let first = first_game(&format, &rates, Side::Home);
        assert_close(first, first_game(&format, &rates, Side::Away), 1e-12, "home or away first");
    }

    #[test]
    fn a_match_seen_from_the_other_side_is_the_same_match(
        doubles in any::<bool>(), rallies in rallies(), given in prop::array::uniform8(0.3..0.7), sd in 0.0..0.5,
    ) {
        let [a, b, c, d, e, f, g, h] = given;
        let not = |cells: [[f64; 2]; 2]| cells.map(|row| row.map(|p| 1.0 - p));
        let (home, away) = ([[a, b], [c, d]], [[e, f], [g, h]]);
        let format = Format::ittf(discipline(doubles), 7);
        let seen = |home, away, rallies: &[bool], first: usize| {
            let prior = Prior::new(0.0, sd, Rates::by_player(home, away).expect("probabilities")).expect("legal");
            let mut scored = Scored::new(&format);
            for (n, rally) in rallies.iter().enumerate() {
                // Choices of an odd number are away's, where there is a choice of sides.
                let choice = if n == 0 { first } else { n };
                scored.play(side(*rally), choice);
            }
            forecast(&Model::new(&format, &prior), &scored.position(), &scored.tally)
        };
        let mirrored: Vec<bool> = rallies.iter().map(|home| !home).collect();
        let half = if doubles { 4 } else { 1 };
        let (one, other) = (seen(home, away, &rallies, 0), seen(not(away), not(home), &mirrored, half));
        assert_close(one.wins, 1.0 - other.wins, 1e-12, "match");
        for ((score, p), (mirror, q)) in one.scores.iter().zip(other.scores.iter().rev()) {
            prop_assert_eq!((score.home, score.away), (mirror.away, mirror.home));
            assert_close(*p, *q, 1e-12, "score");
        }
        if let (Some(one), Some(other)) = (one.next, other.next) {
            assert_close(one.point, 1.0 - other.point, 1e-12, "point");
            assert_close(one.game, 1.0 - other.game, 1e-12, "game");
            assert_close(one.leverage, other.leverage, 1e-12, "leverage");
        }
    }

    #[test]
    fn the_stronger_win_more(doubles in any::<bool>(), rallies in rallies(), mean in -1.0..1.0, more in 0.01..0.5) {
        let format = Format::ittf(discipline(doubles), 5);
        let scored = played(&format, &rallies);
        let at = |mean| {
            let prior = Prior::new(mean, 0.3, Rates::even(0.2).expect("small")).expect("legal");
            forecast(&Model::new(&format, &prior), &scored.position(), &scored.tally)
        };
        let (weaker, stronger) = (at(mean), at(mean + more));
        if let (Some(weak), Some(strong)) = (weaker.next, stronger.next) {
            prop_assert!(weak.point < strong.point && weak.game < strong.game && weak.leverage > 0.0);
            prop_assert!(weaker.wins < stronger.wins);
        }
    }

    #[test]
    fn what_is_expected_after_the_next_rally_is_what_is_expected_now(
        doubles in any::<bool>(),
        rallies in rallies(),
        mean in -0.5..0.5,
        sd in prop_oneof![Just(0.0), 0.0..1.0],
    ) {
        let format = format(discipline(doubles), 7, |format| format.deciding_game_points = 7);
        let prior = Prior::new(mean, sd, Rates::even(0.2).expect("small")).expect("legal");
        let model = Model::new(&format, &prior);
        let mut scored = played(&format, &rallies);
        if scored.facts().server.is_none() && !scored.facts().status.is_over() {
            scored = scored.starts().remove(0);
        }
        let now = forecast(&model, &scored.position(), &scored.tally);
        let Some(next) = now.next else { return Ok(()) };
        let [won, lost] = Side::BOTH.map(|side| {
            let after = scored.after_point(side);
            forecast(&model, &after.position(), &after.tally).wins
        });
        assert_close(now.wins, next.point * won + (1.0 - next.point) * lost, 1e-12, "match");
        assert_close(next.leverage, won - lost, 1e-12, "leverage");
    }

    #[test]
    fn a_rating_gives_the_probability_that_it_stands_for(
        difference in -800.0..800.0, best_of in 0..5_u8, doubles in any::<bool>(), sd in 0.0..0.4,
    ) {
        let format = Format::ittf(discipline(doubles), 2 * best_of + 1);
        let wins = elo(difference);
        let prior = Prior::rated(&format, wins, sd, &Rates::even(0.1).expect("small")).expect("legal");
        let start = forecast(&Model::new(&format, &prior), &Position::START, &Tally::default());
        assert_close(start.wins, wins, 1e-9, "match");
    }
}

/// With all of what ratings say, and nothing else unknown, the match is won as often as Elo says: exactly where a point's
/// worth was measured, and nearly so elsewhere. Two who are not known are equal, and as uncertain as ratings are.
#[test]
fn a_prior_from_ratings_wins_as_often_as_the_ratings_say() {
    let base = Rates::even(0.1).expect("small");
    let all = RatingScale { trust: 1.0, doubt: 0.0, day: 0.0 };
    for best_of in [5, 7] {
        let format = Format::ittf(Discipline::Singles, best_of);
        let per_point = log_odds_per_point(&format, &base).expect("within bounds");
        for (difference, within) in [(100.0, 1e-9), (-100.0, 1e-9), (250.0, 0.02), (0.0, 1e-9)] {
            let ratings = Both::new((1_500.0 + difference, 60.0), (1_500.0, 80.0));
            let prior = all.prior(&ratings, per_point, &base).expect("within bounds");
            let wins = forecast(&Model::new(&format, &prior), &Position::START, &Tally::default()).wins;
            assert_close(wins, elo(difference), within, "the match");
        }
        let unknown = Both::new((1_500.0, 350.0), (1_500.0, 350.0));
        let doubted = RatingScale { trust: 1.0, doubt: 1.0, day: 0.0 };
        let prior = doubted.prior(&unknown, per_point, &base).expect("within bounds");
        assert_close(prior.mean(), 0.0, 1e-12, "equal");
        assert_close(prior.sd(), per_point * 350.0 * 2_f64.sqrt(), 1e-12, "uncertain");
    }
}
