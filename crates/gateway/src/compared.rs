//! A match beside the history of its players.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use topspin_event::{Epoch, MatchId, PlayerId, Seq, Tally, Timestamp};
use topspin_insight::{Chronicle, Comparison, Counts, FALSE_ALARMS, PLAYER_PROFILES, compare};
use topspin_laws::Side;
use topspin_scoring::MatchResource;
use utoipa::ToSchema;

use crate::app::{App, Gateway};
use crate::json::Id;
use crate::matches::snapshot;
use crate::problem::Problem;

/// The comparisons of a side, the most notable first.
pub struct Compared {
    /// The side.
    pub side: Side,
    /// Its player.
    pub player: PlayerId,
    /// All that are made.
    pub all: Vec<Comparison>,
}

/// A singles beside all other singles of its players.
#[derive(Serialize, ToSchema)]
#[schema(as = ComparedMatch)]
pub struct ComparedResource {
    #[schema(value_type = Uuid)]
    match_id: MatchId,
    /// The position of the last event that is counted.
    #[schema(value_type = u32)]
    epoch: Epoch,
    #[schema(value_type = u64)]
    seq: Seq,
    /// The share of matches in which nothing is unusual, and something is called notable all the same, at most.
    false_alarms: f64,
    /// The sides whose player has a history; none of a doubles.
    sides: Vec<ComparedSide>,
    /// How far the view of profiles was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
}

/// One side of it.
#[derive(Serialize, ToSchema)]
struct ComparedSide {
    side: Side,
    #[schema(value_type = Uuid)]
    player_id: PlayerId,
    /// The most notable first.
    aspects: Vec<ComparedAspect>,
}

/// An aspect of tonight beside history.
#[derive(Serialize, ToSchema)]
struct ComparedAspect {
    /// What is counted, such as `receive`.
    aspect: &'static str,
    /// In this match.
    tonight: Tally,
    /// In all other singles.
    history: Tally,
    /// Where the rate of this match is with 95 % credibility: lower and upper bound.
    interval: [f64; 2],
    /// How many times more likely this match is at a rate of its own than at that of history.
    evidence: f64,
    /// Whether that is enough for the stated share of false alarms.
    notable: bool,
}

/// A match beside history: what each player has won and lost in it and in all other singles, and what is so unlike them
/// that it is worth telling.
#[utoipa::path(get, path = "/v1/matches/{id}/compared", operation_id = "read_compared", tag = "insight",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The comparisons", body = ComparedResource)))]
pub async fn read(State(app): State<App>, Id(id): Id<MatchId>) -> Result<Json<ComparedResource>, Problem> {
    let resource = app.home.resource(&snapshot(&app, id)?)?;
    let as_of = app.replica()?.position(PLAYER_PROFILES)?;
    let chronicle = app.chronicle(id, None)?;
    let (epoch, seq) = chronicle.head().unwrap_or((resource.epoch, resource.seq));
    let sides = compared(&app, &resource, &chronicle).into_iter().map(ComparedSide::from).collect();
    Ok(Json(ComparedResource { match_id: id, epoch, seq, false_alarms: FALSE_ALARMS, sides, as_of }))
}

/// Both sides of a singles beside their history, as far as it is known.
pub fn compared(app: &Gateway, resource: &MatchResource, chronicle: &Chronicle) -> Vec<Compared> {
    let began = chronicle.rallies().first().and_then(|rally| rally.at).and_then(Timestamp::from_millis);
    let one = |side: Side| {
        let [player] = resource.sides.of(side).players.as_slice() else { return None };
        let tonight = Counts::of(chronicle, side);
        let history = app.history(player.id, (resource.id, &tonight), began).ok()??;
        let all = compare(&tonight, &history, chronicle.format()?.best_of);
        (!all.is_empty()).then_some(Compared { side, player: player.id, all })
    };
    Side::BOTH.into_iter().filter_map(one).collect()
}

impl From<Compared> for ComparedSide {
    fn from(one: Compared) -> Self {
        let aspects = one.all.into_iter().map(ComparedAspect::from).collect();
        ComparedSide { side: one.side, player_id: one.player, aspects }
    }
}

impl From<Comparison> for ComparedAspect {
    fn from(one: Comparison) -> Self {
        ComparedAspect {
            aspect: one.aspect.as_str(),
            tonight: one.tonight,
            history: one.history,
            interval: [one.interval.0, one.interval.1],
            evidence: one.evidence,
            notable: one.notable,
        }
    }
}
