//! What strokes come to, counted by what is alike about them.
//!
//! A pattern says of a stroke what is recorded; the rest is absent, also where it landed nowhere. Lists begin with what occurred
//! most often, and what did not occur is left out.

use serde::Serialize;
use topspin_laws::Both;

use crate::{Epoch, Hand, MatchId, PlayerId, Seq, Spin, StrokeClass, Tally, Zone};

/// The strokes of a match as of a position: what its events up to there come to, corrections included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchStrokes {
    /// The match.
    pub match_id: MatchId,
    /// As of: the number of its home.
    pub epoch: Epoch,
    /// As of: the position of the last event that counts.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub seq: Seq,
    /// Rallies whose strokes are recorded.
    pub rallies: u32,
    /// By side; absent where there is no such rally.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sides: Option<Both<StrokePatterns>>,
}

/// What a player's strokes come to in singles, altogether or against one opponent: the value of a record on `player-strokes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlayerStrokes {
    /// The player.
    pub player_id: PlayerId,
    /// Only rallies against this one count; all if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opponent_id: Option<PlayerId>,
    /// Since when: `all_time` or `24_months`.
    pub window: String,
    /// The strokes.
    pub patterns: StrokePatterns,
}

/// The strokes of one side. A tally is of rallies, and won are those that the side won.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StrokePatterns {
    /// Rallies whose strokes are recorded.
    pub rallies: Tally,
    /// Its services.
    pub serves: Vec<ServePattern>,
    /// Its returns of services.
    pub receives: Vec<ReceivePattern>,
    /// Its strokes after its services.
    pub third_balls: Vec<ThirdBallPattern>,
    /// Where its strokes landed; of several of one rally each counts.
    pub placements: Vec<Placement>,
    /// How long rallies were, shortest first.
    pub lengths: Vec<LengthTally>,
    /// What ended rallies.
    pub last_strokes: Vec<LastStroke>,
}

/// Services alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServePattern {
    /// What kind of service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<StrokeClass>,
    /// With what spin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spin: Option<Spin>,
    /// Where to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// The rallies that began so.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Returns of services alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceivePattern {
    /// What kind of stroke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<StrokeClass>,
    /// Where to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// The rallies in which the service was returned so.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Third strokes alike, after services alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThirdBallPattern {
    /// The spin of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serve_spin: Option<Spin>,
    /// Where the service went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serve_zone: Option<Zone>,
    /// What kind of stroke the third was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<StrokeClass>,
    /// With which side of the racket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand: Option<Hand>,
    /// Where to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// The rallies that went so.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Which stroke of a rally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StrokePhase {
    /// The first.
    Serve,
    /// The second.
    Receive,
    /// The third.
    ThirdBall,
    /// The fourth and those after it.
    Later,
}

impl StrokePhase {
    /// All of them, in order.
    pub const ALL: [StrokePhase; 4] =
        [StrokePhase::Serve, StrokePhase::Receive, StrokePhase::ThirdBall, StrokePhase::Later];
}

/// Strokes that landed alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Placement {
    /// Which strokes.
    pub phase: StrokePhase,
    /// Where they landed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// The strokes, and those of rallies that were won.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Rallies of about a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LengthTally {
    /// The fewest strokes.
    pub from: u16,
    /// The most strokes, inclusive; absent if there is no bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u16>,
    /// Those that the side served; absent if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serve: Option<Tally>,
    /// Those that it received; absent if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive: Option<Tally>,
}

/// How often a kind of stroke ended rallies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastStroke {
    /// What kind of stroke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<StrokeClass>,
    /// It was the side's last of a rally that it won: nobody returned it.
    pub winners: u32,
    /// It was the last of a rally that the side lost: it missed. Absent from sources that leave out what missed.
    pub errors: u32,
}
