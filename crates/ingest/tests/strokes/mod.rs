//! An invented stroke table of two fictional players.
#![allow(dead_code)] // Each test takes what it needs.

use topspin_event::{MatchCommand, RallyStrokes};
use topspin_ingest::{Kind, MatchPlan, Plan, aicup};
use topspin_laws::Command;

pub const HEADER: &str = "rally_uid,sex,match,numberGame,rally_id,strikeNumber,scoreSelf,scoreOther,serverGetPoint,\
                          gamePlayerId,gamePlayerOtherId,strikeId,handId,strengthId,spinId,pointId,actionId,positionId";

/// A row by the names of its columns.
pub type Row = [i64; 18];

pub const UID: usize = 0;
pub const MATCH: usize = 2;
pub const GAME: usize = 3;
pub const STROKE: usize = 5;
pub const SCORE_SELF: usize = 6;
pub const SCORE_OTHER: usize = 7;
pub const SERVER_WON: usize = 8;
pub const PLAYER: usize = 9;
pub const OPPONENT: usize = 10;
pub const STRIKE: usize = 11;
pub const HAND: usize = 12;

/// The players: the lower number is at home.
pub const PLAYERS: [i64; 2] = [4, 9];

/// Rows of rallies, as they are played.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub rows: Vec<Row>,
    uid: i64,
}

impl Table {
    /// A match of three games, 11:0 each, won by the player at home, who served first.
    pub fn whole() -> Self {
        let mut table = Table::default();
        for game in 1..=3 {
            for point in 0..11 {
                table.rally(game, (point, 0), 0);
            }
        }
        table
    }

    /// A rally at a score, served by whom the laws let serve, of as many strokes as let the winner strike last but one.
    pub fn rally(&mut self, game: i64, score: (i64, i64), winner: usize) {
        let total = score.0 + score.1;
        let turn = if total < 20 { total / 2 } else { total };
        let server = usize::try_from((turn + game - 1) % 2).expect("0 or 1");
        self.rally_served_by(server, game, score, winner);
    }

    pub fn rally_served_by(&mut self, server: usize, game: i64, score: (i64, i64), winner: usize) {
        self.uid += 1;
        let strokes = if server == winner { 2 } else { 3 };
        for stroke in 1..=strokes {
            let by = if stroke % 2 == 1 { server } else { 1 - server };
            let (own, other) = if by == 0 { score } else { (score.1, score.0) };
            let strike = [1, 2, 4][usize::try_from(stroke.min(3) - 1).expect("0 to 2")];
            let (zone, action) =
                if stroke == strokes { (0, 1) } else { (9, if stroke == 1 { 15 } else { 10 }) };
            self.rows.push([
                self.uid,
                2,
                7,
                game,
                score.0 + score.1 + 1,
                stroke,
                own,
                other,
                i64::from(server == winner),
                PLAYERS[by],
                PLAYERS[1 - by],
                strike,
                1,
                2,
                3,
                zone,
                action,
                0,
            ]);
        }
    }

    /// The rows of a rally.
    pub fn of(&mut self, uid: i64) -> impl Iterator<Item = &mut Row> {
        self.rows.iter_mut().filter(move |row| row[UID] == uid)
    }

    /// Without some rallies.
    pub fn without(mut self, uids: &[i64]) -> Self {
        self.rows.retain(|row| !uids.contains(&row[UID]));
        self
    }

    pub fn text(&self) -> String {
        let line = |row: &Row| row.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let lines: Vec<String> = self.rows.iter().map(line).collect();
        format!("{HEADER}\n{}\n", lines.join("\n"))
    }

    pub fn plans(&self) -> Vec<Plan> {
        aicup::plans("invented.csv", self.text().as_bytes())
    }

    /// The plan of its only match.
    pub fn plan(&self) -> MatchPlan {
        let mut matches: Vec<MatchPlan> = self.plans().into_iter().flat_map(|plan| plan.matches).collect();
        assert_eq!(matches.len(), 1);
        matches.remove(0)
    }
}

/// The kinds of a match's anomalies, in order.
pub fn kinds(plan: &MatchPlan) -> Vec<Kind> {
    plan.anomalies.iter().map(|anomaly| anomaly.kind).collect()
}

pub fn points(plan: &MatchPlan) -> usize {
    let is_point = |command: &MatchCommand| matches!(command, MatchCommand::Law(Command::Point { .. }));
    plan.script.iter().filter(|entry| is_point(&entry.envelope.command)).count()
}

pub fn recorded(plan: &MatchPlan) -> Vec<&RallyStrokes> {
    let strokes = plan.script.iter().filter_map(|entry| match &entry.envelope.command {
        MatchCommand::RecordStrokes(strokes) => Some(strokes),
        MatchCommand::Law(_) | MatchCommand::Move(_) | MatchCommand::ReportResult(_) => None,
    });
    strokes.collect()
}
