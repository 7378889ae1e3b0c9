//! Day after day: what is said of the matches of a day rests on those of earlier days.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use topspin_event::{MatchId, Rating};
use topspin_insight::forecast::{Learning, Prior, Rates, RatingScale, log_odds_per_point};
use topspin_insight::{Chronicle, RatingList, ratings_before};
use topspin_laws::{Both, Format, Side};

use super::forecasters::Known;
use super::scores::{Forecaster, Said, loss};
use crate::bench::matches::by_day;

/// What is tried: how much of the difference of ratings counts, how much of their uncertainty, and the day's.
const TRUST: [f64; 4] = [0.0, 0.5, 0.75, 1.0];
const DOUBT: [f64; 3] = [0.0, 0.5, 1.0];
const DAY: [f64; 4] = [0.05, 0.1, 0.15, 0.2];

/// Matches before which nothing is chosen yet, and rallies before which nobody knows what serving is worth.
const FIRST_CHOICE: usize = 40;
const FIRST_SERVE: f64 = 500.0;

/// About so many matches tell the ways apart; of more, only every so manieth is tried in all ways.
const TRIED: usize = 500;

/// The usual scale until there is something to choose by: all of what ratings say.
const FIRST: RatingScale = RatingScale { trust: 1.0, doubt: 1.0, day: 0.1 };

/// What came of it.
pub struct Walked {
    pub all: Vec<Forecaster>,
    /// The scale that was chosen for the last day.
    pub chosen: RatingScale,
    pub serve: f64,
}

/// How each way to make a prior has done so far, and what it said today.
struct Candidate {
    scale: RatingScale,
    loss: f64,
    rallies: f64,
}

impl Candidate {
    fn mean(&self) -> f64 {
        self.loss / self.rallies
    }
}

/// Says all matches, in the order of their beginnings.
pub fn walk(singles: &[Chronicle]) -> anyhow::Result<Walked> {
    let rated = ratings_before(RatingList::Glicko2, singles, &TimeZone::UTC);
    let scales = TRUST.iter().flat_map(|trust| {
        DOUBT.iter().flat_map(move |doubt| DAY.iter().map(move |day| (*trust, *doubt, *day)))
    });
    let scales = scales.map(|(trust, doubt, day)| RatingScale { trust, doubt, day });
    let candidate = |scale| Candidate { scale, loss: 0.0, rallies: 0.0 };
    let mut walk = Walk {
        rated,
        candidates: scales.map(candidate).collect(),
        served: (0.0, 0.0),
        per_point: Vec::new(),
        all: [
            "a coin",
            "rating before the match",
            "the score alone",
            "unknown, learning",
            "ratings, not learning",
            "ratings, learning",
        ]
        .map(|name| Forecaster { name, said: Vec::new() })
        .into(),
        matches: 0,
        every: (singles.len() / TRIED).max(1),
    };
    for day in by_day(singles) {
        walk.day(day)?;
    }
    let (chosen, serve) = (walk.chosen(), walk.serve());
    Ok(Walked { all: walk.all, chosen, serve })
}

struct Walk {
    rated: BTreeMap<MatchId, Both<Rating>>,
    candidates: Vec<Candidate>,
    /// Rallies won by who served, and all.
    served: (f64, f64),
    per_point: Vec<(Format, f64)>,
    all: Vec<Forecaster>,
    matches: usize,
    /// Which of the matches are tried in all ways.
    every: usize,
}

impl Walk {
    fn day(&mut self, day: &[Chronicle]) -> anyhow::Result<()> {
        let (scale, serve) = (self.chosen(), self.serve());
        for told in day {
            let known = self.known(told, serve)?;
            self.say(&known, &scale)?;
        }
        // Now everybody knows how they ended.
        for (number, told) in (self.matches..).zip(day) {
            let known = self.known(told, serve)?;
            let won = won(told);
            let tried = number % self.every == 0;
            for candidate in self.candidates.iter_mut().filter(|_| tried) {
                let said = known.course(&known.prior(&candidate.scale)?, Learning::FromRallies);
                candidate.loss += said.iter().map(|p| loss(*p, won)).sum::<f64>();
                candidate.rallies += said.len() as f64;
            }
            let by_server: Vec<bool> =
                told.rallies().iter().filter_map(topspin_insight::Rally::won_by_server).collect();
            self.served.0 += by_server.iter().filter(|won| **won).count() as f64;
            self.served.1 += by_server.len() as f64;
        }
        self.matches += day.len();
        Ok(())
    }

    fn known<'a>(&mut self, told: &'a Chronicle, serve: f64) -> anyhow::Result<Known<'a>> {
        let format = told.format().context("a format")?;
        let known = self.per_point.iter().find(|(of, _)| of == format).map(|(_, worth)| *worth);
        let per_point = if let Some(worth) = known {
            worth
        } else {
            let worth = log_odds_per_point(format, &Rates::even(serve)?)?;
            self.per_point.push((format.clone(), worth));
            worth
        };
        let id = told.meta().map(|meta| meta.id);
        let rated = id.and_then(|id| self.rated.get(&id));
        let unrated = RatingList::Glicko2.unrated();
        let ratings = rated.copied().unwrap_or_else(|| Both::new(unrated, unrated));
        let ratings = Both::new(ratings.home.points(), ratings.away.points());
        Ok(Known { told, format, ratings, serve, per_point })
    }

    fn say(&mut self, known: &Known<'_>, scale: &RatingScale) -> anyhow::Result<()> {
        let (prior, won) = (known.prior(scale)?, won(known.told));
        let unknown = Prior::new(0.0, 0.15, known.rates()?)?;
        let said = [
            vec![0.5; known.told.rallies().len()],
            known.before_match(&prior),
            known.course(&Prior::certain(known.rates()?), Learning::Never),
            known.course(&unknown, Learning::FromRallies),
            known.course(&prior, Learning::Never),
            known.course(&prior, Learning::FromRallies),
        ];
        for (forecaster, probabilities) in self.all.iter_mut().zip(said) {
            forecaster.said.push(Said { probabilities, won });
        }
        Ok(())
    }

    fn chosen(&self) -> RatingScale {
        let best = self.candidates.iter().min_by(|a, b| a.mean().total_cmp(&b.mean()));
        best.filter(|_| self.matches >= FIRST_CHOICE).map_or(FIRST, |best| best.scale)
    }

    fn serve(&self) -> f64 {
        let (won, all) = self.served;
        if all < FIRST_SERVE { 0.1 } else { (won / (all - won)).ln() }
    }
}

fn won(told: &Chronicle) -> bool {
    told.state().and_then(|state| state.moment().winner) == Some(Side::Home)
}
