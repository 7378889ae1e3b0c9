//! Matches are scored on any process; processes are killed, stopped and wake again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::process::{Answer, ENOUGH, Server, Stream, World, wait_until};

const MATCHES: usize = 8;

fn create(server: &Server, number: usize) -> String {
    let player = |name: &str| json!({ "players": [{ "name": name }] });
    let sides = json!({ "home": player("Ada"), "away": player("Bo") });
    let body = json!({ "external_ids": [format!("test:{number}")], "format": {}, "sides": sides });
    let began = Instant::now();
    loop {
        let answer = server.post("/v1/matches", &body);
        if answer.status < 300 {
            return answer.body["id"].as_str().expect("an id").to_owned();
        }
        assert!(answer.body["retryable"] == true && began.elapsed() < ENOUGH, "{}", answer.body);
    }
}

/// Sends one command to one server after another until there is a verdict; what it answered is there at once.
pub fn command(servers: &[&Server], turn: usize, id: &str, command: &Value) -> Answer {
    let command_id = Uuid::new_v4();
    let body = json!({ "command_id": command_id, "command": command });
    let path = format!("/v1/matches/{id}/commands");
    let began = Instant::now();
    for attempt in turn.. {
        let server = servers[attempt % servers.len()];
        let answer = server.post(&path, &body);
        match answer.status {
            200 => {
                let seen = server.get(&format!("/v1/matches/{id}")).body["seq"].as_u64();
                assert!(seen >= answer.body["seq"].as_u64(), "{seen:?} after {}", answer.body);
                let again = server.get(&format!("{path}/{command_id}"));
                assert_eq!((again.status, &again.body["seq"]), (200, &answer.body["seq"]));
                return answer;
            }
            202 => assert_eq!(answer.location, Some(format!("{path}/{command_id}"))),
            _ => assert_eq!(answer.body["retryable"], true, "{}", answer.body),
        }
        assert!(began.elapsed() < ENOUGH, "{}", answer.body);
    }
    unreachable!("the loop has no end")
}

pub fn begin(servers: &[&Server]) -> Vec<String> {
    let ids: Vec<_> = (0..MATCHES).map(|number| create(servers[number % servers.len()], number)).collect();
    for (number, id) in ids.iter().enumerate() {
        command(servers, number, id, &json!({ "type": "choose", "first_server": "home" }));
        command(servers, number, id, &json!({ "type": "start_game" }));
    }
    ids
}

pub fn score(servers: &[&Server], ids: &[String], points: usize) {
    for point in 0..points {
        for (number, id) in ids.iter().enumerate() {
            let to = if (point + number).is_multiple_of(2) { "home" } else { "away" };
            command(servers, point + number, id, &json!({ "type": "point", "to": to }));
        }
    }
}

/// All servers come to the same answer for every match, and its events are gapless.
pub fn agree(servers: &[&Server], ids: &[String]) {
    for id in ids {
        let read = |server: &Server| {
            let answer = server.get(&format!("/v1/matches/{id}"));
            (answer.status == 200 && answer.stale.is_none()).then_some(answer.body)
        };
        wait_until("all answer the same", || {
            let first = read(servers[0]);
            first.is_some() && servers.iter().all(|server| read(server) == first)
        });
        let head = read(servers[0]).expect("there")["seq"].as_u64().expect("a number");
        for server in servers {
            let events = server.get(&format!("/v1/matches/{id}/events?limit=500")).body;
            let seqs: Vec<_> = events["items"]
                .as_array()
                .expect("events")
                .iter()
                .map(|event| event["seq"].as_u64())
                .collect();
            assert_eq!(seqs, (1..=head).map(Some).collect::<Vec<_>>());
        }
    }
}

/// A stream has heard of every event from some on, in order and each once.
fn heard(stream: &Stream, server: &Server, id: &str, from: u64) {
    let head = server.get(&format!("/v1/matches/{id}")).body["seq"].as_u64().expect("a number");
    wait_until("the stream hears of the last event", || stream.of(id).last() == Some(&head));
    assert_eq!(stream.of(id), (from..=head).collect::<Vec<_>>(), "{id}");
}

fn head(server: &Server, id: &str) -> u64 {
    server.get(&format!("/v1/matches/{id}")).body["seq"].as_u64().expect("a number")
}

fn three(world: &World) -> [Server; 3] {
    let servers = ["one", "two", "three"].map(|name| world.start(name));
    wait_until("the lanes are shared", || {
        let owned: Vec<_> = servers.iter().map(Server::owned).collect();
        owned.iter().sum::<usize>() == 4 && owned.iter().all(|count| *count > 0)
    });
    servers
}

#[test]
fn a_match_goes_on_when_its_owner_is_killed() {
    let world = World::new();
    let [one, two, three] = three(&world);
    let ids = begin(&[&one, &two, &three]);
    // Whoever listens before that may hear of events that the others know already.
    agree(&[&one, &two, &three], &ids);
    let streams = [two.listen(), three.listen()];
    let from: Vec<_> = ids.iter().map(|id| head(&two, id) + 1).collect();
    score(&[&one, &two, &three], &ids, 3);
    one.signal("-9");
    let began = Instant::now();
    score(&[&two, &three], &ids, 1);
    println!("a command to every match within {:?} of the kill", began.elapsed());
    score(&[&two, &three], &ids, 3);
    agree(&[&two, &three], &ids);
    for (id, from) in ids.iter().zip(from) {
        heard(&streams[0], &two, id, from);
        heard(&streams[1], &three, id, from);
    }
    drop(one);
    let again = world.start("one");
    agree(&[&again, &two, &three], &ids);
    score(&[&again, &two, &three], &ids, 1);
    agree(&[&again, &two, &three], &ids);
}

#[test]
fn a_process_that_slept_over_its_session_wakes_and_does_no_harm() {
    let world = World::new();
    let [one, two, three] = three(&world);
    let ids = begin(&[&one, &two, &three]);
    agree(&[&one, &two, &three], &ids);
    let stream = one.listen();
    let from: Vec<_> = ids.iter().map(|id| head(&two, id) + 1).collect();
    one.signal("-STOP");
    let asleep = Instant::now();
    score(&[&two, &three], &ids, 2);
    std::thread::sleep(Duration::from_secs(13).saturating_sub(asleep.elapsed()));
    score(&[&two, &three], &ids, 1);
    one.signal("-CONT");
    // The zombie is asked at once: what it decides it decides on everything that is on the log, or another does.
    score(&[&one], &ids, 1);
    score(&[&one, &two, &three], &ids, 2);
    agree(&[&one, &two, &three], &ids);
    for (id, from) in ids.iter().zip(from) {
        heard(&stream, &one, id, from);
    }
}
