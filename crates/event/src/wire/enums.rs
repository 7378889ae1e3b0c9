//! Enums: zero is absent, and a number of a later version is said to be one.

use topspin_laws as laws;

use super::read::{DecodeError, Read, Unread};
use super::v1;
use crate::{Hand, Precision, Spin, Stance, Strength, StrokeClass, StrokePhase};

/// An enum with a form on the wire.
pub(super) trait WireEnum: Sized + Copy {
    /// The number on the wire; never 0.
    fn number(self) -> i32;

    /// The value of a number; `None` for 0.
    fn read(number: i32) -> Read<Option<Self>>;

    /// The value of a number that must not be absent.
    fn need(number: i32, field: &'static str) -> Read<Self> {
        Ok(Self::read(number)?.ok_or(DecodeError::Missing { field })?)
    }
}

/// The number of an optional value: 0 if it is absent.
pub(super) fn number<T: WireEnum>(value: Option<T>) -> i32 {
    value.map_or(0, WireEnum::number)
}

macro_rules! wire_enum {
    ($known:ty, $wire:ty: $($variant:ident)*) => {
        impl WireEnum for $known {
            fn number(self) -> i32 {
                match self {
                    $(Self::$variant => <$wire>::$variant as i32,)*
                }
            }

            fn read(number: i32) -> Read<Option<Self>> {
                match <$wire>::try_from(number) {
                    $(Ok(<$wire>::$variant) => Ok(Some(Self::$variant)),)*
                    Ok(<$wire>::Unspecified) => Ok(None),
                    Err(_) => Err(Unread::Later { what: format!("{} {number}", stringify!($known)) }),
                }
            }
        }
    };
}

wire_enum!(laws::Side, v1::Side: Home Away);
wire_enum!(laws::Place, v1::Place: First Second);
wire_enum!(laws::End, v1::End: Left Right);
wire_enum!(laws::How, v1::How: Ordinary Ace ServiceError NetRoller Edge NetOrEdge ThirteenthReturn);
wire_enum!(laws::LetReason, v1::LetReason: NetService NotReady Disturbance Interrupted);
wire_enum!(laws::ExpediteReason, v1::ExpediteReason: TimeLimit Agreement);
wire_enum!(laws::BallInPlay, v1::BallInPlay: Yes No);
wire_enum!(
    laws::SuspensionReason,
    v1::SuspensionReason: Injury Bleeding Equipment Conditions Referee Other
);
wire_enum!(laws::CardTo, v1::CardTo: Player SecondPlayer Bench);
wire_enum!(laws::Card, v1::Card: Yellow YellowRed Red);
wire_enum!(laws::ReviewOutcome, v1::ReviewOutcome: Overturned Upheld Inconclusive);
wire_enum!(laws::Discipline, v1::Discipline: Singles Doubles);
wire_enum!(Precision, v1::Precision: Ms Day Unknown);
wire_enum!(Hand, v1::Hand: Forehand Backhand);
wire_enum!(Strength, v1::Strength: Strong Medium Weak);
wire_enum!(Spin, v1::Spin: Topspin Backspin None SideTopspin SideBackspin);
wire_enum!(
    StrokeClass,
    v1::StrokeClass: Drive CounterDrive Smash Flick FastDrive PushBlock Flip Arc Knock Push DropShort Chop Block Lob
        TraditionalService HookService ReverseService SquatService
);
wire_enum!(Stance, v1::Stance: Left Middle Right);
wire_enum!(StrokePhase, v1::StrokePhase: Serve Receive ThirdBall Later);
