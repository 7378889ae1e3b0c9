//! What somebody asks of a match.

use serde::{Deserialize, Serialize};

use crate::{End, Score, Seat, Seq, Side};

/// A request to the laws. [`crate::decide`] answers it with events or a rejection.
///
/// The JSON form is `{"type": "point", "to": "home", …}` with `snake_case` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Players are called to the table.
    Call {},
    /// Practice before the match begins (Regulation 3.4.3).
    StartWarmUp {},
    /// The outcome of the draw for serve and ends (Law 2.13.1).
    Choose {
        /// The side that serves first in the first game.
        first_server: Side,
        /// The end at which home starts; absent where nobody records ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        home_end: Option<End>,
    },
    /// The next game begins. In singles server and receiver follow from the choice and may be absent.
    StartGame {
        /// Who serves first. Doubles: the serving pair chooses in every game (Law 2.13.4).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server: Option<Seat>,
        /// Who receives first. Doubles: chosen in the first game, given by the laws afterwards (Law 2.13.4).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receiver: Option<Seat>,
    },
    /// The ball is in play (Law 2.5.1). Optional: a point may follow without it.
    StartRally {},
    /// A rally is won (Law 2.10).
    Point {
        /// The side that wins the point.
        to: Side,
        /// How it was won, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        how: Option<How>,
        /// Strokes in the rally, the service included, where known: 1 to 9999.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        strokes: Option<u16>,
    },
    /// A rally of which the result is not scored (Law 2.9).
    Let {
        /// Why, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<LetReason>,
    },
    /// The record of who serves and receives at this score was wrong; the points stand (Law 2.14).
    CorrectService {
        /// Who should serve now.
        server: Seat,
        /// Who should receive now; needed in doubles.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receiver: Option<Seat>,
    },
    /// The record of who plays at which end was wrong; the points stand (Law 2.14.2).
    CorrectEnds {
        /// Where home plays now.
        home_end: End,
    },
    /// The expedite system comes into operation (Law 2.15).
    IntroduceExpedite {
        /// Why.
        reason: ExpediteReason,
        /// Whether the rally was in play when the limit was reached (Law 2.15.3).
        #[serde(default)]
        ball_in_play: BallInPlay,
        /// The timekeeper's clock: play in this game, milliseconds; checked against the format where given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        played_ms: Option<u64>,
    },
    /// A side takes a time-out (Regulation 3.4.4.2).
    TakeTimeOut {
        /// Whose.
        side: Side,
    },
    /// Players towel down (Regulation 3.4.4.1).
    TakeTowelBreak {},
    /// Play goes on after a time-out, a towel break or a suspension.
    Resume {},
    /// Play is suspended (Regulation 3.4.4.5).
    Suspend {
        /// Why.
        reason: SuspensionReason,
        /// The side concerned, if one is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<Side>,
    },
    /// A card is shown (Regulation 3.5.2). Penalty points follow from the format.
    ShowCard {
        /// Whose misbehaviour.
        side: Side,
        /// Who is shown the card.
        #[serde(default)]
        to: CardTo,
        /// Which card.
        card: Card,
    },
    /// A side challenges the umpire's decision.
    RequestReview {
        /// The side that challenges.
        side: Side,
    },
    /// The video review has ended. A changed decision is entered as an undo or an amendment beside it.
    DecideReview {
        /// What it showed.
        outcome: ReviewOutcome,
    },
    /// A side gives up during the match.
    Retire {
        /// Who retires.
        side: Side,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// A side does not appear or cannot begin; the opponent wins without play.
    WalkOver {
        /// Who is absent.
        side: Side,
    },
    /// The referee disqualifies a side (Regulation 3.5.2).
    Disqualify {
        /// Who is disqualified.
        side: Side,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// The match will be played at another time.
    Postpone {},
    /// A postponed match has a new time.
    Reschedule {},
    /// The match will not be played.
    Cancel {},
    /// The match ends without a result.
    Abandon {},
    /// Retract the latest live action.
    Undo {},
    /// Reinstate the action retracted last, if nothing was done since.
    Redo {},
    /// Give one earlier rally another outcome; later rallies stand (refused where they could not).
    Amend {
        /// The position of the rally's event.
        seq: Seq,
        /// What happened instead.
        outcome: Outcome,
    },
    /// Set the whole score: every finished game and the current one.
    SetScore {
        /// All games so far, the current one last. Only reachable scores are accepted.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::Both<u16>>))]
        games: Vec<Score>,
        /// Who serves now, where the sequence does not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server: Option<Seat>,
        /// Who receives now; doubles.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receiver: Option<Seat>,
    },
    /// Another tablet or official takes over the scoring.
    HandOver {
        /// A label for who takes over.
        to: Reason,
    },
    /// The referee confirms the result.
    ConfirmResult {},
    /// A side protests against the result (Regulation 3.3.3).
    ProtestResult {
        /// The side that protests.
        side: Side,
        /// The grounds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// The referee reopens the result for correction.
    ReopenResult {
        /// Why.
        reason: Reason,
    },
}

/// How a point was won, where known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// In the rally, nothing special.
    Ordinary,
    /// The service was not touched by the receiver.
    Ace,
    /// The server failed to make a good service (Law 2.10.1.1).
    ServiceError,
    /// Won on a ball that touched the net assembly.
    NetRoller,
    /// Won on a ball that touched the edge of the playing surface.
    Edge,
    /// Won by luck, on a ball that touched the net assembly or the edge; which of them is not recorded.
    NetOrEdge,
    /// The receiver made the thirteenth good return under expedite (Law 2.15.4).
    ThirteenthReturn,
}

/// Why a rally was a let (Law 2.9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LetReason {
    /// The service touched the net assembly (2.9.1.1).
    NetService,
    /// The receiver was not ready (2.9.1.2).
    NotReady,
    /// A disturbance outside the players' control (2.9.1.3).
    Disturbance,
    /// The umpire interrupted play (2.9.1.4).
    Interrupted,
}

/// What a rally came to: the part of it that an amendment can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// A point.
    Point {
        /// Who won it.
        to: Side,
        /// How, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        how: Option<How>,
        /// Strokes, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        strokes: Option<u16>,
    },
    /// A let.
    Let {
        /// Why, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<LetReason>,
    },
}

/// Why expedite comes into operation (Law 2.15.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExpediteReason {
    /// The time limit of the format was reached.
    TimeLimit,
    /// Both players or pairs asked for it.
    Agreement,
}

/// Whether the ball was in play at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BallInPlay {
    /// It was: the rally is a let.
    Yes,
    /// It was not.
    #[default]
    No,
}

/// Why play is suspended (Regulation 3.4.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuspensionReason {
    /// A player is injured or ill.
    Injury,
    /// Blood on the playing area.
    Bleeding,
    /// A racket is damaged or inspected.
    Equipment,
    /// Light, floor, temperature, fire alarm.
    Conditions,
    /// The referee is at the table.
    Referee,
    /// Anything else.
    Other,
}

/// Who is shown a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CardTo {
    /// The player; in doubles it counts for the pair.
    #[default]
    Player,
    /// The second player of a pair; counts for the pair.
    SecondPlayer,
    /// The adviser or the team's bench.
    Bench,
}

/// A card (Regulation 3.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Card {
    /// A warning.
    Yellow,
    /// A penalty: yellow and red together.
    YellowRed,
    /// Disqualification of a player by the referee; dismissal of an adviser.
    Red,
}

/// What a video review showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewOutcome {
    /// The decision was wrong: the challenge is kept.
    Overturned,
    /// The decision was right: the challenge is lost.
    Upheld,
    /// Nothing could be seen: the challenge is kept.
    Inconclusive,
}

/// A short text from an official: 1 to 200 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

impl Reason {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reason {
    type Error = ReasonError;

    fn try_from(text: String) -> Result<Self, ReasonError> {
        let fits = (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Reason(text)) } else { Err(ReasonError) }
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> String {
        reason.0
    }
}

/// The text is empty, too long, or holds control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reason is 1 to 200 characters without control characters")]
pub struct ReasonError;
