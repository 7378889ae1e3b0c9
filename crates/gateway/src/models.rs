//! Forecasts that are made once, and asked for by many.

use std::sync::Arc;

use topspin_event::{Epoch, MatchId, Rating, Seq};
use topspin_insight::forecast::{
    Course, Learning, Model, Prior, Rates, RatingScale, course, log_odds_per_point,
};
use topspin_insight::{Chronicle, RatingList};
use topspin_laws::{Both, Format};

use crate::app::Gateway;
use crate::code::Code;
use crate::limits::{MAX_CHRONICLES, MAX_MODELS};
use crate::problem::Problem;
use crate::recent::Recent;

/// What serving is worth, in log-odds of a rally: the server wins 52.5 %.
pub const SERVE: f64 = 0.1;

/// The forecasts of a match, and what was believed before it.
pub struct Foretold {
    /// Before each rally, and now.
    pub course: Course,
    /// The ratings before the match; `None` where neither side is rated.
    pub ratings: Option<Both<Rating>>,
    /// Home's strength before the match, in log-odds of a rally.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

/// A match at one position, with the ratings before it.
type Place = (MatchId, (Epoch, Seq), Both<Rating>);

/// A model is of a format and of the ratings of two sides.
type Sides = (Format, Both<Rating>);

/// The models that were asked for last, and the forecasts: whoever watches a match asks for the same ones.
pub struct Models {
    models: Recent<Sides, Made>,
    courses: Recent<Place, Foretold>,
}

/// A model, and the prior that it begins with.
struct Made {
    model: Model,
    mean: f64,
    sd: f64,
}

impl Default for Models {
    fn default() -> Self {
        Models { models: Recent::new(MAX_MODELS), courses: Recent::new(MAX_CHRONICLES) }
    }
}

impl Gateway {
    /// The forecasts of a match. Where neither side is rated, both are taken to be equally strong before it.
    pub(crate) async fn course(
        self: &Arc<Self>,
        chronicle: &Arc<Chronicle>,
    ) -> Result<Arc<Foretold>, Problem> {
        let ratings = self.ratings_before(chronicle)?;
        let place = chronicle.meta().map(|meta| meta.id).zip(chronicle.head());
        let place = place.map(|(id, head)| (id, head, ratings.unwrap_or_else(neither)));
        if let Some(told) = place.as_ref().and_then(|place| self.models.courses.get(place)) {
            return Ok(told);
        }
        let (app, chronicle) = (Arc::clone(self), Arc::clone(chronicle));
        // Long formats take their time, which is not that of other requests.
        let told = tokio::task::spawn_blocking(move || app.models.foretell(&chronicle, ratings)).await;
        let told = told.map_err(|_| Problem::new(Code::Internal, "a defect of this server; it is logged"))?;
        let told = Arc::new(told?);
        if let Some(place) = place {
            self.models.courses.put(place, &told);
        }
        Ok(told)
    }
}

impl Models {
    fn foretell(&self, chronicle: &Chronicle, ratings: Option<Both<Rating>>) -> Result<Foretold, Problem> {
        let format =
            chronicle.format().ok_or_else(|| Problem::new(Code::MatchNotFound, "there is no match"))?;
        let made = self.of((format.clone(), ratings.unwrap_or_else(neither)))?;
        let course = course(chronicle, &made.model, Learning::FromRallies);
        Ok(Foretold { course, ratings, mean: made.mean, sd: made.sd })
    }

    fn of(&self, sides: Sides) -> Result<Arc<Made>, Problem> {
        if let Some(made) = self.models.get(&sides) {
            return Ok(made);
        }
        let made = made(&sides).map_err(|error| {
            tracing::error!(error, "the prior of a forecast");
            Problem::new(Code::Internal, "a defect of this server; it is logged")
        })?;
        let made = Arc::new(made);
        self.models.put(sides, &made);
        Ok(made)
    }
}

/// Two sides of whom nothing is known.
fn neither() -> Both<Rating> {
    let unrated = RatingList::Glicko2.unrated();
    Both::new(unrated, unrated)
}

fn made((format, ratings): &Sides) -> Result<Made, String> {
    let rates = Rates::even(SERVE).map_err(|error| error.to_string())?;
    let per_point = log_odds_per_point(format, &rates).map_err(|error| error.to_string())?;
    let ratings = Both::new(ratings.home.points(), ratings.away.points());
    let prior: Prior =
        RatingScale::USUAL.prior(&ratings, per_point, &rates).map_err(|error| error.to_string())?;
    let (mean, sd) = (prior.mean(), prior.sd());
    Ok(Made { model: Model::new(format, &prior), mean, sd })
}
