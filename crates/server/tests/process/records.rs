//! Records while a match is played, corrected, and while the server is killed.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::{Server, agent, get, run, text};
use crate::views::{play, press};

const ENOUGH: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

fn start(data: &Path) -> Server {
    Server::start(data, &["--open", "--views", "--zone", "Europe/Berlin"])
}

/// The values and matches of the list of longest rallies.
fn longest(server: &Server, window: &str) -> Vec<(i64, String)> {
    let page = get(server, &format!("/v1/records?metric=longest_rally_strokes&window={window}"));
    let entries = page["items"][0]["entries"].as_array().cloned().unwrap_or_default();
    let told = |entry: &Value| {
        (entry["value"].as_i64().expect("a number"), entry["match_id"].as_str().expect("an id").to_owned())
    };
    entries.iter().map(told).collect()
}

fn until(server: &Server, window: &str, expected: &[(i64, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(value, id)| (*value, (*id).to_owned())).collect();
    let began = Instant::now();
    loop {
        let found = longest(server, window);
        if found == expected {
            return;
        }
        assert!(began.elapsed() < ENOUGH, "{window}: {found:?}, not {expected:?}");
        thread::sleep(LOOK_AGAIN);
    }
}

fn rally(server: &Server, id: &str, strokes: u32) {
    press(server, id, &json!({ "type": "point", "to": "home", "strokes": strokes }));
}

/// What becomes of the record of the longest rally of all, as the stream says it: number, whether withdrawn, value.
fn news(server: &Server) -> Receiver<(u64, bool, i64)> {
    let (say, hear) = channel();
    let answer = agent().get(format!("{}/v1/insights", server.url)).call().expect("an answer");
    let lines = BufReader::new(answer.into_body().into_reader()).lines();
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let Some(data) = line.strip_prefix("data: ") else { continue };
            let told: Value = serde_json::from_str(data).expect("JSON");
            let of = (&told["metric"], &told["scope"], &told["window"]);
            if of == (&json!("longest_rally_strokes"), &json!("everything"), &json!("all_time")) {
                let number = told["id"].as_u64().expect("a number");
                let withdrawn = told["withdrawn"].as_bool().expect("yes or no");
                let value = told["holders"][0]["value"].as_i64().expect("a number");
                if say.send((number, withdrawn, value)).is_err() {
                    return;
                }
            }
        }
    });
    hear
}

#[test]
fn a_record_is_broken_at_once_and_goes_back_when_the_rally_is_taken_back_also_over_a_kill() {
    let data = tempfile::tempdir().expect("a directory");
    let mut server = start(data.path());
    let first = play(&server, 1, ["Ada", "Bo"], "");
    rally(&server, &first, 9);
    until(&server, "all_time", &[(9, &first)]);
    let heard = news(&server);
    let second = play(&server, 2, ["Cy", "Dee"], "");
    rally(&server, &second, 31);
    let next = || heard.recv_timeout(ENOUGH).expect("something is decided");
    assert_eq!((next(), next()), ((1, true, 9), (2, false, 31)), "broken: the one before is withdrawn");
    until(&server, "all_time", &[(31, &second), (9, &first)]);
    // The clock of the views ticks soon after something has happened.
    until(&server, "24_months", &[(31, &second), (9, &first)]);
    server.kill();

    let server = start(data.path());
    until(&server, "all_time", &[(31, &second), (9, &first)]);
    let heard = news(&server);
    press(&server, &second, &json!({ "type": "undo" }));
    let next = || heard.recv_timeout(ENOUGH).expect("something is decided");
    assert_eq!((next(), next()), ((2, true, 31), (3, false, 9)), "it goes back to who held it");
    until(&server, "all_time", &[(9, &first)]);
    until(&server, "24_months", &[(9, &first)]);
    let page = get(&server, &format!("/v1/records?window=match:{first}"));
    assert_eq!(page["items"][0]["entries"][0]["value"], 9);
    let wrong = get(&server, "/v1/records?window=yesterday");
    assert_eq!(wrong["code"], "invalid_query");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn records_of_an_association_are_those_of_its_players_and_what_each_scope_costs_is_told() {
    let data = tempfile::tempdir().expect("a directory");
    let scopes = ["--open", "--views", "--record-scopes", "everything,association"];
    let server = Server::start(data.path(), &scopes);
    let ada = json!({ "name": "Ada", "external_ids": ["test:Ada"], "country": "GER" });
    let made = agent().post(format!("{}/v1/players", server.url)).send_json(&ada).expect("an answer");
    assert_eq!(made.status().as_u16(), 201);
    for (number, (players, strokes)) in [(["Ada", "Bo"], 9), (["Cy", "Dee"], 12)].into_iter().enumerate() {
        let id = play(&server, number, players, "");
        rally(&server, &id, strokes);
    }
    let best = |scope: &str| {
        let page = get(&server, &format!("/v1/records?metric=longest_rally_strokes&scope={scope}"));
        page["items"][0]["entries"][0]["value"].as_i64()
    };
    let began = Instant::now();
    while (best("association:GER"), best("everything")) != (Some(9), Some(12)) {
        assert!(began.elapsed() < ENOUGH, "{:?} and {:?}", best("association:GER"), best("everything"));
        thread::sleep(LOOK_AGAIN);
    }
    assert_eq!(server.terminate(), Some(0));
    let (done, told) = run(&["topology", "state", "--data", text(data.path())]);
    let told_of = |name: &str| {
        let line = told.lines().find(|line| line.starts_with(name)).expect("a line for it");
        line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(done, "{told}");
    assert_eq!(told_of("player "), ["none"]);
    // A list is one row, however many are in it: only the bytes of two matches are more than those of one.
    let [everything, association] =
        ["everything ", "association "].map(|name| told_of(name)[1].parse::<u64>().expect("bytes"));
    assert!(0 < association && association < everything, "{told}");
}

#[test]
fn a_server_without_views_says_how_to_get_them() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Server::start(data.path(), &["--open"]);
    let told = get(&server, "/v1/records");
    assert_eq!(told["code"], "views_not_kept");
    assert!(told["detail"].as_str().is_some_and(|detail| detail.contains("--views")), "{told}");
}

/// Asks until the answer is as expected.
fn answers(server: &Server, path: &str, expected: &dyn Fn(&Value) -> bool) {
    let began = Instant::now();
    loop {
        let told = get(server, path);
        if expected(&told) {
            return;
        }
        assert!(began.elapsed() < ENOUGH, "{told}");
        thread::sleep(LOOK_AGAIN);
    }
}

/// The players of a match, home and away.
fn players(server: &Server, id: &str) -> (String, String) {
    let told = get(server, &format!("/v1/matches/{id}"));
    let player = |side: &str| told["sides"][side]["players"][0]["id"].as_str().expect("an id").to_owned();
    (player("home"), player("away"))
}

/// Both views of a server have a part that is called `lines-by-player`: one must not wait for the other.
#[test]
fn players_have_a_profile_once_a_match_is_over_and_lose_it_when_it_goes_on() {
    let data = tempfile::tempdir().expect("a directory");
    let server = start(data.path());
    let id = play(&server, 1, ["Ada", "Bo"], "hahh");
    let (ada, bo) = players(&server, &id);
    let profiles = |path: &str, expected: &dyn Fn(&Value) -> bool| answers(&server, path, expected);
    let tally = |profile: &Value, aspect: &str| {
        let found = profile["aspects"].as_array().into_iter().flatten().find(|one| one["aspect"] == aspect);
        found.map(|one| (one["won"].clone(), one["of"].clone()))
    };
    profiles(&format!("/v1/players/{ada}"), &|told| {
        told["name"] == "Ada"
            && tally(&told["profiles"][0], "points") == Some((json!(3), json!(4)))
            && tally(&told["profiles"][1], "matches") == Some((json!(1), json!(1)))
            && told["form"][0]["match_id"] == json!(id)
    });
    profiles(&format!("/v1/players/{bo}/versus/{ada}"), &|told| {
        tally(&told["players"][0]["profiles"][0], "matches") == Some((json!(0), json!(1)))
            && tally(&told["players"][1]["profiles"][0], "points") == Some((json!(3), json!(4)))
    });
    // Glickman's first step: who wins one of one against an equal, both unknown, is rated 1662 ± 290.
    profiles("/v1/ratings?established=false", &|told| {
        let rated = |place: usize, name: &str, rating: f64| {
            let one = &told["items"][place];
            one["name"] == name && one["rating"].as_f64().is_some_and(|found| (found - rating).abs() < 1.0)
        };
        rated(0, "Ada", 1662.0) && rated(1, "Bo", 1338.0) && told["recomputing"] == json!(false)
    });
    profiles(&format!("/v1/matches/{id}/forecast"), &|told| told["prior"].get("ratings").is_none());
    profiles(&format!("/v1/players/{bo}"), &|told| told["ratings"][1]["list"] == "elo");
    press(&server, &id, &json!({ "type": "undo" }));
    profiles(&format!("/v1/players/{ada}"), &|told| {
        ["profiles", "form", "ratings"].iter().all(|what| told.get(what).is_none())
    });
}

#[test]
fn players_have_strokes_while_their_rally_stands() {
    let data = tempfile::tempdir().expect("a directory");
    let server = start(data.path());
    let id = play(&server, 1, ["Ada", "Bo"], "");
    rally(&server, &id, 3);
    // Created, chosen, begun, scored.
    let strokes = json!([
        { "side": "home", "class": "hook_service", "spin": "backspin", "zone": 1 },
        { "side": "away", "class": "push", "zone": 8 },
        { "side": "home", "class": "drive", "hand": "forehand", "zone": 9 },
    ]);
    press(&server, &id, &json!({ "type": "record_strokes", "rally": 4, "strokes": strokes }));
    let (ada, bo) = players(&server, &id);
    let until = |path: &str, expected: &dyn Fn(&Value) -> bool| answers(&server, path, expected);
    let serve = json!([{ "class": "hook_service", "spin": "backspin", "zone": 1, "won": 1, "of": 1 }]);
    until(&format!("/v1/players/{ada}/strokes"), &|told| {
        let lately = &told["windows"][1];
        told["windows"][0]["serves"] == serve && lately["window"] == "24_months" && lately["serves"] == serve
    });
    until(&format!("/v1/players/{bo}/strokes?opponent={ada}"), &|told| {
        let all = &told["windows"][0];
        all["rallies"] == json!({ "won": 0, "of": 1 }) && all["receives"][0]["class"] == "push"
    });
    for (path, expected) in [
        (format!("/players/{ada}"), "forehand drive to long backhand"),
        (format!("/players/{bo}/versus/{ada}"), "All time: 1 rallies"),
    ] {
        let mut answer = agent().get(format!("{}{path}", server.url)).call().expect("an answer");
        let page = answer.body_mut().read_to_string().expect("text");
        assert!(page.contains(expected), "{expected} in {page}");
    }
    press(&server, &id, &json!({ "type": "undo" }));
    until(&format!("/v1/players/{ada}/strokes"), &|told| told["windows"] == json!([]));
}
