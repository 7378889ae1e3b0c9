//! An umpire with a table of matches. What is pressed next depends on the seed and on the verdicts so far, on nothing
//! else: the same umpire on a quiet server presses the same.

use serde_json::{Value, json};

use super::chance::Chance;

/// Players who meet one another, at all tables.
const PLAYERS: usize = 12;

/// What is asked of a server.
#[derive(Debug, Clone)]
pub struct Ask {
    pub path: String,
    pub body: Value,
    /// The id of the command; none where a match is created, which its external id names.
    pub command: Option<String>,
}

/// What a server has decided.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub status: u16,
    pub body: Value,
}

impl Verdict {
    /// What does not depend on who decided it when.
    pub fn facts(&self) -> Value {
        let body = &self.body;
        match self.status {
            // Created now or created before: only the umpire's patience made the difference.
            201 => json!({ "status": 200, "id": body["id"] }),
            200 if body["verdict"].is_null() => json!({ "status": 200, "id": body["id"] }),
            status => json!({
                "status": status,
                "code": body["code"],
                "from_seq": body["from_seq"],
                "seq": body["seq"],
                "state_hash": body["state_hash"],
            }),
        }
    }
}

pub struct Umpire {
    seed: u64,
    table: usize,
    chance: Chance,
    /// All matches so far, the one at hand last.
    matches: Vec<String>,
    pressed: usize,
    /// The state of the match at hand; null before it is created.
    state: Value,
}

impl Umpire {
    pub fn new(seed: u64, table: usize) -> Self {
        let stream = 1 + u64::try_from(table).expect("a usize has at most 64 bits");
        let (chance, matches) = (Chance::new(seed, stream), Vec::new());
        Self { seed, table, chance, matches, pressed: 0, state: Value::Null }
    }

    /// The ids of the matches.
    pub fn matches(self) -> Vec<String> {
        self.matches
    }

    pub fn press(&mut self) -> Ask {
        match self.matches.last() {
            Some(id) if !self.state.is_null() => {
                let path = format!("/v1/matches/{id}/commands");
                let command = self.choose();
                self.pressed += 1;
                let (seed, table) = (self.seed & 0xffff_ffff, self.table + 1);
                let command_id = format!("{seed:08x}-{table:04x}-4000-8000-{:012x}", self.pressed);
                let body = json!({ "command_id": command_id, "command": command });
                Ask { path, body, command: Some(command_id) }
            }
            Some(_) | None => self.create(),
        }
    }

    pub fn hears(&mut self, verdict: &Verdict) {
        let resource = if verdict.body["verdict"].is_null() { &verdict.body } else { &verdict.body["match"] };
        let Some(id) = resource["id"].as_str() else { return };
        if self.state.is_null() {
            self.matches.push(id.to_owned());
        }
        let over = resource["state"]["status"] == "finished";
        self.state = if over { Value::Null } else { resource["state"].clone() };
    }

    fn create(&mut self) -> Ask {
        let home = self.chance.below(PLAYERS);
        let away = (home + 1 + self.chance.below(PLAYERS - 1)) % PLAYERS;
        let side = |number: usize| {
            let external = format!("chaos:player-{number}");
            json!({ "players": [{ "name": format!("Player {number}"), "external_ids": [external] }] })
        };
        let body = json!({
            "external_ids": [format!("chaos:match-{}-{}", self.table, self.matches.len())],
            "format": { "best_of": 3 },
            "sides": { "home": side(home), "away": side(away) },
        });
        Ask { path: "/v1/matches".to_owned(), body, command: None }
    }

    /// Mostly what an umpire would press now; corrections; and now and then what the laws refuse.
    fn choose(&mut self) -> Value {
        let chance = self.chance.below(100);
        let side = if self.chance.below(100) < 55 { "home" } else { "away" };
        let wants =
            |what: &str| self.state["notices"].as_array().is_some_and(|all| all.contains(&json!(what)));
        match chance {
            0..2 => json!({ "type": "start_game" }),
            2..4 => json!({ "type": "take_time_out", "side": side }),
            4..10 => json!({ "type": "undo" }),
            10..13 => json!({ "type": "redo" }),
            _ if self.state["status"] == "suspended" => json!({ "type": "resume" }),
            _ if wants("choose") => json!({ "type": "choose", "first_server": side }),
            _ if wants("start_game") => json!({ "type": "start_game" }),
            13..16 => json!({ "type": "let" }),
            16..18 => json!({ "type": "resume" }),
            _ => json!({ "type": "point", "to": side }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pressed_depends_on_the_seed_and_the_verdicts_only() {
        let pressed = |seed| {
            let mut umpire = Umpire::new(seed, 2);
            let mut all = vec![umpire.press().body];
            umpire.hears(&Verdict {
                status: 201,
                body: json!({ "id": "m", "state": { "status": "in_play" } }),
            });
            all.extend((0..20).map(|_| umpire.press().body));
            all
        };
        assert_eq!(pressed(1), pressed(1));
        assert_ne!(pressed(1), pressed(2));
    }

    #[test]
    fn a_finished_match_is_followed_by_another() {
        let mut umpire = Umpire::new(1, 0);
        let (playing, over) = (json!({ "status": "in_play" }), json!({ "status": "finished" }));
        umpire.hears(&Verdict { status: 200, body: json!({ "id": "m", "state": playing }) });
        assert!(umpire.press().command.is_some());
        let last = json!({ "verdict": "accepted", "match": { "id": "m", "state": over } });
        umpire.hears(&Verdict { status: 200, body: last });
        assert_eq!(umpire.press().path, "/v1/matches");
        assert_eq!(umpire.matches(), ["m"]);
    }
}
