//! What is to be expected of a match.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use topspin_event::{Epoch, MatchId, Seq, TieId};
use topspin_insight::forecast::{Course, Forecast, Step, TotalPoints, forecast_tie};
use topspin_laws::{Both, Score, Side};
use topspin_scoring::{MatchFilter, TieResource};
use utoipa::ToSchema;

use crate::app::{App, Gateway};
use crate::chronicles::AsOfQuery;
use crate::code::Code;
use crate::json::{Id, Params};
use crate::limits::MAX_PAGE;
use crate::matches::snapshot;
use crate::models::SERVE;
use crate::problem::Problem;
use crate::ratings::RatingResource;
use crate::ties::is_for;

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
    /// What it rests on: the Glicko-2 ratings of both before the match. Absent where neither is rated.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratings: Option<Both<RatingResource>>,
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
    let Course { steps, now, points } = &told.course;
    let ratings = told.ratings.map(|ratings| app.named_ratings(&ratings)).transpose()?;
    let prior = PriorResource { mean: told.mean, sd: told.sd, serve: SERVE, ratings };
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
                    told.course.now.as_ref().map_or(0.5, |now| now.wins)
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
