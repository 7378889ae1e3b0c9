//! The strokes of a rally.

use super::enums::{WireEnum, number};
use super::read::{DecodeError, Read, each, fit};
use super::v1;
use crate::{RallyStrokes, Seq, Stroke, Zone};

pub(super) fn write_strokes(recorded: &RallyStrokes) -> v1::RallyStrokes {
    v1::RallyStrokes { rally: recorded.rally.0, strokes: recorded.strokes.iter().map(write_stroke).collect() }
}

pub(super) fn read_strokes(wire: v1::RallyStrokes) -> Read<RallyStrokes> {
    Ok(RallyStrokes { rally: Seq(wire.rally), strokes: each(wire.strokes, read_stroke)? })
}

fn write_stroke(stroke: &Stroke) -> v1::Stroke {
    v1::Stroke {
        side: stroke.side.number(),
        place: number(stroke.place),
        hand: number(stroke.hand),
        strength: number(stroke.strength),
        spin: number(stroke.spin),
        zone: zone_number(stroke.zone),
        class: number(stroke.class),
        position: number(stroke.position),
    }
}

fn read_stroke(wire: v1::Stroke) -> Read<Stroke> {
    Ok(Stroke {
        side: WireEnum::need(wire.side, "side")?,
        place: WireEnum::read(wire.place)?,
        hand: WireEnum::read(wire.hand)?,
        strength: WireEnum::read(wire.strength)?,
        spin: WireEnum::read(wire.spin)?,
        zone: read_zone(wire.zone)?,
        class: WireEnum::read(wire.class)?,
        position: WireEnum::read(wire.position)?,
    })
}

pub(super) fn zone_number(zone: Option<Zone>) -> u32 {
    zone.map_or(0, |zone| zone.number().into())
}

pub(super) fn read_zone(number: u32) -> Result<Option<Zone>, DecodeError> {
    if number == 0 {
        return Ok(None);
    }
    Zone::try_from(fit::<u8>(number, "zone")?).map(Some).map_err(|_| DecodeError::Invalid { field: "zone" })
}
