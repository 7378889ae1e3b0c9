//! The rallies of a match, each from its rows.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use topspin_event::Stroke;
use topspin_laws::{Both, Score, Side};

use super::column::Row;
use super::meaning::{self, Strike};
use crate::limits::{MAX_POINTS, MAX_SETS};
use crate::{Fault, Kind};

/// One rally as the file tells it.
#[derive(Debug, Clone)]
pub(crate) struct Rally {
    /// Its id in the file.
    pub uid: i64,
    /// The number of its game, from 1.
    pub game: u8,
    /// Its number within the game.
    pub number: i64,
    /// Who made the first stroke.
    pub server: Side,
    /// The score before it.
    pub claim: Score,
    /// Who won it.
    pub winner: Side,
    /// Its strokes, where all of them were filmed.
    pub strokes: Option<Vec<Stroke>>,
    /// How it came, for anomalies.
    pub raw: Value,
}

impl Rally {
    /// The score after it.
    pub fn after(&self) -> Score {
        let mut after = self.claim;
        *after.of_mut(self.winner) += 1;
        after
    }
}

/// The rallies of a match in the order of play; what cannot be one is a fault.
pub(crate) fn read(rows: &[Row], players: &Both<i64>, faults: &mut Vec<Fault>) -> Vec<Rally> {
    let mut rallies = Vec::new();
    for (uid, mut rows) in by_uid(rows) {
        rows.sort_by_key(|row| row.stroke);
        note_rows(&mut rows, faults);
        match rally(uid, &rows, players) {
            Ok(rally) => rallies.push(rally),
            Err(Some((kind, why))) => {
                faults.push((kind, format!("rally left out: {why}"), raw(uid, &rows)));
            }
            // Time-outs alone are no rally.
            Err(None) => {}
        }
    }
    rallies.sort_by_key(|rally| (rally.game, rally.claim.total(), rally.number, rally.uid));
    rallies
}

/// The rallies of a match whose players are not known, each as a fault.
pub(crate) fn without_players(rows: &[Row]) -> Vec<Fault> {
    let why = "rally left out: its match has no two players";
    let fault = |(uid, rows): (i64, Vec<&Row>)| (Kind::LineupMissing, why.to_owned(), raw(uid, &rows));
    by_uid(rows).into_iter().map(fault).collect()
}

fn by_uid(rows: &[Row]) -> BTreeMap<i64, Vec<&Row>> {
    let mut by_uid: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_uid.entry(row.rally_uid).or_default().push(row);
    }
    by_uid
}

/// Notes what is to be said of single rows, and takes repeated ones out.
fn note_rows(rows: &mut Vec<&Row>, faults: &mut Vec<Fault>) {
    let all = std::mem::take(rows);
    for row in all {
        if rows.last().is_some_and(|before| *before == row) {
            faults.push((Kind::RepeatedRow, "the same row again".to_owned(), row.raw()));
            continue;
        }
        for (column, number) in meaning::meaningless(row) {
            faults.push((Kind::MalformedField, format!("{column}: {number} has no meaning"), row.raw()));
        }
        if Strike::of(row) == Strike::TimeOut {
            let detail = "a time-out of nobody knows which side: not taken over".to_owned();
            faults.push((Kind::TimeOutOfNobody, detail, row.raw()));
        }
        rows.push(row);
    }
}

/// The rows of a rally in short.
fn raw(uid: i64, rows: &[&Row]) -> Value {
    json!({ "rally_uid": uid, "rows": rows.len(), "first": rows.first().map(|row| row.raw()) })
}

type Refused = Option<(Kind, &'static str)>;

fn rally(uid: i64, rows: &[&Row], players: &Both<i64>) -> Result<Rally, Refused> {
    let struck: Vec<&Row> = rows.iter().copied().filter(|row| Strike::of(row) != Strike::TimeOut).collect();
    let first = *struck.first().ok_or(None)?;
    let refuse = |kind, why| Err(Some((kind, why)));
    let agree = |row: &&&Row| {
        (row.game, row.rally, row.server_won, row.sex)
            == (first.game, first.rally, first.server_won, first.sex)
    };
    if struck.iter().filter(agree).count() < struck.len() {
        return refuse(Kind::ContradictoryUpdate, "its rows are not of one rally");
    }
    let not_filmed = struck.iter().any(|row| Strike::of(row) == Strike::NotFilmed);
    let numbered = (1..).zip(rows).all(|(number, row)| row.stroke == number);
    if rows.first().is_none_or(|row| row.stroke != 1) || !(numbered || not_filmed) {
        return refuse(Kind::IncompleteRally, "strokes are missing");
    }
    let server = side(first, players).ok_or(Some((Kind::PlayerUnknown, "a third player in the match")))?;
    let strokes = if not_filmed { None } else { Some(strokes(&struck, players, server)?) };
    let no_game = Some((Kind::ImpossibleClaim, "no such game"));
    let game = u8::try_from(first.game).ok().filter(|game| (1..=MAX_SETS).contains(game)).ok_or(no_game)?;
    let claim = claim(first, server).ok_or(Some((Kind::ImpossibleClaim, "no such score")))?;
    let winner = match first.server_won {
        1 => server,
        0 => server.other(),
        _ => return refuse(Kind::IncompleteRally, "nobody knows who won it"),
    };
    Ok(Rally { uid, game, number: first.rally, server, claim, winner, strokes, raw: raw(uid, rows) })
}

/// Whose row it is.
fn side(row: &Row, players: &Both<i64>) -> Option<Side> {
    Side::BOTH
        .into_iter()
        .find(|side| (row.player, row.opponent) == (*players.of(*side), *players.of(side.other())))
}

/// The score before the rally, if a game can have it.
fn claim(row: &Row, by: Side) -> Option<Score> {
    let points = |points: i64| u16::try_from(points).ok().filter(|points| i64::from(*points) <= MAX_POINTS);
    let (own, others) = (points(row.score_self)?, points(row.score_other)?);
    Some(match by {
        Side::Home => Both::new(own, others),
        Side::Away => Both::new(others, own),
    })
}

/// The strokes: of either side in turn, each told with the same score.
fn strokes(rows: &[&Row], players: &Both<i64>, server: Side) -> Result<Vec<Stroke>, Refused> {
    let before = rows.first().and_then(|row| claim(row, server));
    let mut due = server;
    let mut strokes = Vec::with_capacity(rows.len());
    for row in rows {
        if side(row, players) != Some(due) {
            return Err(Some((Kind::ContradictoryUpdate, "its strokes do not alternate")));
        }
        if claim(row, due) != before {
            return Err(Some((Kind::ContradictoryUpdate, "its score changes from stroke to stroke")));
        }
        strokes.push(meaning::stroke(row, due));
        due = due.other();
    }
    Ok(strokes)
}
