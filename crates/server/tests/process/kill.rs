//! `kill -9` of `topspin serve` in a loop, while many tablets press at once: what was answered is kept, nothing is
//! doubled, and a command without an answer can be asked again.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use crate::server::{Server, agent};

const MATCHES: usize = 4;
const TABLETS_A_MATCH: usize = 2;
const KILLS: usize = 5;
/// Positions of a match asked for at once.
const PAGE: usize = 500;

#[derive(Clone)]
struct Asked {
    match_id: String,
    body: Value,
}

impl Asked {
    fn id(&self) -> &str {
        self.body["command_id"].as_str().expect("an id")
    }
}

/// What a tablet was told: the status and the first position of its events; nothing where the server died.
type Told = (Asked, Option<(u16, Option<u64>)>);

fn ask(agent: &ureq::Agent, url: &str, asked: &Asked) -> Option<(u16, Option<u64>)> {
    let request = agent.post(format!("{url}/v1/matches/{}/commands", asked.match_id));
    let mut answer = request.send_json(&asked.body).ok()?;
    let body: Value = answer.body_mut().read_json().ok()?;
    Some((answer.status().as_u16(), body["from_seq"].as_u64()))
}

fn command(match_id: &str, number: usize, command: &Value) -> Asked {
    let command_id = format!("00000000-0000-4000-8000-{number:012x}");
    Asked { match_id: match_id.to_owned(), body: json!({ "command_id": command_id, "command": command }) }
}

fn create(url: &str, number: usize) -> String {
    let player = |name: &str| json!({ "players": [{ "name": name }] });
    let body = json!({
        "external_ids": [format!("test:{number}")],
        "format": { "game_points": 99, "deciding_game_points": 99 },
        "sides": { "home": player("Ada"), "away": player("Bo") },
    });
    let mut answer = agent().post(format!("{url}/v1/matches")).send_json(&body).expect("an answer");
    let created: Value = answer.body_mut().read_json().expect("JSON");
    created["id"].as_str().expect("an id").to_owned()
}

/// A tablet presses until the server does not answer.
fn press(url: &str, match_id: &str, first: usize, told: &mpsc::Sender<Told>) {
    let agent = agent();
    for turn in 0.. {
        let what = match turn % 3 {
            0 => json!({ "type": "point", "to": "home" }),
            1 => json!({ "type": "let" }),
            _ => json!({ "type": "undo" }),
        };
        let asked = command(match_id, first + turn, &what);
        let answer = ask(&agent, url, &asked);
        let died = answer.is_none();
        if told.send((asked, answer)).is_err() || died {
            return;
        }
    }
}

/// The command of each position, from 1: gapless, and none twice.
fn causes(url: &str, match_id: &str) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    loop {
        let path = format!("{url}/v1/matches/{match_id}/events?from={}&limit={PAGE}", causes.len() + 1);
        let page: Value = agent().get(path).call().expect("an answer").body_mut().read_json().expect("JSON");
        let items = page["items"].as_array().expect("a list");
        for item in items {
            assert_eq!(item["seq"].as_u64(), Some(causes.len() as u64 + 1), "gapless");
            causes.push(item["command_id"].as_str().expect("a cause").to_owned());
        }
        if items.len() < PAGE {
            let places: HashMap<&String, usize> = causes.iter().zip(0..).collect();
            assert_eq!(places.len(), causes.len(), "a command happened twice");
            return causes;
        }
    }
}

/// Presses on all tables until `enough` answers have come, then kills the server under them.
fn press_and_kill(server: &mut Server, matches: &[String], round: usize, enough: usize) -> Vec<Told> {
    let (sender, receiver) = mpsc::channel();
    let mut all = Vec::new();
    thread::scope(|scope| {
        for (table, match_id) in matches.iter().enumerate() {
            for tablet in 0..TABLETS_A_MATCH {
                let (sender, url) = (sender.clone(), server.url.clone());
                let first = ((round * MATCHES + table) * TABLETS_A_MATCH + tablet + 1) << 24;
                scope.spawn(move || press(&url, match_id, first, &sender));
            }
        }
        drop(sender);
        for told in &receiver {
            all.push(told);
            if all.len() == enough {
                server.kill();
            }
        }
    });
    all
}

#[test]
fn what_was_answered_is_kept_once_when_the_server_is_killed_under_many_tablets() {
    let data = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(data.path(), &["--open"]);
    let matches: Vec<String> = (0..MATCHES).map(|number| create(&server.url, number)).collect();
    for (number, id) in matches.iter().enumerate() {
        let start = json!({ "type": "start_game", "server": { "side": "home" } });
        let answer = ask(&agent(), &server.url, &command(id, number + 1, &start));
        assert_eq!(answer.map(|(status, _)| status), Some(200));
    }
    let mut known: BTreeMap<String, (Asked, (u16, Option<u64>))> = BTreeMap::new();
    for round in 0..KILLS {
        let told = press_and_kill(&mut server, &matches, round, 40 + 37 * round);
        server = Server::start(data.path(), &["--open"]);
        let happened: HashMap<&String, Vec<String>> =
            matches.iter().map(|id| (id, causes(&server.url, id))).collect();
        for (asked, answer) in told {
            let happened = &happened[&asked.match_id];
            let place = happened.iter().position(|cause| cause == asked.id()).map(|place| place as u64 + 1);
            let again = ask(&agent(), &server.url, &asked).expect("the server lives");
            match answer {
                // Answered: it is where the answer said, and is answered the same again.
                Some(answer) => {
                    assert!(answer.0 == 200 || answer.0 == 409, "{answer:?} to {}", asked.body);
                    assert_eq!((answer.1, again), (place, answer), "lost: {}", asked.body);
                }
                // Not answered: it happened once or not at all; asked again it is answered.
                None => assert!(place.is_none() || again == (200, place), "{again:?} to {}", asked.body),
            }
            known.insert(asked.id().to_owned(), (asked, again));
        }
    }
    for id in &matches {
        let happened = causes(&server.url, id);
        for (asked, (status, from)) in known.values().filter(|(asked, _)| asked.match_id == *id) {
            let place = happened.iter().position(|cause| cause == asked.id()).map(|place| place as u64 + 1);
            assert_eq!(place, *from, "answered {status}: {}", asked.body);
        }
    }
}
