//! Tonight beside history: what is so unlike it that somebody should hear of it, and what is only noise.
//!
//! Of each aspect, two ways to have won `w` of `n` rallies tonight are compared: at the rate of history (how a player with
//! this history would go on), and at a rate that has nothing to do with it. The ratio of their probabilities is the
//! evidence. It has to reach what is [`enough`]: that is measured, so that in at most a share [`FALSE_ALARMS`] of the matches in
//! which nothing is unusual, something is ever called unusual, however often one looks (`topspin bench unusual`).
//!
//! A player is not the same every day, and opponents differ: history therefore weighs no more than [`DAY_TO_DAY`]
//! rallies, which lets the rate of a day wander by some points around it.

use topspin_event::Tally;

use super::{Aspect, Counts};

/// The share of matches without anything unusual in which something is called unusual all the same, at most.
pub const FALSE_ALARMS: f64 = 0.1;

/// The evidence that each comparison needs, over their number. Measured.
const EVIDENCE_EACH: f64 = 0.5;

/// The most rallies that history weighs: a day's rate then is within about 9 points of history's, 19 times out of 20. Measured: on
/// the season 2023-24 of the Bundesliga this is the most likely one, and 80 to 200 are not much less so.
pub const DAY_TO_DAY: f64 = 120.0;

/// The fewest rallies of history that anything is compared with.
const LEAST_HISTORY: u32 = 40;

/// An aspect of tonight beside history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Which one.
    pub aspect: Aspect,
    /// Tonight.
    pub tonight: Tally,
    /// History.
    pub history: Tally,
    /// The rate of tonight: where it is with 95 % credibility, if nothing is known before.
    pub interval: (f64, f64),
    /// How many times more likely tonight is at a rate of its own than at that of history; 1 is nothing. Of two
    /// comparisons the one with more is more worth telling.
    pub evidence: f64,
    /// Whether that is enough for the stated rate of false alarms.
    pub notable: bool,
}

/// The aspects that are looked at in each game: of so few rallies the others are nothing.
pub(crate) const OF_GAME: [Aspect; 3] = [Aspect::Points, Aspect::Serve, Aspect::Receive];

/// The evidence that each comparison needs in a match of so many games: of both sides the match is looked at, and each game.
pub fn enough(best_of: u8) -> f64 {
    let of_match = Aspect::of_rallies().count();
    let comparisons = 2.0 * (of_match as f64 + OF_GAME.len() as f64 * f64::from(best_of));
    comparisons * EVIDENCE_EACH
}

/// The aspects of a match beside those of history, the most notable first.
pub fn compare(tonight: &Counts, history: &Counts, best_of: u8) -> Vec<Comparison> {
    let enough = enough(best_of);
    let one = |aspect| {
        let (tonight, history) = (tonight.tally(aspect), history.tally(aspect));
        let evidence = weigh(tonight, history)?;
        let notable = evidence >= enough;
        Some(Comparison { aspect, tonight, history, interval: interval(tonight), evidence, notable })
    };
    let mut compared: Vec<Comparison> = Aspect::of_rallies().filter_map(one).collect();
    compared.sort_by(|a, b| b.evidence.total_cmp(&a.evidence));
    compared
}

/// The evidence; `None` where there is nothing to compare, or too little to compare with.
pub(crate) fn weigh(tonight: Tally, history: Tally) -> Option<f64> {
    (tonight.of > 0 && history.of >= LEAST_HISTORY).then(|| evidence(tonight, history))
}

/// How many times more likely tonight is at a rate of its own than at that of history.
fn evidence(tonight: Tally, history: Tally) -> f64 {
    // Beta-binomial against beta-binomial: the number of orders cancels.
    let otherwise = ln_beta(1.0 + f64::from(tonight.won), 1.0 + lost(tonight));
    (otherwise - ln_as_ever(tonight, history, DAY_TO_DAY)).exp()
}

/// The logarithm of the probability that a player with this history has rallies like tonight's, in their order, when
/// history weighs at most so many rallies.
pub fn ln_as_ever(tonight: Tally, history: Tally, day_to_day: f64) -> f64 {
    let rate = (f64::from(history.won) + 1.0) / (f64::from(history.of) + 2.0);
    // How little is known of history and how much days differ add up.
    let weight = 1.0 / (1.0 / (f64::from(history.of) + 2.0) + 1.0 / day_to_day);
    let (a, b) = (rate * weight, (1.0 - rate) * weight);
    ln_beta(a + f64::from(tonight.won), b + lost(tonight)) - ln_beta(a, b)
}

fn lost(tally: Tally) -> f64 {
    f64::from(tally.of - tally.won.min(tally.of))
}

/// The middle 95 % of what is believed of a rate after so many rallies, and nothing before (Jeffreys' prior), to a
/// thousandth.
fn interval(tally: Tally) -> (f64, f64) {
    const STEPS: u32 = 2_000;
    let (a, b) = (f64::from(tally.won) + 0.5, lost(tally) + 0.5);
    let whole = ln_beta(a, b);
    let rates = (0..STEPS).map(|step| (f64::from(step) + 0.5) / f64::from(STEPS));
    let likely =
        rates.map(|rate| (rate, ((a - 1.0) * rate.ln() + (b - 1.0) * (1.0 - rate).ln() - whole).exp()));
    let likely: Vec<(f64, f64)> = likely.collect();
    let sum: f64 = likely.iter().map(|(_, density)| density).sum();
    let quantile = |share: f64| {
        let mut so_far = 0.0;
        let found = likely.iter().find(|(_, density)| {
            so_far += density;
            so_far >= share * sum
        });
        found.map_or(1.0, |(rate, _)| *rate)
    };
    (quantile(0.025), quantile(0.975))
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// The logarithm of the gamma function for numbers above 0, to 1e-10: Lanczos' approximation with g = 7.
fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let series = COEFFICIENTS[1..].iter().zip(1..).map(|(part, place)| part / (x + f64::from(place)));
    let sum = COEFFICIENTS[0] + series.sum::<f64>();
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gamma_function_is_that_of_factorials() {
        let mut factorial = 0.0;
        for n in 1..150 {
            factorial += f64::from(n).ln();
            assert!((ln_gamma(f64::from(n) + 1.0) - factorial).abs() < 1e-9 * factorial.max(1.0), "{n}");
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-10);
    }

    /// The evidence is a martingale under history: its mean after any number of rallies is 1.
    #[test]
    fn evidence_is_fair_while_history_goes_on() {
        let history = Tally { won: 410, of: 1_000 };
        let weight = 1.0 / (1.0 / 1_002.0 + 1.0 / DAY_TO_DAY);
        let (a, b) = (411.0 / 1_002.0 * weight, 591.0 / 1_002.0 * weight);
        for of in [1_u32, 7, 30] {
            let mean: f64 = (0..=of)
                .map(|won| {
                    let lost = f64::from(of - won);
                    let orders =
                        ln_gamma(f64::from(of) + 1.0) - ln_gamma(f64::from(won) + 1.0) - ln_gamma(lost + 1.0);
                    let likely = (orders + ln_beta(a + f64::from(won), b + lost) - ln_beta(a, b)).exp();
                    likely * evidence(Tally { won, of }, history)
                })
                .sum();
            assert!((mean - 1.0).abs() < 1e-9, "{of}: {mean}");
        }
    }

    #[test]
    fn an_interval_is_that_of_the_beta_distribution() {
        // Quantiles of Beta(4.5, 6.5) and Beta(10.5, 0.5), from tables.
        for (tally, low, high) in [((4, 10), 0.153, 0.696), ((10, 10), 0.783, 1.0)] {
            let (found_low, found_high) = interval(Tally { won: tally.0, of: tally.1 });
            assert!(
                (found_low - low).abs() < 0.002 && (found_high - high).abs() < 0.002,
                "{found_low} {found_high}"
            );
        }
    }

    #[test]
    fn nine_of_ten_against_four_of_ten_is_enough_and_eight_of_ten_is_not() {
        let history = Tally { won: 410, of: 1_000 };
        let of_ten = |won| evidence(Tally { won, of: 10 }, history);
        assert!(
            of_ten(9) > enough(5) && of_ten(8) < enough(5) && of_ten(4) < 1.0,
            "{} {}",
            of_ten(9),
            of_ten(8)
        );
    }
}
