//! Ties.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use topspin_laws::tie::{MatchCards, PlayerId, Position, Rubber, TieEvent as Law, TieFormat};
use topspin_laws::{Both, Card, Reason, Side};

use super::enums::WireEnum;
use super::meta::read_external_ids;
use super::read::{
    DecodeError, Read, Unread, each, fit, id, id_bytes, need, optional_id, optional_time, text, time,
};
use super::recorded::unknown_event_field;
use super::v1::{self, tie_recorded::Event as Wire};
use crate::{
    Chain, CommandId, CompetitionId, Epoch, OrgId, Precision, ReferenceId, Seq, StateHash, Team, TieEvent,
    TieId, TieMeta, TieRecorded, TieSnapshot, UnknownEvent, VenueId,
};

/// The bytes of a recorded part; `None` for an event that this version could not read.
pub fn encode_tie_recorded(recorded: &TieRecorded) -> Option<Bytes> {
    let event = match &recorded.event {
        TieEvent::Created(meta) => Wire::Created(v1::TieCreated { tie: Some(write_meta(meta)) }),
        TieEvent::Law(law) => write_law(law),
        TieEvent::Unknown(_) => return None,
    };
    let wire = v1::TieRecorded {
        tie_id: id_bytes(recorded.tie_id.0),
        epoch: recorded.epoch.0,
        seq: recorded.seq.0,
        laws_version: recorded.laws_version,
        cause: id_bytes(recorded.cause.0),
        origin: recorded.origin.to_string(),
        occurred_at: recorded.occurred_at.map(crate::Timestamp::as_millis),
        precision: recorded.precision.number(),
        recorded_at: recorded.recorded_at.as_millis(),
        event: Some(event),
    };
    Some(wire.encode_to_vec().into())
}

/// Reads a recorded part.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_tie_recorded(payload: &[u8]) -> Result<TieRecorded, DecodeError> {
    let wire = v1::TieRecorded::decode(payload)?;
    let later = |field, what: &str| TieEvent::Unknown(UnknownEvent { field, what: what.to_owned() });
    let event = match wire.event.map(read_event) {
        Some(Ok(event)) => event,
        Some(Err(Unread::Damaged(error))) => return Err(error),
        Some(Err(Unread::Later { what })) => later(None, &what),
        None => later(unknown_event_field(payload), "the kind of event"),
    };
    let precision = Precision::read(wire.precision).ok().flatten().unwrap_or(Precision::Unknown);
    Ok(TieRecorded {
        tie_id: TieId(id(&wire.tie_id, "tie_id")?),
        epoch: Epoch(wire.epoch),
        seq: Seq(need((wire.seq > 0).then_some(wire.seq), "seq")?),
        laws_version: wire.laws_version,
        cause: CommandId(id(&wire.cause, "cause")?),
        origin: text(wire.origin, "origin")?,
        occurred_at: optional_time(wire.occurred_at, "occurred_at")?,
        precision,
        recorded_at: time(wire.recorded_at, "recorded_at")?,
        event,
    })
}

/// The bytes of a tie's snapshot.
pub fn encode_tie_snapshot(snapshot: &TieSnapshot) -> Bytes {
    let wire = v1::TieSnapshot {
        meta: Some(write_meta(&snapshot.meta)),
        state: snapshot.state.to_string(),
        epoch: snapshot.epoch.0,
        seq: snapshot.seq.0,
        chain: Bytes::copy_from_slice(snapshot.chain.as_bytes()),
        state_hash: snapshot.state_hash.to_string(),
        laws_version: snapshot.laws_version,
        updated_at: snapshot.updated_at.as_millis(),
    };
    wire.encode_to_vec().into()
}

/// Reads a tie's snapshot.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_tie_snapshot(bytes: &[u8]) -> Result<TieSnapshot, DecodeError> {
    let wire = v1::TieSnapshot::decode(bytes)?;
    Ok(TieSnapshot {
        meta: Arc::new(read_meta(need(wire.meta, "meta")?)?),
        facts: serde_json::from_str(&wire.state).map_err(|_| DecodeError::Invalid { field: "state" })?,
        state: wire.state.into(),
        epoch: Epoch(wire.epoch),
        seq: Seq(wire.seq),
        chain: Chain::from_slice(&wire.chain).map_err(|_| DecodeError::Invalid { field: "chain" })?,
        state_hash: StateHash::stored(wire.state_hash),
        laws_version: wire.laws_version,
        updated_at: time(wire.updated_at, "updated_at")?,
    })
}

pub(super) fn write_meta(meta: &TieMeta) -> v1::TieMeta {
    let team =
        |team: &Team| v1::Team { name: team.name.clone(), club_id: team.club_id.map(|id| id_bytes(id.0)) };
    let rubber = |rubber: &Rubber| match rubber {
        Rubber::Singles { home, away } => v1::Rubber { home: home.0.into(), away: away.0.into() },
        Rubber::Doubles {} => v1::Rubber { home: 0, away: 0 },
    };
    v1::TieMeta {
        id: id_bytes(meta.id.0),
        org: id_bytes(meta.org.0),
        external_ids: meta.external_ids.iter().map(ToString::to_string).collect(),
        competition_id: meta.competition_id.map(|id| id_bytes(id.0)),
        category: meta.category.clone(),
        venue_id: meta.venue_id.map(|id| id_bytes(id.0)),
        scheduled_at: meta.scheduled_at.map(crate::Timestamp::as_millis),
        format: Some(v1::TieFormat {
            rubbers: meta.format.rubbers.iter().map(rubber).collect(),
            to_win: meta.format.to_win.into(),
            positions: meta.format.positions.into(),
        }),
        home: Some(team(&meta.sides.home)),
        away: Some(team(&meta.sides.away)),
        created_at: meta.created_at.as_millis(),
    }
}

pub(super) fn read_meta(wire: v1::TieMeta) -> Result<TieMeta, DecodeError> {
    let team = |team: v1::Team| -> Result<Team, DecodeError> {
        Ok(Team { name: team.name, club_id: optional_id(team.club_id.as_ref(), "club_id")?.map(ReferenceId) })
    };
    let rubber = |rubber: v1::Rubber| -> Result<Rubber, DecodeError> {
        let doubles = rubber.home == 0 && rubber.away == 0;
        let singles = |home, away| Rubber::Singles { home: Position(home), away: Position(away) };
        if doubles {
            return Ok(Rubber::Doubles {});
        }
        Ok(singles(fit(rubber.home, "rubbers")?, fit(rubber.away, "rubbers")?))
    };
    let format = need(wire.format, "format")?;
    Ok(TieMeta {
        id: TieId(id(&wire.id, "id")?),
        org: OrgId(id(&wire.org, "org")?),
        external_ids: read_external_ids(wire.external_ids)?,
        competition_id: optional_id(wire.competition_id.as_ref(), "competition_id")?.map(CompetitionId),
        category: wire.category,
        venue_id: optional_id(wire.venue_id.as_ref(), "venue_id")?.map(VenueId),
        scheduled_at: optional_time(wire.scheduled_at, "scheduled_at")?,
        format: TieFormat {
            rubbers: each(format.rubbers, rubber)?,
            to_win: fit(format.to_win, "to_win")?,
            positions: fit(format.positions, "positions")?,
        },
        sides: Both::new(team(need(wire.home, "home")?)?, team(need(wire.away, "away")?)?),
        created_at: time(wire.created_at, "created_at")?,
    })
}

fn write_law(law: &Law) -> Wire {
    let names = |players: &[PlayerId]| players.iter().map(|player| player.as_str().to_owned()).collect();
    let cards = |cards: &[Card]| cards.iter().map(|card| card.number()).collect();
    let shown = |shown: &[MatchCards]| shown.iter().map(write_cards).collect();
    match law {
        Law::LineUpNominated { side, players } => {
            Wire::LineUpNominated(v1::LineUp { side: side.number(), players: names(players) })
        }
        Law::PairNominated { side, number, pair: [first, second] } => Wire::PairNominated(v1::Pair {
            side: side.number(),
            number: (*number).into(),
            first: first.as_str().to_owned(),
            second: second.as_str().to_owned(),
        }),
        Law::Substituted { side, position, player } => Wire::Substituted(v1::Substitution {
            side: side.number(),
            position: position.0.into(),
            player: player.as_str().to_owned(),
        }),
        Law::MatchStarted { number, players, carried_cards } => Wire::MatchStarted(v1::TieMatchStarted {
            number: (*number).into(),
            home_players: names(&players.home),
            away_players: names(&players.away),
            home_carried_cards: cards(&carried_cards.home),
            away_carried_cards: cards(&carried_cards.away),
        }),
        Law::ResultRecorded { number, winner, games, cards, score } => Wire::ResultRecorded(v1::TieResult {
            number: (*number).into(),
            winner: winner.number(),
            games: Some(write_games(*games)),
            home_cards: shown(&cards.home),
            away_cards: shown(&cards.away),
            score: Some(write_games(*score)),
        }),
        Law::ResultRetracted { number, reason } => Wire::ResultRetracted(v1::TieResultRetracted {
            number: (*number).into(),
            reason: reason.as_str().to_owned(),
        }),
        Law::Conceded { side, reason } => Wire::Conceded(v1::BySide {
            side: side.number(),
            reason: reason.as_ref().map(|reason| reason.as_str().to_owned()),
        }),
        Law::ResultConfirmed {} => Wire::ResultConfirmed(v1::Nothing {}),
        Law::ResultReopened { reason } => {
            Wire::ResultReopened(v1::BecauseOf { reason: reason.as_str().to_owned() })
        }
    }
}

fn read_event(wire: Wire) -> Read<TieEvent> {
    let side = |number| <Side as WireEnum>::need(number, "side");
    Ok(TieEvent::Law(match wire {
        Wire::Created(created) => {
            return Ok(TieEvent::Created(Arc::new(read_meta(need(created.tie, "created.tie")?)?)));
        }
        Wire::LineUpNominated(wire) => {
            Law::LineUpNominated { side: side(wire.side)?, players: read_players(wire.players)? }
        }
        Wire::PairNominated(wire) => Law::PairNominated {
            side: side(wire.side)?,
            number: fit(wire.number, "number")?,
            pair: [text(wire.first, "first")?, text(wire.second, "second")?],
        },
        Wire::Substituted(wire) => Law::Substituted {
            side: side(wire.side)?,
            position: Position(fit(wire.position, "position")?),
            player: text(wire.player, "player")?,
        },
        Wire::MatchStarted(wire) => Law::MatchStarted {
            number: fit(wire.number, "number")?,
            players: Both::new(read_players(wire.home_players)?, read_players(wire.away_players)?),
            carried_cards: Both::new(
                each(wire.home_carried_cards, |card| WireEnum::need(card, "carried_cards"))?,
                each(wire.away_carried_cards, |card| WireEnum::need(card, "carried_cards"))?,
            ),
        },
        Wire::ResultRecorded(wire) => Law::ResultRecorded {
            number: fit(wire.number, "number")?,
            winner: side(wire.winner)?,
            games: read_games(wire.games)?,
            cards: Both::new(each(wire.home_cards, read_cards)?, each(wire.away_cards, read_cards)?),
            score: read_games(wire.score)?,
        },
        Wire::ResultRetracted(wire) => {
            Law::ResultRetracted { number: fit(wire.number, "number")?, reason: text(wire.reason, "reason")? }
        }
        Wire::Conceded(wire) => {
            let reason = wire.reason.map(|reason| text::<Reason>(reason, "reason")).transpose()?;
            Law::Conceded { side: side(wire.side)?, reason }
        }
        Wire::ResultConfirmed(_) => Law::ResultConfirmed {},
        Wire::ResultReopened(wire) => Law::ResultReopened { reason: text(wire.reason, "reason")? },
    }))
}

fn write_games(games: Both<u8>) -> v1::Score {
    v1::Score { home: games.home.into(), away: games.away.into() }
}

fn read_games(games: Option<v1::Score>) -> Result<Both<u8>, DecodeError> {
    let games = need(games, "games")?;
    Ok(Both::new(fit(games.home, "home")?, fit(games.away, "away")?))
}

fn read_players(names: Vec<String>) -> Result<Vec<PlayerId>, DecodeError> {
    each(names, |name| text(name, "players"))
}

fn write_cards(shown: &MatchCards) -> v1::PlayerCards {
    v1::PlayerCards {
        player: shown.player.as_str().to_owned(),
        cards: shown.cards.iter().map(|card| card.number()).collect(),
    }
}

fn read_cards(wire: v1::PlayerCards) -> Read<MatchCards> {
    Ok(MatchCards {
        player: text(wire.player, "player")?,
        cards: each(wire.cards, |card| WireEnum::need(card, "cards"))?,
    })
}
