//! The forecast is what comes of playing every sequence of rallies through `decide` and `evolve`.

use std::collections::BTreeMap;

use proptest::prelude::*;
use topspin_insight::forecast::{Rates, Service};
use topspin_laws::{
    BallInPlay, Card, CardTo, Command, Discipline, ExpediteReason, Facts, Format, Score, Side,
};

use super::scored::Scored;
use super::{assert_close, certain, forecast, format};

/// A game is left undecided after so many points: fewer than one in 10¹³, with the rates here.
const LONGEST_GAME: u32 = 150;

/// What follows from a moment.
#[derive(Clone, Default)]
struct Truth {
    wins: f64,
    scores: BTreeMap<(u8, u8), f64>,
    /// Points to come, on average.
    points: f64,
}

impl Truth {
    fn add(&mut self, share: f64, more: &Truth, points: f64) {
        self.wins += share * more.wins;
        for (score, probability) in &more.scores {
            *self.scores.entry(*score).or_default() += share * probability;
        }
        self.points += share * (more.points + points);
    }
}

struct Enumeration<'a> {
    rates: &'a Rates,
    known: BTreeMap<String, Truth>,
}

impl Enumeration<'_> {
    fn truth(&mut self, scored: &Scored) -> Truth {
        let facts = scored.facts();
        let mut truth = Truth::default();
        if let Some(winner) = facts.winner {
            truth.wins = if winner == Side::Home { 1.0 } else { 0.0 };
            truth.scores.insert((facts.score.home, facts.score.away), 1.0);
            return truth;
        }
        if facts.games.last().is_some_and(|score| score.total() > LONGEST_GAME) {
            return truth;
        }
        let key = key(&facts, scored);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let next = self.next(scored, &facts);
        for (share, next) in &next {
            let after = self.truth(next);
            truth.add(*share, &after, f64::from(total(&next.facts())) - f64::from(total(&facts)));
        }
        self.known.insert(key, truth.clone());
        truth
    }

    fn next(&self, scored: &Scored, facts: &Facts) -> Vec<(f64, Scored)> {
        let Some(server) = facts.server else {
            let starts = scored.starts();
            let share = 1.0 / starts.len() as f64;
            return starts.into_iter().map(|start| (share, start)).collect();
        };
        let service = Service::new(server, facts.receiver.expect("somebody receives"));
        let home = self.rates.probability(service, facts.expedite);
        vec![(home, scored.after_point(Side::Home)), (1.0 - home, scored.after_point(Side::Away))]
    }
}

/// All that the future depends on; who began the last game is not on the board.
fn key(facts: &Facts, scored: &Scored) -> String {
    let Facts { score, games, server, receiver, serves_first, expedite, pending_points, .. } = facts;
    let current = games.last().filter(|_| server.is_some());
    let began = scored.began;
    format!(
        "{score:?}{current:?}{server:?}{receiver:?}{serves_first:?}{expedite:?}{pending_points:?}{began:?}"
    )
}

fn total(facts: &Facts) -> u32 {
    facts.games.iter().map(Score::total).sum()
}

/// Compares at one moment, and with it the leverage.
fn compare(format: &Format, rates: &Rates, enumeration: &mut Enumeration<'_>, scored: &Scored) {
    let model = certain(format, rates);
    let (position, facts) = (scored.position(), scored.facts());
    let truth = enumeration.truth(scored);
    let forecast = forecast(&model, &position, &scored.tally);
    let seen = |what: &str| format!("{what} at {facts:?} under {format:?}");
    assert_close(forecast.wins, truth.wins, 1e-9, &seen("match"));
    assert_close(forecast.scores.iter().map(|(_, p)| p).sum(), 1.0, 1e-12, &seen("sum of scores"));
    for (score, probability) in &forecast.scores {
        let enumerated = truth.scores.get(&(score.home, score.away)).copied().unwrap_or_default();
        assert_close(*probability, enumerated, 1e-9, &seen("score"));
    }
    let points = model.total_points(&position, &model.belief(&scored.tally)).expect("a winner");
    assert_close(points.mean(), f64::from(total(&facts)) + truth.points, 1e-7, &seen("points"));
    if facts.server.is_some() {
        let next = forecast.next.expect("a rally to come");
        let after = Side::BOTH.map(|side| enumeration.truth(&scored.after_point(side)).wins);
        assert_close(next.leverage, after[0] - after[1], 1e-9, &seen("leverage"));
    }
}

/// One thing that happens in a match.
#[derive(Debug, Clone, Copy)]
enum Step {
    Point(Side, usize),
    Expedite(BallInPlay),
    /// A card to a side: penalty points from the second on, in play or waiting for the next game.
    Card(Side),
    /// Server and receiver were recorded wrongly: their partners, in singles the opponents, should be.
    Correction,
}

impl Step {
    fn take(self, scored: &mut Scored) {
        match self {
            Step::Point(to, choice) => scored.play(to, choice),
            Step::Expedite(ball_in_play) => {
                let _ = scored.give(&Command::IntroduceExpedite {
                    reason: ExpediteReason::Agreement,
                    ball_in_play,
                    played_ms: None,
                });
            }
            Step::Correction => {
                let facts = scored.facts();
                let Some((server, receiver)) = facts.server.zip(facts.receiver) else { return };
                let (server, receiver) = match scored.state.format().discipline {
                    Discipline::Singles => (receiver, server),
                    Discipline::Doubles => (server.partner(), receiver),
                };
                let _ = scored.give(&Command::CorrectService { server, receiver: Some(receiver) });
            }
            Step::Card(side) => {
                for card in [Card::Yellow, Card::YellowRed] {
                    let _ = scored.give(&Command::ShowCard { side, to: CardTo::Player, card });
                }
            }
        }
    }
}

fn check(format: &Format, rates: &Rates, steps: &[Step]) {
    let mut enumeration = Enumeration { rates, known: BTreeMap::new() };
    let mut scored = Scored::new(format);
    compare(format, rates, &mut enumeration, &scored);
    for step in steps {
        step.take(&mut scored);
        if let Step::Correction = step {
            // It changes who began, which no key shows.
            enumeration.known.clear();
        }
        compare(format, rates, &mut enumeration, &scored);
    }
}

/// Away wins every third point.
fn points(count: usize) -> Vec<Step> {
    let to = |n: usize| if n % 3 == 2 { Side::Away } else { Side::Home };
    (0..count).map(|n| Step::Point(to(n), n)).collect()
}

fn by_player() -> Rates {
    Rates::by_player([[0.62, 0.55], [0.48, 0.57]], [[0.41, 0.52], [0.35, 0.49]]).expect("probabilities")
}

#[test]
fn singles_to_three_by_two() {
    let format = format(Discipline::Singles, 3, |format| {
        (format.game_points, format.deciding_game_points, format.change_over_points) = (3, 3, 1);
    });
    check(&format, &Rates::by_side(0.6, 0.47).expect("probabilities"), &points(12));
}

#[test]
fn doubles_change_their_receivers_in_the_deciding_game() {
    let format = format(Discipline::Doubles, 3, |format| {
        (format.game_points, format.deciding_game_points, format.change_over_points) = (3, 4, 2);
    });
    let mut steps = points(7);
    steps.extend([Side::Away; 4].map(|side| Step::Point(side, 1)));
    steps.extend(points(4));
    check(&format, &by_player(), &steps);
}

#[test]
fn expedite_that_comes_in_during_a_game_turns_the_services_of_that_game_only() {
    for discipline in [Discipline::Singles, Discipline::Doubles] {
        let format = format(discipline, 3, |format| {
            (format.game_points, format.deciding_game_points, format.change_over_points) = (4, 3, 1);
        });
        let mut steps = points(3);
        steps.push(Step::Expedite(BallInPlay::No));
        steps.extend(points(9));
        check(&format, &by_player(), &steps);
    }
}

#[test]
fn penalty_points_wait_for_the_next_game() {
    let format = format(Discipline::Singles, 5, |format| {
        (format.game_points, format.deciding_game_points, format.change_over_points) = (2, 3, 1);
        (format.win_by, format.serves_per_turn) = (1, 3);
        format.cards.penalty_points = vec![1, 2];
    });
    let mut steps = vec![Step::Card(Side::Away)];
    steps.extend(points(2));
    // Two points: the next game is won before it begins.
    steps.push(Step::Card(Side::Away));
    steps.extend(points(4));
    check(&format, &Rates::by_side(0.55, 0.4).expect("probabilities"), &steps);
}

#[test]
fn penalty_points_of_both_sides_may_open_two_games() {
    let format = format(Discipline::Singles, 3, |format| {
        (format.game_points, format.deciding_game_points, format.change_over_points) = (1, 1, 0);
        format.win_by = 1;
    });
    let steps = [Side::Away, Side::Home].map(Step::Card);
    check(&format, &Rates::by_side(0.55, 0.4).expect("probabilities"), &steps);
}

fn any_format() -> impl Strategy<Value = Format> {
    let games = (prop_oneof![Just(1_u8), Just(3)], any::<bool>());
    (games, 1..=4_u16, 1..=4_u16, 0..4_u16, 1..=2_u16, 1..=5_u16).prop_map(
        |((best_of, doubles), points, deciding, change_over, win_by, turn)| {
            let discipline = if doubles { Discipline::Doubles } else { Discipline::Singles };
            format(discipline, best_of, |format| {
                (format.game_points, format.deciding_game_points) = (points, deciding);
                format.change_over_points = change_over.min(deciding - 1);
                (format.win_by, format.serves_per_turn) = (win_by, turn);
            })
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let side = any::<bool>().prop_map(|home| if home { Side::Home } else { Side::Away });
    let ball = any::<bool>().prop_map(|yes| if yes { BallInPlay::Yes } else { BallInPlay::No });
    prop_oneof![
        12 => (side.clone(), 0..8_usize).prop_map(|(side, choice)| Step::Point(side, choice)),
        1 => ball.prop_map(Step::Expedite),
        1 => side.prop_map(Step::Card),
        1 => Just(Step::Correction),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_format_at_any_moment(
        format in any_format(),
        rates in prop::array::uniform8(0.3..0.7),
        steps in prop::collection::vec(any_step(), 0..12),
    ) {
        let [a, b, c, d, e, f, g, h] = rates;
        let rates = Rates::by_player([[a, b], [c, d]], [[e, f], [g, h]]).expect("probabilities");
        check(&format, &rates, &steps);
    }
}
