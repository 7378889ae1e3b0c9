//! What is learned from rallies, beside an integral over a fine grid.

use topspin_insight::forecast::{
    MAX_SD, Model, Position, Prior, RATED_SD, Rally, Rates, RatesError, Service, Tally,
};
use topspin_laws::{Discipline, Expedite, Format, Seat, Side};

use super::scored::Scored;
use super::{assert_close, certain, forecast};

const SERVE: f64 = 0.2;

fn model(format: &Format, mean: f64, sd: f64) -> Model {
    let base = Rates::even(SERVE).expect("small");
    Model::new(format, &Prior::new(mean, sd, base).expect("legal"))
}

/// A match in which home wins three rallies of five.
fn some_match(format: &Format, rallies: usize) -> (Scored, Vec<(Side, Side)>) {
    let (mut scored, mut log) = (Scored::new(format), Vec::new());
    for n in 0..rallies {
        if scored.facts().server.is_none() {
            scored = scored.starts().remove(0);
        }
        let server = scored.facts().server.expect("a game goes on").side;
        let to = if n * 3 % 5 < 3 { Side::Home } else { Side::Away };
        log.push((server, to));
        scored.point(to).expect("a game goes on");
    }
    (scored, log)
}

fn tally<'a>(mut rallies: impl Iterator<Item = &'a Rally>) -> Tally {
    rallies.try_fold(Tally::default(), |tally, rally| tally.after(*rally)).expect("few")
}

/// P(home wins a rally) written out for this file alone.
fn rally(strength: f64, server: Side) -> f64 {
    let odds = (strength + if server == Side::Home { SERVE } else { -SERVE }).exp();
    odds / (1.0 + odds)
}

#[test]
fn a_belief_is_the_integral_over_all_strengths() {
    let format = Format::ittf(Discipline::Singles, 7);
    for (mean, sd, rallies) in [(0.1, RATED_SD, 0), (-0.2, RATED_SD, 37), (0.3, 0.5, 70), (0.0, MAX_SD, 60)] {
        let (scored, log) = some_match(&format, rallies);
        let steps = 1600;
        let (mut mass, mut strengths, mut wins) = (0.0, 0.0, 0.0);
        for node in -steps..=steps {
            let z = 7.0 * f64::from(node) / f64::from(steps);
            let strength = mean + sd * z;
            let likelihood: f64 = log
                .iter()
                .map(|(server, to)| match to {
                    Side::Home => rally(strength, *server),
                    Side::Away => 1.0 - rally(strength, *server),
                })
                .product();
            let weight = (-0.5 * z * z).exp() * likelihood;
            let rates = Rates::by_side(rally(strength, Side::Home), rally(strength, Side::Away));
            let known = certain(&format, &rates.expect("probabilities"));
            mass += weight;
            strengths += weight * strength;
            wins += weight * forecast(&known, &scored.position(), &Tally::default()).wins;
        }
        let model = model(&format, mean, sd);
        assert_close(model.belief(&scored.tally).mean, strengths / mass, 1e-8, "strength");
        let wins = wins / mass;
        assert_close(forecast(&model, &scored.position(), &scored.tally).wins, wins, 1e-8, "match");
    }
}

#[test]
fn what_is_learned_does_not_depend_on_the_order_and_can_be_taken_back() {
    let rallies: Vec<Rally> = (0..40)
        .map(|n| Rally {
            service: (n % 7 != 0).then(|| Service::singles(if n % 4 < 2 { Side::Home } else { Side::Away })),
            expedite: if n > 30 { Expedite::On } else { Expedite::Off },
            winner: if n % 3 == 0 { Side::Away } else { Side::Home },
        })
        .collect();
    let forwards = tally(rallies.iter());
    assert_eq!(forwards, tally(rallies.iter().rev()));
    let mut all = forwards;
    for rally in &rallies[10..] {
        all.add(*rally, -1).expect("few");
    }
    assert_eq!(all, tally(rallies[..10].iter()));
    let model = model(&Format::ittf(Discipline::Singles, 5), 0.0, RATED_SD);
    assert_eq!(model.belief(&all), model.belief(&tally(rallies[..10].iter())));
    assert_ne!(model.belief(&all), model.belief(&forwards));
}

/// By Bayes' rule: either side may have served, and the server is the likelier to have won.
#[test]
fn a_rally_without_a_server_teaches_what_either_service_would_on_average() {
    let model = model(&Format::ittf(Discipline::Singles, 5), 0.0, RATED_SD);
    let after = |server: Option<Side>, winner| {
        let rally = Rally { service: server.map(Service::singles), expedite: Expedite::Off, winner };
        model.belief(&Tally::default().after(rally).expect("one")).mean
    };
    let (won, lost) = (after(Some(Side::Home), Side::Home), after(Some(Side::Home), Side::Away));
    // The prior's mean, 0, is the mean over both ends of the rally.
    let server_wins = -lost / (won - lost);
    let unknown = server_wins * won + (1.0 - server_wins) * after(Some(Side::Away), Side::Home);
    assert_close(after(None, Side::Home), unknown, 1e-12, "strength");
}

#[test]
fn rallies_move_a_belief_and_certainty_stays() {
    let format = Format::ittf(Discipline::Singles, 7);
    let (scored, _) = some_match(&format, 60);
    let learning = model(&format, 0.0, RATED_SD);
    let (prior, posterior) = (learning.belief(&Tally::default()), learning.belief(&scored.tally));
    assert_close(prior.mean, 0.0, 1e-12, "mean");
    assert_close(prior.sd, RATED_SD, 1e-6, "standard deviation");
    // About as much again as was known: half the distance to what 60 rallies say, ln(3/2), and a variance of half.
    assert_close(posterior.mean, 0.2, 0.02, "mean");
    assert_close(posterior.sd, RATED_SD / 2_f64.sqrt(), 0.01, "standard deviation");
    let known = model(&format, 0.0, 0.0);
    assert_eq!(known.belief(&Tally::default()), known.belief(&scored.tally));
    assert_eq!(known.belief(&scored.tally).sd.to_bits(), 0.0_f64.to_bits());
}

#[test]
fn numbers_that_are_no_rates_are_refused() {
    for value in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY, 1e-12] {
        let refused = Rates::by_side(0.5, value).expect_err("no probability of a rally");
        assert!(matches!(refused, RatesError::Probability { .. }), "{refused}");
    }
    for value in [-20.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(Rates::even(value), Err(RatesError::LogOdds { .. })));
        assert!(Prior::new(value, 0.1, Rates::even(0.0).expect("even")).is_err());
        assert!(Prior::new(0.0, value, Rates::even(0.0).expect("even")).is_err());
    }
    assert!(Prior::new(0.0, -0.1, Rates::even(0.0).expect("even")).is_err());
    let format = Format::ittf(Discipline::Singles, 5);
    for wins in [0.0, 1.0, f64::NAN, -1.0] {
        assert!(Prior::rated(&format, wins, 0.1, &Rates::even(0.0).expect("even")).is_err());
    }
}

#[test]
fn extremes_give_probabilities_too() {
    for rates in [Rates::even(20.0), Rates::even(-20.0), Rates::by_side(1e-8, 1e-8)] {
        let prior = Prior::new(20.0, MAX_SD, rates.expect("legal")).expect("legal");
        for discipline in [Discipline::Singles, Discipline::Doubles] {
            let model = Model::new(&Format::ittf(discipline, 7), &prior);
            let service = Service::new(Seat::first(Side::Home), Seat::first(Side::Away));
            let rally = Rally { service: Some(service), expedite: Expedite::Off, winner: Side::Away };
            let mut tally = Tally::default();
            for times in [0, 1, 10_000, i64::MAX - 10_001] {
                tally.add(rally, times).expect("within the range");
                let forecast = forecast(&model, &Position::START, &tally);
                let next = forecast.next.expect("a rally");
                for p in [forecast.wins, next.point, next.game] {
                    assert!((0.0..=1.0 + 1e-12).contains(&p), "{p}");
                }
                assert!(next.leverage.is_finite());
            }
            assert!(tally.add(rally, 1).is_err());
        }
    }
}
