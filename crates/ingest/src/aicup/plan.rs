//! The plans of a file, one a match.

use std::collections::BTreeMap;

use topspin_laws::Both;

use super::column::Row;
use super::script::Script;
use super::{entity, format, rally, service, table};
use crate::limits::MAX_UPDATES;
use crate::{Agreement, Anomaly, Fault, Kind, MatchPlan, Plan};

/// Plans one file: a plan for what concerns the file, if anything does, and one for each match. `path` names it in
/// anomalies; a file that is no such table is an anomaly.
pub fn plans(path: &str, bytes: &[u8]) -> Vec<Plan> {
    let table = match table::read(bytes) {
        Ok(table) => table,
        Err(why) => return vec![Plan::unreadable(path, bytes, &why)],
    };
    let of_file: Vec<Anomaly> = table.odd.into_lines().map(|fault| anomaly(fault, None)).collect();
    let file = (!of_file.is_empty()).then(|| Plan { anomalies: of_file, ..Plan::default() });
    file.into_iter().chain(table.matches.into_iter().map(|(number, rows)| plan(number, rows))).collect()
}

fn anomaly((kind, detail, raw): Fault, match_id: Option<topspin_event::MatchId>) -> Anomaly {
    Anomaly { kind, tie_id: None, match_id, detail, raw }
}

fn plan(number: i64, mut rows: Vec<Row>) -> Plan {
    let id = entity::match_id(number);
    let mut faults: Vec<Fault> = Vec::new();
    if let Some(beyond) = rows.get(MAX_UPDATES) {
        let detail = format!("match {number} has more than {MAX_UPDATES} rows: the rest is left out");
        faults.push((Kind::TooManyUpdates, detail, beyond.raw()));
        rows.truncate(MAX_UPDATES);
    }
    let Some((players, sex)) = players(&rows) else {
        faults.extend(rally::without_players(&rows));
        let anomalies = faults.into_iter().map(|fault| anomaly(fault, Some(id))).collect();
        return Plan { anomalies, ..Plan::default() };
    };
    let rallies = rally::read(&rows, &players, &mut faults);
    let format = format::format(&rallies);
    let create = entity::creation(number, sex, &players, format.clone());
    let mut script = Script::new(id, format);
    if let Some(first_server) = service::first_server(&rallies) {
        script.play(&rallies, first_server);
    }
    faults.append(&mut script.faults);
    let agreement = if rallies.is_empty() { Agreement::Unplayed } else { Agreement::NoOfficial };
    let planned = MatchPlan {
        id,
        create,
        facts: script.facts(),
        script: script.entries,
        point_updates: rallies.len(),
        reported: None,
        agreement,
        anomalies: faults.into_iter().map(|fault| anomaly(fault, Some(id))).collect(),
    };
    Plan { references: entity::references(&players), matches: vec![planned], ..Plan::default() }
}

/// The two players that most rows have, the one with the lower number at home, and their sex.
fn players(rows: &[Row]) -> Option<(Both<i64>, i64)> {
    let mut pairs: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    let mut sexes: BTreeMap<i64, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.player != row.opponent) {
        let pair = (row.player.min(row.opponent), row.player.max(row.opponent));
        *pairs.entry(pair).or_default() += 1;
        *sexes.entry(row.sex).or_default() += 1;
    }
    let (home, away) = most(&pairs)?;
    Some((Both::new(home, away), most(&sexes)?))
}

fn most<T: Copy + Ord>(counted: &BTreeMap<T, usize>) -> Option<T> {
    let found = counted.iter().max_by_key(|(value, count)| (**count, std::cmp::Reverse(**value)));
    found.map(|(value, _)| *value)
}
