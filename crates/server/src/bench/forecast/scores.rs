//! How good it was what forecasters said.

use topspin_insight::{Chronicle, Rally};

/// Who said something, of one match after the other.
pub struct Forecaster {
    pub name: &'static str,
    pub said: Vec<Said>,
}

/// What one forecaster said of one match: the probability before each rally, and what came true.
pub struct Said {
    pub probabilities: Vec<f64>,
    pub won: bool,
}

pub fn loss(probability: f64, won: bool) -> f64 {
    let of_truth = if won { probability } else { 1.0 - probability };
    -of_truth.max(1e-9).ln()
}

/// Everybody, beside the last.
pub fn show(all: &[Forecaster], samples: u32) {
    let Some(beside) = all.last() else { return };
    println!(
        "{:<26} {:>8} {:>8} {:>8}   log-loss more than {} (95 %)",
        "", "log-loss", "Brier", "ECE", beside.name
    );
    for one in all {
        let brier = mean(&one.said, |p, won| (p - f64::from(u8::from(won))).powi(2));
        let said: Vec<_> = one.said.iter().flat_map(Said::each).collect();
        print!("{:<26} {:>8.4} {brier:>8.4} {:>8.4}", one.name, mean(&one.said, loss), calibration(&said));
        if std::ptr::eq(one, beside) {
            println!();
            continue;
        }
        let (low, high) = difference(&one.said, &beside.said, samples);
        let told = if low <= 0.0 && 0.0 <= high { " no difference told" } else { "" };
        println!("   {low:+.4} to {high:+.4}{told}");
    }
}

/// The last forecaster by the state of the score: games level or not, and home's lead in the game.
pub fn show_states(singles: &[Chronicle], all: &[Forecaster]) {
    let Some(one) = all.last() else { return };
    println!("\n{:<34} {:>8} {:>7} {:>7} {:>7}", one.name, "rallies", "said", "came", "ECE");
    for (games, of_games) in [("level in games", 0), ("home ahead in games", 1), ("home behind in games", -1)]
    {
        for (points, of_points) in [("close", 0), ("home leads by 3", 1), ("away leads by 3", -1)] {
            let within = |rally: &Rally| state(rally) == (of_games, of_points);
            let mut said = Vec::new();
            for (told, one) in singles.iter().zip(&one.said) {
                let rallies = told.rallies().iter().zip(one.each());
                said.extend(rallies.filter(|(rally, _)| within(rally)).map(|(_, said)| said));
            }
            let count = said.len().max(1) as f64;
            let came = said.iter().filter(|(_, won)| *won).count() as f64 / count;
            let mean = said.iter().map(|(p, _)| p).sum::<f64>() / count;
            println!(
                "{:<34} {:>8} {mean:>7.3} {came:>7.3} {:>7.3}",
                format!("{games}, {points}"),
                said.len(),
                calibration(&said)
            );
        }
    }
}

fn state(rally: &Rally) -> (i32, i32) {
    let games = i32::from(rally.games.home) - i32::from(rally.games.away);
    let points = i32::from(rally.score.home) - i32::from(rally.score.away);
    (games.signum(), if points.abs() < 3 { 0 } else { points.signum() })
}

impl Said {
    fn each(&self) -> impl Iterator<Item = (f64, bool)> {
        self.probabilities.iter().map(|p| (*p, self.won))
    }
}

/// The mean over all rallies of all matches.
fn mean(all: &[Said], of: impl Fn(f64, bool) -> f64) -> f64 {
    let terms = all.iter().flat_map(Said::each).map(|(p, won)| of(p, won));
    let (sum, count) = terms.fold((0.0, 0.0), |(sum, count), term| (sum + term, count + 1.0));
    sum / count
}

/// The expected calibration error: in twenty bins, how far what came true is from what was said.
fn calibration(said: &[(f64, bool)]) -> f64 {
    let mut bins = [(0.0, 0.0); 20];
    for (p, won) in said {
        let place = (1..20).filter(|edge| *p >= f64::from(*edge) / 20.0).count();
        let bin = &mut bins[place];
        *bin = (bin.0 + p, bin.1 + f64::from(u8::from(*won)));
    }
    bins.iter().map(|(said, came)| (said - came).abs()).sum::<f64>() / said.len().max(1) as f64
}

/// The middle 95 % of the difference of log-losses when matches are drawn anew, with their rallies.
fn difference(all: &[Said], beside: &[Said], samples: u32) -> (f64, f64) {
    let sum = |said: &Said| said.probabilities.iter().map(|p| loss(*p, said.won)).sum::<f64>();
    let pairs: Vec<(f64, f64)> = all
        .iter()
        .zip(beside)
        .map(|(one, other)| (sum(one) - sum(other), one.probabilities.len() as f64))
        .collect();
    let mut draws = Draws(7);
    let mut means: Vec<f64> = (0..samples.max(1))
        .map(|_| {
            let drawn = (0..pairs.len()).map(|_| pairs[draws.below(pairs.len())]);
            let (sum, count) =
                drawn.fold((0.0, 0.0), |(sum, count), (part, more)| (sum + part, count + more));
            sum / count
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |thousandths: usize| means[(means.len() - 1) * thousandths / 1000];
    (at(25), at(975))
}

/// splitmix64: the same samples on every machine.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }
}
