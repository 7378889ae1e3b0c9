//! What strokes come to, of a match and of players.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use topspin_event::{MatchId, MatchStrokes, PlayerId, ReferenceId, ReferenceKind, StrokePatterns, wire};
use topspin_insight::{PLAYER_STROKES, PROFILE_WINDOWS, profile_key, strokes};
use utoipa::{IntoParams, ToSchema};

use crate::app::{App, Gateway};
use crate::chronicles::AsOfQuery;
use crate::code::Code;
use crate::json::{Id, Params};
use crate::problem::Problem;

/// Against whom.
#[derive(Debug, Default, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OpponentQuery {
    /// Only rallies against this player count; all if absent.
    #[param(value_type = Option<Uuid>)]
    opponent: Option<PlayerId>,
}

/// The strokes of a player in singles, by window; no window where none are recorded.
#[derive(Serialize, ToSchema)]
#[schema(as = StrokesOfPlayer)]
pub struct PlayerStrokesResource {
    #[schema(value_type = Uuid)]
    player_id: PlayerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    opponent_id: Option<PlayerId>,
    /// `all_time`, and `24_months` for rallies of which the time is known.
    pub windows: Vec<StrokesOfWindow>,
    /// How far the view was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
}

/// The strokes of a player since some time.
#[derive(Serialize, ToSchema)]
pub struct StrokesOfWindow {
    /// `all_time` or `24_months`.
    pub window: String,
    #[serde(flatten)]
    pub patterns: StrokePatterns,
}

/// The strokes of a match by what is alike about them: live, exact under corrections, and as of the position that the answer
/// names. What is not recorded is absent.
#[utoipa::path(get, path = "/v1/matches/{id}/strokes", operation_id = "read_match_strokes", tag = "insight",
    params(("id" = Uuid, Path), AsOfQuery),
    responses((status = 200, description = "The strokes", body = MatchStrokes)))]
pub async fn of_match(
    State(app): State<App>,
    Id(id): Id<MatchId>,
    Params(query): Params<AsOfQuery>,
) -> Result<Json<MatchStrokes>, Problem> {
    let chronicle = app.chronicle(id, query.time())?;
    let told = strokes(&chronicle);
    told.map(Json).ok_or_else(|| Problem::new(Code::MatchNotFound, format!("there is no match {id}")))
}

/// The strokes of a player in singles by what is alike about them, altogether or against an opponent.
#[utoipa::path(get, path = "/v1/players/{id}/strokes", operation_id = "read_player_strokes", tag = "insight",
    params(("id" = Uuid, Path), OpponentQuery),
    responses((status = 200, description = "The strokes", body = PlayerStrokesResource)))]
pub async fn of_player(
    State(app): State<App>,
    Id(id): Id<PlayerId>,
    Params(query): Params<OpponentQuery>,
) -> Result<Json<PlayerStrokesResource>, Problem> {
    for player in [Some(id), query.opponent].into_iter().flatten() {
        let found = app.home.reference(ReferenceKind::Player, ReferenceId(player.0))?;
        found.ok_or_else(|| Problem::new(Code::ItemNotFound, format!("there is no player {player}")))?;
    }
    Ok(Json(app.player_strokes(id, query.opponent)?))
}

impl Gateway {
    /// The strokes of a player, as far as they are recorded.
    pub(crate) fn player_strokes(
        &self,
        id: PlayerId,
        against: Option<PlayerId>,
    ) -> Result<PlayerStrokesResource, Problem> {
        let mut windows = Vec::new();
        for window in PROFILE_WINDOWS {
            let key = profile_key(id, against, window);
            let found = self.view(PLAYER_STROKES, key.as_bytes(), wire::decode_player_strokes)?;
            windows.extend(
                found.map(|found| StrokesOfWindow { window: found.window, patterns: found.patterns }),
            );
        }
        let as_of = self.replica()?.position(PLAYER_STROKES)?;
        Ok(PlayerStrokesResource { player_id: id, opponent_id: against, windows, as_of })
    }
}
