//! The strokes of a rally, as those who watched it saw them.
//!
//! What nobody recorded of a stroke is absent; only the side that made it is always known.

use serde::{Deserialize, Serialize};
use topspin_laws::{Place, Side};

use crate::Seq;

/// The strokes of one rally, in order: what `record_strokes` asks and `strokes_recorded` says.
///
/// They describe a rally and decide nothing: score, state and result are the same without them. Recorded again, they
/// replace those recorded before. They count while the event at `rally` stands and is a point: the strokes of a rally that
/// was retracted, or amended to a let or another number of strokes, are moot, and whoever reads them has to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RallyStrokes {
    /// The position of the rally's `point_scored`.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub rally: Seq,
    /// The strokes from the service on: 1 to 512.
    pub strokes: Vec<Stroke>,
}

/// One stroke. What is not recorded is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Stroke {
    /// Who made it.
    pub side: Side,
    /// Which player of the pair, in doubles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// With which side of the racket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand: Option<Hand>,
    /// How hard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<Strength>,
    /// With what spin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spin: Option<Spin>,
    /// Where the ball landed; absent also where it landed nowhere on the other half of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// What kind of stroke it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<StrokeClass>,
    /// Where the player stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Stance>,
}

impl Stroke {
    /// A stroke of which nothing else is known.
    pub const fn by(side: Side) -> Self {
        Stroke {
            side,
            place: None,
            hand: None,
            strength: None,
            spin: None,
            zone: None,
            class: None,
            position: None,
        }
    }
}

/// The side of the racket that a stroke was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// The palm faced the ball.
    Forehand,
    /// The back of the hand did.
    Backhand,
}

/// How hard a stroke was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Hard.
    Strong,
    /// In between.
    Medium,
    /// Soft.
    Weak,
}

/// The spin that a stroke gave the ball.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Spin {
    /// Forwards.
    Topspin,
    /// Backwards.
    Backspin,
    /// Next to none, and seen to be so.
    None,
    /// Sideways and forwards.
    SideTopspin,
    /// Sideways and backwards.
    SideBackspin,
}

/// A ninth of the half of the table that a ball landed on, as the receiving player sees it, 1 to 9: 1 to 3 short, 4 to 6
/// half long, 7 to 9 long; 1, 4 and 7 on the forehand, 3, 6 and 9 on the backhand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = u8, minimum = 1, maximum = 9))]
#[serde(try_from = "u8", into = "u8")]
pub struct Zone(u8);

impl Zone {
    /// The number, 1 to 9.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Zone {
    type Error = ZoneError;

    fn try_from(number: u8) -> Result<Self, ZoneError> {
        if (1..=9).contains(&number) { Ok(Zone(number)) } else { Err(ZoneError) }
    }
}

impl From<Zone> for u8 {
    fn from(zone: Zone) -> u8 {
        zone.0
    }
}

/// The number of a zone is out of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a zone is a number from 1 to 9")]
pub struct ZoneError;

/// The kind of a stroke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StrokeClass {
    /// A topspin drive.
    Drive,
    /// A drive against a drive.
    CounterDrive,
    /// A smash.
    Smash,
    /// A flick with a twist of the wrist, over the table.
    Flick,
    /// A short, fast drive at the table.
    FastDrive,
    /// A block that is pushed forwards.
    PushBlock,
    /// A flip of a short ball.
    Flip,
    /// A stroke that lifts the ball in an arc, as with pimples.
    Arc,
    /// A knock at the ball, as with pimples.
    Knock,
    /// A push with backspin.
    Push,
    /// A push that lands short.
    DropShort,
    /// A defender's chop, away from the table.
    Chop,
    /// A block.
    Block,
    /// A lob.
    Lob,
    /// The ordinary service, with the forehand or backhand.
    TraditionalService,
    /// A hook service.
    HookService,
    /// A service with reverse sidespin.
    ReverseService,
    /// A service from a squat.
    SquatService,
}

/// Where a player stood, as the player sees the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// Left of the middle.
    Left,
    /// Behind the middle of the table.
    Middle,
    /// Right of the middle.
    Right,
}
