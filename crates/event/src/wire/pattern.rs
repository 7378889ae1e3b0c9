//! What strokes come to.

use bytes::Bytes;
use prost::Message as _;

use super::enums::{WireEnum, number};
use super::read::{DecodeError, Unread, each, fit, id, id_bytes, optional_id};
use super::stroke::{read_zone, zone_number};
use super::v1;
use crate::{
    LastStroke, LengthTally, Placement, PlayerId, PlayerStrokes, ReceivePattern, ServePattern,
    StrokePatterns, Tally, ThirdBallPattern,
};

/// The bytes of a player's strokes.
pub fn encode_player_strokes(strokes: &PlayerStrokes) -> Bytes {
    let wire = v1::PlayerStrokes {
        player_id: id_bytes(strokes.player_id.0),
        opponent_id: strokes.opponent_id.map(|id| id_bytes(id.0)),
        window: strokes.window.clone(),
        patterns: Some(write_patterns(&strokes.patterns)),
    };
    wire.encode_to_vec().into()
}

/// Reads a player's strokes.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged, or name something that a later version added.
pub fn decode_player_strokes(bytes: &[u8]) -> Result<PlayerStrokes, DecodeError> {
    let wire = v1::PlayerStrokes::decode(bytes)?;
    Ok(PlayerStrokes {
        player_id: PlayerId(id(&wire.player_id, "player_id")?),
        opponent_id: optional_id(wire.opponent_id.as_ref(), "opponent_id")?.map(PlayerId),
        window: wire.window,
        patterns: read_patterns(wire.patterns.unwrap_or_default())?,
    })
}

fn write_patterns(patterns: &StrokePatterns) -> v1::StrokePatterns {
    v1::StrokePatterns {
        rallies: Some(write_tally(patterns.rallies)),
        serves: patterns.serves.iter().map(write_serve).collect(),
        receives: patterns.receives.iter().map(write_receive).collect(),
        third_balls: patterns.third_balls.iter().map(write_third_ball).collect(),
        placements: patterns.placements.iter().map(write_placement).collect(),
        lengths: patterns.lengths.iter().map(write_length).collect(),
        last_strokes: patterns.last_strokes.iter().map(write_last).collect(),
    }
}

fn read_patterns(wire: v1::StrokePatterns) -> Result<StrokePatterns, DecodeError> {
    Ok(StrokePatterns {
        rallies: wire.rallies.map(read_tally).unwrap_or_default(),
        serves: each(wire.serves, |one| read_serve(&one))?,
        receives: each(wire.receives, |one| read_receive(&one))?,
        third_balls: each(wire.third_balls, |one| read_third_ball(&one))?,
        placements: each(wire.placements, |one| read_placement(&one))?,
        lengths: each(wire.lengths, |one| read_length(&one))?,
        last_strokes: each(wire.last_strokes, |one| read_last(&one))?,
    })
}

fn write_serve(one: &ServePattern) -> v1::ServePattern {
    let (class, spin, zone) = (number(one.class), number(one.spin), zone_number(one.zone));
    v1::ServePattern { class, spin, zone, won: one.tally.won, of: one.tally.of }
}

fn read_serve(wire: &v1::ServePattern) -> Result<ServePattern, DecodeError> {
    Ok(ServePattern {
        class: known(wire.class, "class")?,
        spin: known(wire.spin, "spin")?,
        zone: read_zone(wire.zone)?,
        tally: Tally { won: wire.won, of: wire.of },
    })
}

fn write_receive(one: &ReceivePattern) -> v1::ReceivePattern {
    let (class, zone) = (number(one.class), zone_number(one.zone));
    v1::ReceivePattern { class, zone, won: one.tally.won, of: one.tally.of }
}

fn read_receive(wire: &v1::ReceivePattern) -> Result<ReceivePattern, DecodeError> {
    Ok(ReceivePattern {
        class: known(wire.class, "class")?,
        zone: read_zone(wire.zone)?,
        tally: Tally { won: wire.won, of: wire.of },
    })
}

fn write_third_ball(one: &ThirdBallPattern) -> v1::ThirdBallPattern {
    v1::ThirdBallPattern {
        serve_spin: number(one.serve_spin),
        serve_zone: zone_number(one.serve_zone),
        class: number(one.class),
        hand: number(one.hand),
        zone: zone_number(one.zone),
        won: one.tally.won,
        of: one.tally.of,
    }
}

fn read_third_ball(wire: &v1::ThirdBallPattern) -> Result<ThirdBallPattern, DecodeError> {
    Ok(ThirdBallPattern {
        serve_spin: known(wire.serve_spin, "serve_spin")?,
        serve_zone: read_zone(wire.serve_zone)?,
        class: known(wire.class, "class")?,
        hand: known(wire.hand, "hand")?,
        zone: read_zone(wire.zone)?,
        tally: Tally { won: wire.won, of: wire.of },
    })
}

fn write_placement(one: &Placement) -> v1::Placement {
    let (phase, zone) = (one.phase.number(), zone_number(one.zone));
    v1::Placement { phase, zone, won: one.tally.won, of: one.tally.of }
}

fn read_placement(wire: &v1::Placement) -> Result<Placement, DecodeError> {
    Ok(Placement {
        phase: known(wire.phase, "phase")?.ok_or(DecodeError::Missing { field: "phase" })?,
        zone: read_zone(wire.zone)?,
        tally: Tally { won: wire.won, of: wire.of },
    })
}

fn write_length(one: &LengthTally) -> v1::LengthTally {
    v1::LengthTally {
        from: one.from.into(),
        to: one.to.map(u32::from),
        serve: one.serve.map(write_tally),
        receive: one.receive.map(write_tally),
    }
}

fn read_length(wire: &v1::LengthTally) -> Result<LengthTally, DecodeError> {
    Ok(LengthTally {
        from: fit(wire.from, "from")?,
        to: wire.to.map(|to| fit(to, "to")).transpose()?,
        serve: wire.serve.map(read_tally),
        receive: wire.receive.map(read_tally),
    })
}

fn write_last(one: &LastStroke) -> v1::LastStroke {
    v1::LastStroke { class: number(one.class), winners: one.winners, errors: one.errors }
}

fn read_last(wire: &v1::LastStroke) -> Result<LastStroke, DecodeError> {
    Ok(LastStroke { class: known(wire.class, "class")?, winners: wire.winners, errors: wire.errors })
}

fn write_tally(tally: Tally) -> v1::Tally {
    v1::Tally { won: tally.won, of: tally.of }
}

fn read_tally(wire: v1::Tally) -> Tally {
    Tally { won: wire.won, of: wire.of }
}

/// A value of this version; 0 is absent.
fn known<T: WireEnum>(number: i32, field: &'static str) -> Result<Option<T>, DecodeError> {
    T::read(number).map_err(|unread| match unread {
        Unread::Damaged(error) => error,
        Unread::Later { .. } => DecodeError::Invalid { field },
    })
}
