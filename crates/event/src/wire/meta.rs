//! What a match is, and the events that are not the laws'.

use bytes::Bytes;
use topspin_laws::{Both, Card, CardsPolicy, Format};

use super::enums::{WireEnum, number};
use super::law_event::points;
use super::law_event_read::read_points;
use super::read::{DecodeError, Read, each, fit, id, id_bytes, need, optional_id, optional_time, text, time};
use super::v1;
use crate::{
    CompetitionId, Entry, ExternalId, MatchId, MatchMeta, Move, OrgId, PlayerId, ReportedResult, TieId,
    VenueId,
};

pub(super) fn write_meta(meta: &MatchMeta) -> v1::MatchMeta {
    v1::MatchMeta {
        id: id_bytes(meta.id.0),
        org: id_bytes(meta.org.0),
        external_ids: meta.external_ids.iter().map(ToString::to_string).collect(),
        competition_id: meta.competition_id.map(|id| id_bytes(id.0)),
        category: meta.category.clone(),
        tie_id: meta.tie_id.map(|id| id_bytes(id.0)),
        venue_id: meta.venue_id.map(|id| id_bytes(id.0)),
        table: meta.table.clone(),
        scheduled_at: meta.scheduled_at.map(crate::Timestamp::as_millis),
        format: Some(write_format(&meta.format)),
        home: Some(write_entry(&meta.sides.home)),
        away: Some(write_entry(&meta.sides.away)),
        home_carried_cards: meta.carried_cards.home.iter().map(|card| card.number()).collect(),
        away_carried_cards: meta.carried_cards.away.iter().map(|card| card.number()).collect(),
        created_at: meta.created_at.as_millis(),
    }
}

pub(super) fn read_meta(wire: v1::MatchMeta) -> Read<MatchMeta> {
    Ok(MatchMeta {
        id: MatchId(id(&wire.id, "id")?),
        org: OrgId(id(&wire.org, "org")?),
        external_ids: read_external_ids(wire.external_ids)?,
        competition_id: optional_id(wire.competition_id.as_ref(), "competition_id")?.map(CompetitionId),
        category: wire.category,
        tie_id: optional_id(wire.tie_id.as_ref(), "tie_id")?.map(TieId),
        venue_id: optional_id(wire.venue_id.as_ref(), "venue_id")?.map(VenueId),
        table: wire.table,
        scheduled_at: optional_time(wire.scheduled_at, "scheduled_at")?,
        format: read_format(need(wire.format, "format")?)?,
        sides: Both::new(read_entry(need(wire.home, "home")?)?, read_entry(need(wire.away, "away")?)?),
        carried_cards: Both::new(read_cards(wire.home_carried_cards)?, read_cards(wire.away_carried_cards)?),
        created_at: time(wire.created_at, "created_at")?,
    })
}

pub(super) fn read_external_ids(texts: Vec<String>) -> Result<Vec<ExternalId>, DecodeError> {
    each(texts, |external| text(external, "external_ids"))
}

pub(super) fn write_move(to: &Move) -> v1::Moved {
    v1::Moved {
        table: to.table.clone(),
        venue_id: to.venue_id.map(|id| id_bytes(id.0)),
        scheduled_at: to.scheduled_at.map(crate::Timestamp::as_millis),
    }
}

pub(super) fn read_move(wire: v1::Moved) -> Result<Move, DecodeError> {
    Ok(Move {
        table: wire.table,
        venue_id: optional_id(wire.venue_id.as_ref(), "venue_id")?.map(VenueId),
        scheduled_at: optional_time(wire.scheduled_at, "scheduled_at")?,
    })
}

pub(super) fn write_result(result: &ReportedResult) -> v1::ReportedResult {
    v1::ReportedResult {
        source: result.source.clone(),
        games: result.games.iter().copied().map(points).collect(),
        winner: number(result.winner),
        reason: result.reason.clone(),
    }
}

pub(super) fn read_result(wire: v1::ReportedResult) -> Read<ReportedResult> {
    Ok(ReportedResult {
        source: wire.source,
        games: each(wire.games, read_points)?,
        winner: WireEnum::read(wire.winner)?,
        reason: wire.reason,
    })
}

fn write_entry(entry: &Entry) -> v1::Entry {
    v1::Entry {
        name: entry.name.clone(),
        players: entry.players.iter().map(|player| id_bytes(player.0)).collect(),
    }
}

fn read_entry(wire: v1::Entry) -> Result<Entry, DecodeError> {
    let read = |player: Bytes| id(&player, "players").map(PlayerId);
    Ok(Entry { name: wire.name, players: each(wire.players, read)? })
}

fn read_cards(numbers: Vec<i32>) -> Read<Vec<Card>> {
    each(numbers, |card| WireEnum::need(card, "carried_cards"))
}

fn write_format(format: &Format) -> v1::Format {
    v1::Format {
        discipline: format.discipline.number(),
        best_of: format.best_of.into(),
        game_points: format.game_points.into(),
        win_by: format.win_by.into(),
        deciding_game_points: format.deciding_game_points.into(),
        change_over_points: format.change_over_points.into(),
        serves_per_turn: format.serves_per_turn.into(),
        time_outs: format.time_outs.into(),
        time_out_seconds: format.time_out_seconds.into(),
        interval_seconds: format.interval_seconds.into(),
        warm_up_seconds: format.warm_up_seconds.into(),
        injury_seconds: format.injury_seconds.into(),
        towel_every: format.towel_every.into(),
        expedite_after_seconds: format.expedite_after_seconds.into(),
        expedite_unless_points: format.expedite_unless_points.into(),
        challenges: format.challenges.into(),
        penalty_points: format.cards.penalty_points.iter().map(|points| u32::from(*points)).collect(),
    }
}

fn read_format(wire: v1::Format) -> Read<Format> {
    let format = Format {
        discipline: WireEnum::need(wire.discipline, "discipline")?,
        best_of: fit(wire.best_of, "best_of")?,
        game_points: fit(wire.game_points, "game_points")?,
        win_by: fit(wire.win_by, "win_by")?,
        deciding_game_points: fit(wire.deciding_game_points, "deciding_game_points")?,
        change_over_points: fit(wire.change_over_points, "change_over_points")?,
        serves_per_turn: fit(wire.serves_per_turn, "serves_per_turn")?,
        time_outs: fit(wire.time_outs, "time_outs")?,
        time_out_seconds: fit(wire.time_out_seconds, "time_out_seconds")?,
        interval_seconds: fit(wire.interval_seconds, "interval_seconds")?,
        warm_up_seconds: fit(wire.warm_up_seconds, "warm_up_seconds")?,
        injury_seconds: fit(wire.injury_seconds, "injury_seconds")?,
        towel_every: fit(wire.towel_every, "towel_every")?,
        expedite_after_seconds: fit(wire.expedite_after_seconds, "expedite_after_seconds")?,
        expedite_unless_points: fit(wire.expedite_unless_points, "expedite_unless_points")?,
        challenges: fit(wire.challenges, "challenges")?,
        cards: CardsPolicy {
            penalty_points: each(wire.penalty_points, |steps| fit(steps, "penalty_points"))?,
        },
    };
    Ok(format.validated().map_err(|error| DecodeError::Invalid { field: error.field })?)
}
