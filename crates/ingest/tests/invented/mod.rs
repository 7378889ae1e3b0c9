//! An invented tie of fictional players, written down as a tablet would.
#![allow(dead_code)] // Each test takes what it needs.

use serde_json::{Value, json};
use topspin_ingest::{Kind, MatchPlan, Plan, ttbl};

pub const HOME: &str = "p-ada";
pub const AWAY: &str = "p-bo";

/// Who wins each point of four games.
pub const GAMES: [&str; 4] = ["hahhahhahhhhahh", "aahahaaahaaaaha", "hhhhahhahahhahh", "ahhahhahahahhhahh"];

/// A tablet's stream of one match.
#[derive(Clone)]
pub struct Tablet {
    pub updates: Vec<Value>,
    pub official: Vec<(i64, i64)>,
    pub set: i64,
    pub score: (i64, i64),
    pub id: i64,
    pub ts: i64,
}

impl Default for Tablet {
    fn default() -> Self {
        Tablet {
            updates: Vec::new(),
            official: Vec::new(),
            set: 1,
            score: (0, 0),
            id: 100,
            ts: 1_700_000_000_000,
        }
    }
}

impl Tablet {
    /// A whole match of four games without a fault; home serves first.
    pub fn whole() -> Self {
        let mut tablet = Tablet::opened();
        for (at, game) in GAMES.iter().enumerate() {
            tablet.start_set(if at % 2 == 0 { HOME } else { AWAY });
            tablet.rallies(game);
            tablet.end_set();
        }
        tablet.end();
        tablet
    }

    /// Created and begun.
    pub fn opened() -> Self {
        let mut tablet = Tablet::default();
        tablet.push("Create", None);
        tablet.push("EventGameStart", None);
        tablet
    }

    /// An update at the present score.
    pub fn push(&mut self, kind: &str, player: Option<&str>) -> &mut Value {
        self.id += 1;
        self.ts += 7_000;
        self.updates.push(json!({
            "id": self.id, "matchId": "tie-1", "gameId": "game-1", "type": kind, "ts": self.ts, "playerId": player,
            "set": self.set, "result": format!("{}:{}", self.score.0, self.score.1),
            "isAcePoint": null, "isServerErrorPoint": null, "isLuckyShot": null, "isNetRoller": null,
            "isEdgeBall": null, "homePlayerId": null, "awayPlayerId": null,
            "submissionID": null, "index": null, "undoId": null, "appVersion": null,
        }));
        self.updates.last_mut().expect("just pushed")
    }

    pub fn start_set(&mut self, server: &str) {
        self.push("EventSetStart", Some(server));
    }

    /// Points in turn, `h` for home and `a` for away.
    pub fn rallies(&mut self, winners: &str) {
        for winner in winners.chars() {
            self.point(if winner == 'h' { HOME } else { AWAY });
        }
    }

    pub fn point(&mut self, winner: &str) {
        let server = self.server();
        if winner == HOME {
            self.score.0 += 1;
        } else {
            self.score.1 += 1;
        }
        let update = self.push("Point", Some(winner));
        update["isAcePoint"] = json!(server == winner);
        update["isServerErrorPoint"] = json!(server != winner);
        update["isLuckyShot"] = json!(false);
    }

    /// Takes the last point of a side back.
    pub fn take_back(&mut self, side: &str) {
        if side == HOME {
            self.score.0 -= 1;
        } else {
            self.score.1 -= 1;
        }
        self.push("DecrementPoint", Some(side));
    }

    pub fn end_set(&mut self) {
        self.push("EventSetEnd", Some(if self.score.0 > self.score.1 { HOME } else { AWAY }));
        self.official.push(self.score);
        self.set += 1;
        self.score = (0, 0);
    }

    pub fn end(&mut self) {
        let last = *self.official.last().expect("a set ended");
        (self.set, self.score) = (self.set - 1, last);
        self.push("EventGameEnd", Some(HOME));
    }

    fn server(&self) -> &'static str {
        let (home, away) = self.score;
        let played = home + away;
        let turns = if home >= 10 && away >= 10 { played } else { played / 2 };
        if (turns + self.set - 1) % 2 == 0 { HOME } else { AWAY }
    }

    /// The file.
    pub fn file(&self) -> Value {
        tie(&[self.game("game-1")])
    }

    pub fn game(&self, id: &str) -> Value {
        let mut game = json!({
            "id": id, "index": 1, "gameState": "Finished", "winnerSide": null, "cards": [],
            "homePlayer": player(HOME), "awayPlayer": player(AWAY), "homeDouble": null, "awayDouble": null,
            "scoringUpdates": self.updates,
        });
        for (at, (home, away)) in self.official.iter().enumerate() {
            game[format!("set{}HomeScore", at + 1)] = json!(home);
            game[format!("set{}AwayScore", at + 1)] = json!(away);
        }
        game
    }

    pub fn plan(&self) -> Plan {
        plan(&self.file())
    }
}

pub fn player(id: &str) -> Value {
    json!({ "id": id, "firstName": "Player", "lastName": id })
}

pub fn tie(games: &[Value]) -> Value {
    json!({
        "id": "tie-1", "matchState": "Finished", "timeStamp": 1_700_000_000,
        "gameday": { "name": "First day" }, "venue": { "name": "The Barn" },
        "homeTeam": { "id": "t1", "name": "Looping Lions" }, "awayTeam": { "id": "t2", "name": "Chopping Cranes" },
        "homePlayerOne": player(HOME), "homePlayerTwo": player("p-cy"), "homePlayerThree": player("p-eva"),
        "guestPlayerOne": player("p-di"), "guestPlayerTwo": player(AWAY), "guestPlayerThree": player("p-fe"),
        "games": games,
    })
}

pub fn plan(file: &Value) -> Plan {
    ttbl::plan("invented.json", file.to_string().as_bytes(), &ttbl::Formats::default())
}

/// The match of a plan of one match.
pub fn only(plan: &Plan) -> &MatchPlan {
    assert_eq!(plan.matches.len(), 1, "{:?}", plan.anomalies);
    &plan.matches[0]
}

/// The games of a match, in short.
pub fn games(one: &MatchPlan) -> String {
    let games: Vec<String> =
        one.facts.games.iter().map(|score| format!("{}:{}", score.home, score.away)).collect();
    games.join(" ")
}

/// The kinds of a plan's anomalies, with their number.
pub fn kinds(plan: &Plan) -> Vec<(Kind, usize)> {
    let mut kinds = std::collections::BTreeMap::new();
    for anomaly in plan.all_anomalies() {
        *kinds.entry(anomaly.kind).or_insert(0) += 1;
    }
    kinds.into_iter().collect()
}

/// A match and its faults as text: agreement, games, anomalies.
pub fn told(plan: &Plan) -> String {
    let matches = plan
        .matches
        .iter()
        .map(|one| format!("{} {} {:?}\n", one.agreement.as_str(), games(one), one.facts.status));
    let anomalies =
        plan.all_anomalies().map(|anomaly| format!("{}: {}\n", anomaly.kind.as_str(), anomaly.detail));
    matches.chain(anomalies).collect()
}
