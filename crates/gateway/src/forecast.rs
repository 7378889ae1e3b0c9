//! What is to be expected of a match.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use lru::LruCache;
use serde::Serialize;
use topspin_event::{Epoch, MatchId, Seq, TieId};
use topspin_insight::Chronicle;
use topspin_insight::forecast::{
    Course, Forecast, Learning, Model, Prior, Rates, Step, TotalPoints, course, forecast_tie,
};
use topspin_laws::{Both, Format, Score, Side};
use topspin_scoring::{MatchFilter, TieResource};
use utoipa::ToSchema;

use crate::app::{App, Gateway};
use crate::chronicles::AsOfQuery;
use crate::code::Code;
use crate::json::{Id, Params};
use crate::limits::{MAX_CHRONICLES, MAX_MODELS, MAX_PAGE};
use crate::matches::snapshot;
use crate::problem::Problem;
use crate::ties::is_for;

/// How far two sides of whom nothing is known may be apart: a standard deviation, in log-odds of a rally. The one of those
/// measured that did best in the Bundesliga (`topspin bench forecast`).
const UNKNOWN_SD: f64 = 0.15;

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
    /// Of the team match that it is part of; absent for one that is not, or as of a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    tie: Option<TieForecastResource>,
}

/// What is to be expected of a team match. A match of it that has not begun is as likely to be won by either side.
#[derive(Serialize, ToSchema)]
#[schema(as = ForecastOfTie)]
pub struct TieForecastResource {
    #[schema(value_type = Uuid)]
    pub id: TieId,
    /// As of: the position of its last event.
    seq: Seq,
    /// That each side wins it.
    pub wins: Both<f64>,
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
    let told = app.course(&chronicle).await?;
    let Course { steps, now, points } = &*told;
    let prior = PriorResource { mean: 0.0, sd: UNKNOWN_SD, serve: SERVE };
    let tie = match (now, query.time()) {
        (Some(now), None) => app.tie_forecast(id, now.wins).await?,
        (Some(_) | None, _) => None,
    };
    let now = now.as_ref().map(|now| Now { tie, ..Now::of(now, points.as_ref()) });
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
    fn of(now: &Forecast, points: Option<&TotalPoints>) -> Self {
        let next = now.next;
        Now {
            wins: now.wins,
            point: next.map(|next| next.point),
            game: next.map(|next| next.game),
            leverage: next.map(|next| next.leverage),
            scores: now
                .scores
                .iter()
                .map(|(games, probability)| ScoreResource { games: *games, probability: *probability })
                .collect(),
            total_points: points.map(|points| PointsResource {
                mean: points.mean(),
                p05: points.quantile(0.05),
                p50: points.quantile(0.5),
                p95: points.quantile(0.95),
            }),
            tie: None,
        }
    }
}

fn told_step(step: &Step) -> StepResource {
    let Step { seq, game, score, winner, wins, point, leverage } = *step;
    StepResource { seq, game, score, winner, wins, point, leverage }
}

impl Gateway {
    /// The forecasts of a match between two sides of whom nothing is known before it.
    pub(crate) async fn course(self: &Arc<Self>, chronicle: &Arc<Chronicle>) -> Result<Arc<Course>, Problem> {
        let place = chronicle.meta().map(|meta| meta.id).zip(chronicle.head());
        if let Some(course) = place.and_then(|place| self.models.told(&place)) {
            return Ok(course);
        }
        let (app, chronicle) = (Arc::clone(self), Arc::clone(chronicle));
        // Long formats take their time, which is not that of other requests.
        let told = tokio::task::spawn_blocking(move || app.models.course(&chronicle)).await;
        let told = told.map_err(|_| Problem::new(Code::Internal, "a defect of this server; it is logged"))?;
        let course = Arc::new(told?);
        if let Some(place) = place {
            self.models.remember(place, &course);
        }
        Ok(course)
    }

    /// The forecast of the team match that a match is part of, given that home wins it with this probability.
    pub(crate) async fn tie_forecast(
        self: &Arc<Self>,
        id: MatchId,
        wins: f64,
    ) -> Result<Option<TieForecastResource>, Problem> {
        let Some(tie) = snapshot(self, id)?.meta.tie_id else { return Ok(None) };
        let Some(tie) = self.home.tie_snapshot(tie)? else { return Ok(None) };
        let tie = TieResource::from(&tie);
        let filter = MatchFilter { tie: Some(tie.id), ..MatchFilter::default() };
        let decided = |winner| f64::from(u8::from(winner == Side::Home));
        let mut chances = vec![0.5; tie.matches.len()];
        for one in self.home.matches(&filter, None, MAX_PAGE)?.items {
            let resource = self.home.resource(&one)?;
            let Some(place) = tie.matches.iter().position(|rubber| is_for(&resource, rubber)) else {
                continue;
            };
            chances[place] = match one.facts.winner {
                Some(winner) => decided(winner),
                None if resource.id == id => wins,
                None => {
                    let told = self.course(&self.chronicle(resource.id, None)?).await?;
                    told.now.as_ref().map_or(0.5, |now| now.wins)
                }
            };
        }
        for (chance, rubber) in chances.iter_mut().zip(&tie.matches) {
            if let Some(winner) = rubber.winner {
                *chance = decided(winner);
            }
        }
        let told = forecast_tie(&tie.format, &chances).ok();
        Ok(told.map(|told| TieForecastResource { id: tie.id, seq: tie.seq, wins: told.wins }))
    }
}

/// A match at one position.
type Place = (MatchId, (Epoch, Seq));

/// The models of the formats that were asked for last, which are made once, and the courses: whoever watches a match asks
/// for the same one.
pub struct Models {
    formats: Mutex<Vec<(Format, Arc<Model>)>>,
    courses: Mutex<LruCache<Place, Arc<Course>>>,
}

impl Default for Models {
    fn default() -> Self {
        let most = NonZeroUsize::new(MAX_CHRONICLES).unwrap_or(NonZeroUsize::MIN);
        Models { formats: Mutex::default(), courses: Mutex::new(LruCache::new(most)) }
    }
}

impl Models {
    fn told(&self, place: &Place) -> Option<Arc<Course>> {
        self.courses.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned()
    }

    fn remember(&self, place: Place, course: &Arc<Course>) {
        self.courses.lock().unwrap_or_else(PoisonError::into_inner).put(place, Arc::clone(course));
    }

    fn course(&self, chronicle: &Chronicle) -> Result<Course, Problem> {
        let format =
            chronicle.format().ok_or_else(|| Problem::new(Code::MatchNotFound, "there is no match"))?;
        Ok(course(chronicle, &*self.of(format)?, Learning::FromRallies))
    }

    fn of(&self, format: &Format) -> Result<Arc<Model>, Problem> {
        let known = |models: &Vec<(Format, Arc<Model>)>| {
            models.iter().find(|(of, _)| of == format).map(|(_, model)| Arc::clone(model))
        };
        if let Some(model) = known(&self.formats.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(model);
        }
        let impossible = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "the prior of a forecast");
            Problem::new(Code::Internal, "a defect of this server; it is logged")
        };
        let rates = Rates::even(SERVE).map_err(|error| impossible(&error))?;
        let prior = Prior::new(0.0, UNKNOWN_SD, rates).map_err(|error| impossible(&error))?;
        let model = Arc::new(Model::new(format, &prior));
        let mut models = self.formats.lock().unwrap_or_else(PoisonError::into_inner);
        if models.len() >= MAX_MODELS {
            models.remove(0);
        }
        models.push((format.clone(), Arc::clone(&model)));
        Ok(model)
    }
}
