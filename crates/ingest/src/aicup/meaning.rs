//! What the numbers of a row mean.

use topspin_event::{Hand, Spin, Stance, Strength, Stroke, StrokeClass, Zone};
use topspin_laws::Side;

use super::column::Row;

/// What kind of row it is, by `strikeId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    /// 1 the service, 2 the receive, 4 a later stroke.
    Seen,
    /// 8: strokes that nobody filmed.
    NotFilmed,
    /// 16: no stroke, a time-out.
    TimeOut,
    /// A number that this reader does not know: a stroke, as far as anybody can tell.
    Unknown,
}

impl Strike {
    pub const fn of(row: &Row) -> Self {
        match row.strike {
            1 | 2 | 4 => Strike::Seen,
            8 => Strike::NotFilmed,
            16 => Strike::TimeOut,
            _ => Strike::Unknown,
        }
    }
}

/// The stroke of a row. 0 means that something is not recorded; so does here a number that has no meaning.
pub(crate) fn stroke(row: &Row, side: Side) -> Stroke {
    Stroke {
        side,
        place: None,
        hand: hand(row.hand),
        strength: strength(row.strength),
        spin: spin(row.spin),
        zone: u8::try_from(row.point).ok().and_then(|number| Zone::try_from(number).ok()),
        class: class(row.action),
        position: position(row.position),
    }
}

/// The columns of a row that hold a number without a meaning.
pub(crate) fn meaningless(row: &Row) -> Vec<(&'static str, i64)> {
    let stroke = stroke(row, Side::Home);
    let columns = [
        ("handId", row.hand, stroke.hand.is_some()),
        ("strengthId", row.strength, stroke.strength.is_some()),
        ("spinId", row.spin, stroke.spin.is_some()),
        ("pointId", row.point, stroke.zone.is_some()),
        ("actionId", row.action, stroke.class.is_some()),
        ("positionId", row.position, stroke.position.is_some()),
        ("strikeId", row.strike, Strike::of(row) != Strike::Unknown),
    ];
    let unread =
        columns.into_iter().filter(|(name, number, read)| !read && (*number != 0 || *name == "strikeId"));
    unread.map(|(name, number, _)| (name, number)).collect()
}

const fn hand(number: i64) -> Option<Hand> {
    match number {
        1 => Some(Hand::Forehand),
        2 => Some(Hand::Backhand),
        _ => None,
    }
}

const fn strength(number: i64) -> Option<Strength> {
    match number {
        1 => Some(Strength::Strong),
        2 => Some(Strength::Medium),
        3 => Some(Strength::Weak),
        _ => None,
    }
}

const fn spin(number: i64) -> Option<Spin> {
    match number {
        1 => Some(Spin::Topspin),
        2 => Some(Spin::Backspin),
        3 => Some(Spin::None),
        4 => Some(Spin::SideTopspin),
        5 => Some(Spin::SideBackspin),
        _ => None,
    }
}

const fn class(number: i64) -> Option<StrokeClass> {
    Some(match number {
        1 => StrokeClass::Drive,
        2 => StrokeClass::CounterDrive,
        3 => StrokeClass::Smash,
        4 => StrokeClass::Flick,
        5 => StrokeClass::FastDrive,
        6 => StrokeClass::PushBlock,
        7 => StrokeClass::Flip,
        8 => StrokeClass::Arc,
        9 => StrokeClass::Knock,
        10 => StrokeClass::Push,
        11 => StrokeClass::DropShort,
        12 => StrokeClass::Chop,
        13 => StrokeClass::Block,
        14 => StrokeClass::Lob,
        15 => StrokeClass::TraditionalService,
        16 => StrokeClass::HookService,
        17 => StrokeClass::ReverseService,
        18 => StrokeClass::SquatService,
        _ => return None,
    })
}

const fn position(number: i64) -> Option<Stance> {
    match number {
        1 => Some(Stance::Left),
        2 => Some(Stance::Middle),
        3 => Some(Stance::Right),
        _ => None,
    }
}
