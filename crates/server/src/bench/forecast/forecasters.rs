//! Those who are compared: each says the probability that home wins before each rally of a match.

use topspin_insight::Chronicle;
use topspin_insight::forecast::{
    Learning, Model, Position, Prior, Rates, RatesError, RatingScale, Tally, course,
};
use topspin_laws::{Both, Format};

/// What is known of a match before it.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub told: &'a Chronicle,
    pub format: &'a Format,
    pub ratings: Both<(f64, f64)>,
    /// What serving is worth, in log-odds of a rally.
    pub serve: f64,
    /// What a point of a rating is worth, in log-odds of a rally.
    pub per_point: f64,
}

impl Known<'_> {
    pub fn rates(&self) -> Result<Rates, RatesError> {
        Rates::even(self.serve)
    }

    /// The prior that a scale makes of the ratings.
    pub fn prior(&self, scale: &RatingScale) -> Result<Prior, RatesError> {
        scale.prior(&self.ratings, self.per_point, &self.rates()?)
    }

    /// What a model says that begins with this prior.
    pub fn course(&self, prior: &Prior, learning: Learning) -> Vec<f64> {
        let model = Model::new(self.format, prior);
        course(self.told, &model, learning).steps.iter().map(|step| step.wins).collect()
    }

    /// What it says before the match, again and again.
    pub fn before_match(&self, prior: &Prior) -> Vec<f64> {
        let model = Model::new(self.format, prior);
        let forecast = model.forecast(&Position::START, &model.belief(&Tally::default()));
        vec![forecast.map_or(0.5, |forecast| forecast.wins); self.told.rallies().len()]
    }
}
