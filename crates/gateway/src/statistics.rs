//! What the numbers say of a match.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use topspin_event::{MatchId, MatchStatistics, Seq, Timestamp};
use topspin_insight::{Chronicle, Rally, momentum, statistics};
use topspin_laws::{Both, How, Score, Seat, Side};
use utoipa::ToSchema;

use crate::app::App;
use crate::chronicles::AsOfQuery;
use crate::code::Code;
use crate::json::{Id, Params};
use crate::problem::Problem;

/// The statistics of a match, with the rallies that they come from.
#[derive(Serialize, ToSchema)]
#[schema(as = StatisticsOfMatch)]
pub struct StatisticsResource {
    #[serde(flatten)]
    statistics: MatchStatistics,
    /// The rallies that were scored and stand, oldest first.
    points: Vec<PointResource>,
}

/// A rally that was scored. What is not recorded is absent.
#[derive(Serialize, ToSchema)]
#[schema(as = Point)]
struct PointResource {
    /// The position of its event.
    seq: Seq,
    /// Its game, from 1.
    game: u8,
    /// The score of the game before it.
    #[schema(value_type = Both<u16>)]
    score: Score,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<Seat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<Seat>,
    winner: Side,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<How>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strokes: Option<u16>,
    /// Milliseconds from the service to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    lasted_ms: Option<u32>,
    /// When it ended, if that is known to the millisecond.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    /// Momentum after it, from -100, all away, to 100, all home.
    momentum: i32,
}

/// The statistics of a match: live, exact under corrections, and as of the position that the answer names. What its source
/// does not record is absent.
#[utoipa::path(get, path = "/v1/matches/{id}/stats", operation_id = "read_statistics", tag = "insight",
    params(("id" = Uuid, Path), AsOfQuery),
    responses((status = 200, description = "The statistics", body = StatisticsResource)))]
pub async fn read(
    State(app): State<App>,
    Id(id): Id<MatchId>,
    Params(query): Params<AsOfQuery>,
) -> Result<Json<StatisticsResource>, Problem> {
    let chronicle = app.chronicle(id, query.time())?;
    let statistics = statistics(&chronicle)
        .ok_or_else(|| Problem::new(Code::MatchNotFound, format!("there is no match {id}")))?;
    Ok(Json(StatisticsResource { statistics, points: points(&chronicle) }))
}

fn points(chronicle: &Chronicle) -> Vec<PointResource> {
    let rallies = chronicle.rallies();
    (0..rallies.len()).map(|index| point(&rallies[..=index], &rallies[index])).collect()
}

fn point(up_to: &[Rally], rally: &Rally) -> PointResource {
    PointResource {
        seq: rally.seq(),
        game: rally.game,
        score: rally.score,
        server: rally.server,
        receiver: rally.receiver,
        winner: rally.winner,
        how: rally.how,
        strokes: rally.strokes,
        lasted_ms: rally.lasted_ms,
        ended_at: rally.ended_at().and_then(Timestamp::from_millis),
        momentum: momentum(up_to),
    }
}
