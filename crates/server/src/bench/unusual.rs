//! `topspin bench unusual`: how much players differ from day to day, and in how many matches something is called unusual.

use std::collections::BTreeMap;

use topspin_event::{PlayerId, Tally};
use topspin_insight::{Aspect, Chronicle, Counts, DAY_TO_DAY, FALSE_ALARMS, ln_as_ever, most_unusual};
use topspin_laws::Side;

use super::matches::{Matches, by_day};

/// Each player of every singles beside the singles of earlier days: how many rallies history should weigh, and in how many
/// matches anything is ever called unusual, by how much evidence is asked for.
///
/// In simulated matches nothing is unusual: players have better and worse days, as always. So there it is the share of
/// false alarms.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  topspin ingest ttbl season/ --data ./season && topspin bench unusual --data ./season\n  \
    topspin bench unusual --simulate 30000"
)]
pub struct Args {
    #[command(flatten)]
    matches: Matches,
}

/// How many rallies history weighs at most: what is tried.
const DAYS: [f64; 13] =
    [20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0, 120.0, 150.0, 200.0, 300.0, 500.0, f64::INFINITY];

/// Shares of matches whose evidence is told, in thousandths.
const SHARES: [usize; 7] = [5, 10, 20, 50, 100, 200, 500];

/// Rallies of history that a side must have to be looked at.
const KNOWN: u32 = 200;

/// Measures.
///
/// # Errors
/// Where the log cannot be read.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let singles = args.matches.singles()?;
    let mut measured = Measured { fits: DAYS.map(|day| (day, [0.0; ASPECTS.len()])), most: Vec::new() };
    let mut histories: BTreeMap<PlayerId, Counts> = BTreeMap::new();
    for day in by_day(&singles) {
        for told in day {
            measured.look(told, &histories);
        }
        for (told, side) in day.iter().flat_map(|told| Side::BOTH.map(|side| (told, side))) {
            let Some(player) = player(told, side) else { continue };
            let counts = Counts::of(told, side);
            histories
                .entry(player)
                .or_default()
                .add(&counts, 1)
                .map_err(|error| anyhow::anyhow!("{error}"))?;
        }
    }
    measured.show(singles.len());
    Ok(())
}

/// What tells how days differ: in each rally a player either serves or receives.
const ASPECTS: [Aspect; 3] = [Aspect::Points, Aspect::Serve, Aspect::Receive];

struct Measured {
    /// For each weight of history, the logarithm of how likely the matches are with it.
    fits: [(f64, [f64; ASPECTS.len()]); DAYS.len()],
    /// Of each match, the most evidence that anything had, over what is asked for.
    most: Vec<f64>,
}

impl Measured {
    fn look(&mut self, told: &Chronicle, histories: &BTreeMap<PlayerId, Counts>) {
        let known = |side| {
            let history = player(told, side).and_then(|player| histories.get(&player))?;
            (history.tally(Aspect::Points).of >= KNOWN).then_some((side, history))
        };
        let known: Vec<(Side, &Counts)> = Side::BOTH.into_iter().filter_map(known).collect();
        for (side, history) in &known {
            let tonight = Counts::of(told, *side);
            for (day, fits) in &mut self.fits {
                let likely = |aspect: Aspect| -> f64 {
                    let tallies: [Tally; 2] = [tonight.tally(aspect), history.tally(aspect)];
                    ln_as_ever(tallies[0], tallies[1], *day)
                };
                fits.iter_mut().zip(ASPECTS).for_each(|(fit, aspect)| *fit += likely(aspect));
            }
        }
        if known.len() == 2 {
            let most = known.iter().map(|(side, history)| most_unusual(told, *side, history));
            self.most.push(most.fold(0.0, f64::max));
        }
    }

    fn show(mut self, matches: usize) {
        let looked_at = self.most.len();
        println!("{matches} singles; {looked_at} with {KNOWN} rallies of history on both sides\n");
        println!(
            "history weighs at most: how much less likely the matches are than with the best weight (log)"
        );
        let best: Vec<f64> = (0..ASPECTS.len())
            .map(|aspect| self.fits.iter().map(|(_, fits)| fits[aspect]).fold(f64::NEG_INFINITY, f64::max))
            .collect();
        println!("{:>8} {}", "rallies", ASPECTS.map(|aspect| format!("{:>9}", aspect.as_str())).join(" "));
        for (day, fits) in &self.fits {
            let less = fits.iter().zip(&best).map(|(fit, best)| format!("{:>9.1}", best - fit));
            let now = if (day - DAY_TO_DAY).abs() < 0.5 { "  used" } else { "" };
            println!("{day:>8} {}{now}", less.collect::<Vec<_>>().join(" "));
        }
        self.most.sort_by(f64::total_cmp);
        println!(
            "\nshare of matches in which something ever has so many times the evidence that is asked for"
        );
        for share in SHARES {
            let most = self.most.get(looked_at * (1_000 - share) / 1_000).copied().unwrap_or(f64::NAN);
            println!("{:>6.1} %  {most:>8.3}", share as f64 / 10.0);
        }
        let alarms = self.most.iter().filter(|most| **most >= 1.0).count();
        println!(
            "\nin {alarms} of {looked_at} matches, {:.1} %, something is called unusual; where nothing is, at most {:.0} % are promised",
            100.0 * alarms as f64 / looked_at.max(1) as f64,
            100.0 * FALSE_ALARMS
        );
    }
}

fn player(told: &Chronicle, side: Side) -> Option<PlayerId> {
    told.meta()?.sides.of(side).players.first().copied()
}
