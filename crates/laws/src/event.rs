//! What the laws say happened.

use serde::{Deserialize, Serialize};

use crate::{
    BallInPlay, Both, Card, CardTo, End, ExpediteReason, How, LetReason, Outcome, Reason, ReviewOutcome,
    Score, Seat, Side, SuspensionReason,
};

/// The position of an event in its match: 1 for the first, gapless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Seq(pub u64);

/// Something that happened in a match. Facts only: what follows from them is folded by [`crate::evolve`].
///
/// The JSON form is `{"type": "point_scored", "to": "home", …}` with `snake_case` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = LawEvent))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Players were called to the table.
    Called {},
    /// Practice began.
    WarmUpStarted {},
    /// Serve and ends were drawn.
    Chosen {
        /// Serves first in the first game.
        first_server: Side,
        /// Where home starts; absent where ends are not recorded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        home_end: Option<End>,
    },
    /// A game began.
    GameStarted {
        /// Its number, from 1.
        game: u8,
        /// Serves first.
        server: Seat,
        /// Receives first.
        receiver: Seat,
    },
    /// The ball was put in play.
    RallyStarted {},
    /// A rally was won.
    PointScored {
        /// By whom.
        to: Side,
        /// How, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        how: Option<How>,
        /// Strokes, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        strokes: Option<u16>,
        /// What it made of the score.
        #[serde(flatten)]
        after: After,
    },
    /// A rally was not scored.
    LetCalled {
        /// Why, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<LetReason>,
    },
    /// Server and receiver were corrected.
    ServiceCorrected {
        /// Serves now.
        server: Seat,
        /// Receives now.
        receiver: Seat,
    },
    /// Ends were corrected.
    EndsCorrected {
        /// Where home plays now.
        home_end: End,
    },
    /// Expedite is in operation from here to the end of the match.
    ExpediteIntroduced {
        /// Why.
        reason: ExpediteReason,
        /// Whether a rally was interrupted.
        ball_in_play: BallInPlay,
    },
    /// A time-out began.
    TimeOutTaken {
        /// Whose.
        side: Side,
    },
    /// A towel break began.
    TowelBreakTaken {},
    /// Play went on.
    Resumed {},
    /// Play was suspended.
    Suspended {
        /// Why.
        reason: SuspensionReason,
        /// The side concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<Side>,
    },
    /// A card was shown.
    CardShown {
        /// Whose misbehaviour.
        side: Side,
        /// Who was shown it.
        to: CardTo,
        /// Which.
        card: Card,
        /// Penalty points awarded to the opponent: 0 for a warning.
        penalty_points: u8,
        /// What it made of the score, where penalty points count at once.
        #[serde(flatten)]
        after: After,
    },
    /// A challenge was made.
    ReviewRequested {
        /// By whom.
        side: Side,
    },
    /// A review ended.
    ReviewDecided {
        /// Who had challenged.
        side: Side,
        /// What it showed.
        outcome: ReviewOutcome,
    },
    /// A side retired.
    Retired {
        /// Who.
        side: Side,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// A side did not appear.
    WalkedOver {
        /// Who was absent.
        side: Side,
    },
    /// A side was disqualified.
    Disqualified {
        /// Who.
        side: Side,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Put off to another time.
    Postponed {},
    /// Given a new time.
    Rescheduled {},
    /// Called off.
    Cancelled {},
    /// Ended without a result.
    Abandoned {},
    /// An action was taken back.
    Retracted {
        /// The position of the action.
        seq: Seq,
    },
    /// A retracted action stands again.
    Reinstated {
        /// The position of the action.
        seq: Seq,
    },
    /// An earlier rally had another outcome.
    Amended {
        /// The position of the rally.
        seq: Seq,
        /// What happened instead.
        outcome: Outcome,
    },
    /// The score was set.
    ScoreSet {
        /// All games, the current one last.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<Both<u16>>))]
        games: Vec<Score>,
        /// Serves now, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server: Option<Seat>,
        /// Receives now, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receiver: Option<Seat>,
    },
    /// Another tablet or official took over.
    HandedOver {
        /// Who.
        to: Reason,
    },
    /// The referee confirmed the result.
    ResultConfirmed {},
    /// A side protested.
    ResultProtested {
        /// Who.
        side: Side,
        /// The grounds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// The referee reopened the result.
    ResultReopened {
        /// Why.
        reason: Reason,
    },
}

/// The score after an event, for those who read the stream without folding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct After {
    /// Number of the game that the points belong to, from 1; 0 where no game has begun.
    pub game: u8,
    /// Its score.
    #[cfg_attr(feature = "openapi", schema(value_type = Both<u16>))]
    pub score: Score,
    /// Games won by each side.
    pub games: Both<u8>,
}

impl Event {
    /// Whether this is an action: something undo can retract.
    ///
    /// Handing over, retracting itself and the referee's word on the result are not.
    pub const fn is_action(&self) -> bool {
        match self {
            Event::Retracted { .. }
            | Event::Reinstated { .. }
            | Event::HandedOver { .. }
            | Event::ResultConfirmed {}
            | Event::ResultProtested { .. }
            | Event::ResultReopened { .. } => false,
            Event::Called {}
            | Event::WarmUpStarted {}
            | Event::Chosen { .. }
            | Event::GameStarted { .. }
            | Event::RallyStarted {}
            | Event::PointScored { .. }
            | Event::LetCalled { .. }
            | Event::ServiceCorrected { .. }
            | Event::EndsCorrected { .. }
            | Event::ExpediteIntroduced { .. }
            | Event::TimeOutTaken { .. }
            | Event::TowelBreakTaken {}
            | Event::Resumed {}
            | Event::Suspended { .. }
            | Event::CardShown { .. }
            | Event::ReviewRequested { .. }
            | Event::ReviewDecided { .. }
            | Event::Retired { .. }
            | Event::WalkedOver { .. }
            | Event::Disqualified { .. }
            | Event::Postponed {}
            | Event::Rescheduled {}
            | Event::Cancelled {}
            | Event::Abandoned {}
            | Event::Amended { .. }
            | Event::ScoreSet { .. } => true,
        }
    }

    /// What the rally came to, if this event ends one.
    pub const fn outcome(&self) -> Option<Outcome> {
        match self {
            Event::PointScored { to, how, strokes, .. } => {
                Some(Outcome::Point { to: *to, how: *how, strokes: *strokes })
            }
            Event::LetCalled { reason } => Some(Outcome::Let { reason: *reason }),
            _ => None,
        }
    }
}
