//! What is to be expected of a match.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use topspin_event::{Epoch, MatchId, Seq};
use topspin_insight::Chronicle;
use topspin_insight::forecast::{Course, Forecast, Model, Prior, Rates, Step, TotalPoints, course};
use topspin_laws::{Both, Format, Score, Side};
use utoipa::ToSchema;

use crate::app::{App, Gateway};
use crate::chronicles::AsOfQuery;
use crate::code::Code;
use crate::json::{Id, Params};
use crate::limits::MAX_MODELS;
use crate::problem::Problem;

/// How far two sides of whom nothing is known may be apart: a standard deviation, in log-odds of a rally.
const UNKNOWN_SD: f64 = 0.35;

/// What serving is worth, in log-odds of a rally: the server wins 52.5 %.
const SERVE: f64 = 0.1;

/// What is to be expected of a match, now and before each of its rallies. Probabilities are home's, from 0 to 1.
#[derive(Serialize, ToSchema)]
#[schema(as = ForecastOfMatch)]
pub struct ForecastResource {
    match_id: MatchId,
    /// As of: the number of its home.
    epoch: Epoch,
    /// As of: the position of the last event that counts.
    seq: Seq,
    /// What was believed before the match.
    prior: PriorResource,
    /// As the match stands; absent where it ended without a winner.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<Now>,
    /// Before each rally that was scored and stands, oldest first.
    series: Vec<StepResource>,
}

/// What was believed before the match: home's strength is normal, in log-odds of a rally.
#[derive(Serialize, ToSchema)]
#[schema(as = ForecastPrior)]
struct PriorResource {
    mean: f64,
    sd: f64,
    /// What serving is worth.
    serve: f64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ForecastNow)]
struct Now {
    /// That home wins the match.
    wins: f64,
    /// That home wins the next rally; absent when the match is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    point: Option<f64>,
    /// That home wins the game it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    game: Option<f64>,
    /// That home wins the match if it wins the next rally, less the same if it loses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    leverage: Option<f64>,
    /// The correct scores in games, from home's clearest win to away's.
    scores: Vec<ScoreResource>,
    /// How many points the match will have.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_points: Option<PointsResource>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ForecastScore)]
struct ScoreResource {
    games: Both<u8>,
    probability: f64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ForecastPoints)]
struct PointsResource {
    mean: f64,
    /// So many or fewer with a probability of 5 %.
    p05: u32,
    p50: u32,
    p95: u32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ForecastStep)]
struct StepResource {
    /// The position of the rally's event.
    seq: Seq,
    game: u8,
    /// The score of the game before it.
    #[schema(value_type = Both<u16>)]
    score: Score,
    winner: Side,
    /// That home wins the match.
    wins: f64,
    /// That home wins the rally.
    point: f64,
    leverage: f64,
}

/// The forecast of a match: the exact probability of point, game and match at its score, with home's strength learned from
/// the rallies so far; as of the position that the answer names.
#[utoipa::path(get, path = "/v1/matches/{id}/forecast", operation_id = "read_forecast", tag = "insight",
    params(("id" = Uuid, Path), AsOfQuery),
    responses((status = 200, description = "The forecast", body = ForecastResource)))]
pub async fn read(
    State(app): State<App>,
    Id(id): Id<MatchId>,
    Params(query): Params<AsOfQuery>,
) -> Result<Json<ForecastResource>, Problem> {
    let chronicle = app.chronicle(id, query.time())?;
    let (epoch, seq) = chronicle
        .head()
        .ok_or_else(|| Problem::new(Code::MatchNotFound, format!("there is no match {id}")))?;
    let Course { steps, now, points } = app.course(&chronicle).await?;
    let prior = PriorResource { mean: 0.0, sd: UNKNOWN_SD, serve: SERVE };
    let now = now.map(|now| Now::of(now, points.as_ref()));
    Ok(Json(ForecastResource {
        match_id: id,
        epoch,
        seq,
        prior,
        now,
        series: steps.iter().map(told_step).collect(),
    }))
}

impl Now {
    fn of(now: Forecast, points: Option<&TotalPoints>) -> Self {
        let next = now.next;
        Now {
            wins: now.wins,
            point: next.map(|next| next.point),
            game: next.map(|next| next.game),
            leverage: next.map(|next| next.leverage),
            scores: now
                .scores
                .into_iter()
                .map(|(games, probability)| ScoreResource { games, probability })
                .collect(),
            total_points: points.map(|points| PointsResource {
                mean: points.mean(),
                p05: points.quantile(0.05),
                p50: points.quantile(0.5),
                p95: points.quantile(0.95),
            }),
        }
    }
}

fn told_step(step: &Step) -> StepResource {
    let Step { seq, game, score, winner, wins, point, leverage } = *step;
    StepResource { seq, game, score, winner, wins, point, leverage }
}

impl Gateway {
    /// The forecasts of a match between two sides of whom nothing is known before it.
    pub(crate) async fn course(self: &Arc<Self>, chronicle: &Arc<Chronicle>) -> Result<Course, Problem> {
        let (app, chronicle) = (Arc::clone(self), Arc::clone(chronicle));
        // Long formats take their time, which is not that of other requests.
        let told = tokio::task::spawn_blocking(move || app.models.course(&chronicle)).await;
        told.map_err(|_| Problem::new(Code::Internal, "a defect of this server; it is logged"))?
    }
}

/// The models of the formats that were asked for last: they are made once.
#[derive(Default)]
pub struct Models(Mutex<Vec<(Format, Arc<Model>)>>);

impl Models {
    fn course(&self, chronicle: &Chronicle) -> Result<Course, Problem> {
        let format =
            chronicle.format().ok_or_else(|| Problem::new(Code::MatchNotFound, "there is no match"))?;
        Ok(course(chronicle, &*self.of(format)?))
    }

    fn of(&self, format: &Format) -> Result<Arc<Model>, Problem> {
        let known = |models: &Vec<(Format, Arc<Model>)>| {
            models.iter().find(|(of, _)| of == format).map(|(_, model)| Arc::clone(model))
        };
        if let Some(model) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(model);
        }
        let impossible = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "the prior of a forecast");
            Problem::new(Code::Internal, "a defect of this server; it is logged")
        };
        let rates = Rates::even(SERVE).map_err(|error| impossible(&error))?;
        let prior = Prior::new(0.0, UNKNOWN_SD, rates).map_err(|error| impossible(&error))?;
        let model = Arc::new(Model::new(format, &prior));
        let mut models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if models.len() >= MAX_MODELS {
            models.remove(0);
        }
        models.push((format.clone(), Arc::clone(&model)));
        Ok(model)
    }
}
