//! The statistics of matches.

use bytes::Bytes;
use prost::Message as _;
use topspin_laws::{Both, Score, Side};

use super::enums::WireEnum as _;
use super::read::{DecodeError, each, fit, id, id_bytes, need};
use super::v1;
use crate::{
    Epoch, LengthCount, Lengths, MatchId, MatchStatistics, Pressure, Seq, SideStatistics, Statistics, Tally,
    TimeOutEffect,
};

/// The bytes of a match's statistics.
pub fn encode_match_statistics(told: &MatchStatistics) -> Bytes {
    let wire = v1::MatchStatistics {
        match_id: id_bytes(told.match_id.0),
        epoch: told.epoch.0,
        seq: told.seq.0,
        whole: Some(write(&told.whole)),
        games: told.games.iter().map(write).collect(),
        time_outs: told.time_outs.iter().map(write_effect).collect(),
        momentum: told.momentum,
    };
    wire.encode_to_vec().into()
}

/// Reads a match's statistics.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_match_statistics(bytes: &[u8]) -> Result<MatchStatistics, DecodeError> {
    let wire = v1::MatchStatistics::decode(bytes)?;
    Ok(MatchStatistics {
        match_id: MatchId(id(&wire.match_id, "match_id")?),
        epoch: Epoch(wire.epoch),
        seq: Seq(wire.seq),
        whole: read(need(wire.whole, "whole")?),
        games: wire.games.into_iter().map(read).collect(),
        time_outs: each(wire.time_outs, read_effect)?,
        momentum: wire.momentum,
    })
}

fn write(told: &Statistics) -> v1::Statistics {
    v1::Statistics {
        rallies: told.rallies,
        lets: told.lets,
        home: Some(write_side(&told.sides.home)),
        away: Some(write_side(&told.sides.away)),
        strokes: told.strokes.as_ref().map(write_lengths),
        seconds: told.seconds.as_ref().map(write_lengths),
        between_points: told.between_points.as_ref().map(write_lengths),
    }
}

fn read(wire: v1::Statistics) -> Statistics {
    let side = |side: Option<v1::SideStatistics>| read_side(&side.unwrap_or_default());
    Statistics {
        rallies: wire.rallies,
        lets: wire.lets,
        sides: Both::new(side(wire.home), side(wire.away)),
        strokes: wire.strokes.map(read_lengths),
        seconds: wire.seconds.map(read_lengths),
        between_points: wire.between_points.map(read_lengths),
    }
}

fn write_side(side: &SideStatistics) -> v1::SideStatistics {
    v1::SideStatistics {
        points: side.points,
        serve: side.serve.map(write_tally),
        receive: side.receive.map(write_tally),
        points_in_a_row: side.points_in_a_row,
        largest_lead: side.largest_lead,
        largest_deficit_overcome: side.largest_deficit_overcome,
        game_points: Some(write_pressure(side.game_points)),
        match_points: Some(write_pressure(side.match_points)),
        deuce: Some(write_tally(side.deuce)),
        aces: side.aces,
        service_errors: side.service_errors,
        net_rollers: side.net_rollers,
        edges: side.edges,
        lucky_points: side.lucky_points,
    }
}

fn read_side(wire: &v1::SideStatistics) -> SideStatistics {
    SideStatistics {
        points: wire.points,
        serve: wire.serve.map(read_tally),
        receive: wire.receive.map(read_tally),
        points_in_a_row: wire.points_in_a_row,
        largest_lead: wire.largest_lead,
        largest_deficit_overcome: wire.largest_deficit_overcome,
        game_points: read_pressure(wire.game_points),
        match_points: read_pressure(wire.match_points),
        deuce: read_tally(wire.deuce.unwrap_or_default()),
        aces: wire.aces,
        service_errors: wire.service_errors,
        net_rollers: wire.net_rollers,
        edges: wire.edges,
        lucky_points: wire.lucky_points,
    }
}

fn write_tally(tally: Tally) -> v1::Tally {
    v1::Tally { won: tally.won, of: tally.of }
}

fn read_tally(wire: v1::Tally) -> Tally {
    Tally { won: wire.won, of: wire.of }
}

fn write_pressure(points: Pressure) -> v1::Pressure {
    v1::Pressure { had: points.had, converted: points.converted, saved: points.saved }
}

fn read_pressure(wire: Option<v1::Pressure>) -> Pressure {
    let wire = wire.unwrap_or_default();
    Pressure { had: wire.had, converted: wire.converted, saved: wire.saved }
}

fn write_lengths(lengths: &Lengths) -> v1::Lengths {
    let count = |one: &LengthCount| v1::LengthCount { length: one.length, count: one.count };
    v1::Lengths {
        count: lengths.count,
        total: lengths.total,
        longest: lengths.longest,
        distribution: lengths.distribution.iter().map(count).collect(),
    }
}

fn read_lengths(wire: v1::Lengths) -> Lengths {
    let count = |one: v1::LengthCount| LengthCount { length: one.length, count: one.count };
    Lengths {
        count: wire.count,
        total: wire.total,
        longest: wire.longest,
        distribution: wire.distribution.into_iter().map(count).collect(),
    }
}

fn write_effect(effect: &TimeOutEffect) -> v1::TimeOutEffect {
    let won = |won: &Both<u8>| Some(v1::Score { home: won.home.into(), away: won.away.into() });
    v1::TimeOutEffect {
        side: effect.side.number(),
        game: effect.game.into(),
        score: Some(v1::Score { home: effect.score.home.into(), away: effect.score.away.into() }),
        before: won(&effect.before),
        after: won(&effect.after),
    }
}

fn read_effect(wire: v1::TimeOutEffect) -> Result<TimeOutEffect, DecodeError> {
    let won = |score: Option<v1::Score>| {
        let score = score.unwrap_or_default();
        Ok::<_, DecodeError>(Both::new(fit(score.home, "home")?, fit(score.away, "away")?))
    };
    let score = wire.score.unwrap_or_default();
    Ok(TimeOutEffect {
        side: Side::need(wire.side, "side").map_err(|_| DecodeError::Invalid { field: "side" })?,
        game: fit(wire.game, "game")?,
        score: Score { home: fit(score.home, "home")?, away: fit(score.away, "away")? },
        before: won(wire.before)?,
        after: won(wire.after)?,
    })
}
