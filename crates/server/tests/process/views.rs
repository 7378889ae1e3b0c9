//! Views at work in a server that is killed, and the records that they cannot read.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use topspin_log::{Log as _, Offset, Partition, Record, Timestamp, Topic, TopicPartition, TransactionalId};
use topspin_log_embedded::{EmbeddedLog, Options};
use uuid::Uuid;

use crate::server::{Server, agent, get, run, text, topspin};
use crate::totals::{Totals, counted, said};

const ENOUGH: Duration = Duration::from_mins(1);
/// Longer than a generation needs to notice another.
const A_WHILE: Duration = Duration::from_secs(2);
/// How long a server lives between two looks: a log in a directory is its server's alone.
const LIFE: Duration = Duration::from_millis(250);

pub fn start(data: &Path) -> Server {
    Server::start(data, &["--open", "--views"])
}

/// Plays a match to three points: `h` and `a` are points, `u` takes the last one back.
pub fn play(server: &Server, number: usize, players: [&str; 2], points: &str) -> String {
    let [home, away] = players
        .map(|name| json!({ "players": [{ "name": name, "external_ids": [format!("test:{name}")] }] }));
    let body = json!({
        "external_ids": [format!("test:{number}")],
        "format": { "best_of": 1, "game_points": 3, "deciding_game_points": 3, "change_over_points": 2 },
        "sides": { "home": home, "away": away },
    });
    let mut answer = agent().post(format!("{}/v1/matches", server.url)).send_json(&body).expect("an answer");
    let created: Value = answer.body_mut().read_json().expect("JSON");
    assert_eq!(answer.status().as_u16(), 201, "{created}");
    let id = created["id"].as_str().expect("an id").to_owned();
    press(server, &id, &json!({ "type": "choose", "first_server": "home" }));
    press(server, &id, &json!({ "type": "start_game" }));
    for point in points.chars() {
        let command = match point {
            'h' => json!({ "type": "point", "to": "home" }),
            'a' => json!({ "type": "point", "to": "away" }),
            _ => json!({ "type": "undo" }),
        };
        press(server, &id, &command);
    }
    id
}

pub fn press(server: &Server, id: &str, command: &Value) {
    let body = json!({ "command_id": Uuid::new_v4(), "command": command });
    let path = format!("{}/v1/matches/{id}/commands", server.url);
    let mut answer = agent().post(path).send_json(&body).expect("an answer");
    let said: Value = answer.body_mut().read_json().expect("JSON");
    assert_eq!(answer.status().as_u16(), 200, "{said}");
}

/// What the matches come to, as the server says them now.
pub fn recomputed(server: &Server, ids: &[String]) -> Totals {
    let matches = ids.iter().map(|id| get(server, &format!("/v1/matches/{id}")));
    counted(&matches.collect::<Vec<Value>>())
}

/// Does something with the log of a server that is down.
pub fn with_log<T>(data: &Path, work: impl AsyncFnOnce(&EmbeddedLog) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let log = EmbeddedLog::open(data.join("log"), &Options::default()).expect("nobody has it");
        let done = work(&log).await;
        log.close().await;
        done
    })
}

/// Lets servers live and be killed until something holds.
fn killed_until(data: &Path, what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < ENOUGH, "not within {ENOUGH:?}: {what}");
        let mut server = start(data);
        thread::sleep(LIFE);
        server.kill();
    }
}

pub fn settle(data: &Path, expected: &Totals) {
    killed_until(data, &format!("{expected:?}"), || {
        with_log(data, async |log: &EmbeddedLog| said(log).await) == *expected
    });
}

/// `topspin dlq` on the log of a server that is down.
fn dlq(data: &Path, arguments: &[&str]) -> String {
    let (well, said) = run(&[&["dlq"], arguments, &["--data", text(data)]].concat());
    assert!(well, "{said}");
    said
}

/// A snapshot that scoring can pass on and only a later version can understand: all that it says is whose it is.
fn of_a_later_version(id: Uuid) -> Vec<u8> {
    [&[0x0a, 18, 0x0a, 16], id.as_bytes().as_slice()].concat()
}

/// Writes to the topic of matches.
fn append_to_matches(data: &Path, record: Record) -> Offset {
    with_log(data, async |log: &EmbeddedLog| {
        let id = TransactionalId::new("stranger").expect("a name");
        let mut producer = log.begin_producer(&id).await.expect("a producer");
        let mut transaction = producer.begin();
        let matches = TopicPartition::new(Topic::new("matches").expect("a name"), Partition(0));
        transaction.append(matches, record).expect("within limits");
        transaction.commit().await.expect("committed").offsets()[0]
    })
}

#[test]
fn a_view_is_what_counting_gives_however_often_its_server_is_killed() {
    let data = tempfile::tempdir().expect("a directory");
    let rounds = [
        (["Ada", "Bo"], "hhuahh"),
        (["Bo", "Cy"], "haa"),
        (["Cy", "Ada"], "aaa"),
        (["Ada", "Dee"], ""),
        (["Dee", "Bo"], "hahh"),
    ];
    let mut ids = Vec::new();
    for (number, (players, points)) in rounds.iter().enumerate() {
        let mut server = start(data.path());
        ids.push(play(&server, number, *players, points));
        // With whatever its tasks have begun.
        server.kill();
    }
    let mut server = start(data.path());
    let first = recomputed(&server, &ids);
    assert_eq!(first.len(), 4, "{first:?}");
    server.kill();
    settle(data.path(), &first);

    // Another point, and a correction of what was counted; and what is derived is only that.
    let mut server = start(data.path());
    press(&server, &ids[3], &json!({ "type": "point", "to": "home" }));
    press(&server, &ids[2], &json!({ "type": "undo" }));
    let second = recomputed(&server, &ids);
    assert_ne!(first, second);
    server.kill();
    fs::remove_dir_all(data.path().join("views")).expect("removed");
    settle(data.path(), &second);
}

#[test]
fn what_a_view_cannot_read_is_kept_shown_and_tried_again() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let mut server = start(data);
    let mut ids = vec![play(&server, 0, ["Ada", "Bo"], "hhh")];
    server.kill();
    let key = Uuid::new_v4();
    let value = of_a_later_version(key);
    let time = Timestamp::from_millis(1_767_225_600_000);
    let poison = Record::new(key.to_string(), value.clone(), time);
    let offset = append_to_matches(data, poison.with_header("odd", &b"\0\xfe"[..]));
    let mut server = start(data);
    ids.extend((1..4).map(|number| play(&server, number, ["Cy", "Bo"], "haa")));
    let expected = recomputed(&server, &ids);
    server.kill();
    settle(data, &expected);

    let id = format!("g1/matches/0/matches/0/{offset}");
    let listed = |data: &Path| dlq(data, &["list"]);
    killed_until(data, "the letter is there", || listed(data).contains(&id));
    let list = listed(data);
    assert_eq!(list.lines().count(), 1, "{list}");
    assert!(list.starts_with(&format!("{id}  open  ")), "{list}");
    let shown = dlq(data, &["show", &id]);
    let reason = list.trim_end().rsplit("  ").next().expect("a reason");
    for line in [
        format!("id        {id}"),
        "standing  open, tried 1 time(s)".to_owned(),
        format!("reason    {reason}"),
        "time      1767225600000 ms".to_owned(),
        format!("key       {key}"),
        r"header    odd: \x00\xfe".to_owned(),
        format!("value     {}", value.escape_ascii()),
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in {shown}");
    }
    assert!(dlq(data, &["retry", &id]).contains("on its way"));
    assert!(dlq(data, &["retry", &id]).contains("nothing was done"));
    assert_eq!(listed(data), "no open dead letters\n");
    assert!(dlq(data, &["list", "--all"]).starts_with(&format!("{id}  retried  ")));
    let behind = format!("g1/matches/0/matches/0/{}", offset.get() + 1);
    assert_eq!(dlq(data, &["list", "--all", "--from", &behind]), "no dead letters\n");
    // It cannot be read the second time either.
    killed_until(data, "it was tried again", || {
        dlq(data, &["show", &id]).contains("standing  open, tried 2 time(s)")
    });
    settle(data, &expected);
}

/// `topspin totals` on the log of a server that is down: how many players it knows.
fn players_known(data: &Path) -> usize {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topspin"));
    let output = command.arg("totals").arg("--data").arg(data).output().expect("the binary");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").lines().count()
}

/// The values of a metric of the view, one for each of its series.
fn gauges(text: &str, name: &str, generation: u32) -> Vec<f64> {
    let wanted = format!("topspin_{name}{{view=\"player-totals\",generation=\"{generation}\"");
    let lines = text.lines().filter(|line| line.starts_with(&wanted));
    lines
        .map(|line| line.rsplit(' ').next().and_then(|value| value.parse().ok()).expect("a number"))
        .collect()
}

fn metrics(server: &Server) -> String {
    let mut answer = agent().get(format!("{}/metrics", server.url)).call().expect("an answer");
    answer.body_mut().read_to_string().expect("text")
}

#[test]
fn a_later_generation_is_processed_beside_the_active_one_and_then_followed() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let mut server = start(data);
    let ids = [play(&server, 0, ["Ada", "Bo"], "hhh"), play(&server, 1, ["Cy", "Bo"], "haa")];
    let expected = recomputed(&server, &ids);
    server.kill();
    settle(data, &expected);
    let nothing = topspin(data)
        .args(["--views", "--views-generation", "2", "--views-from", "2026-01-01T00:00:00Z"])
        .output();
    let nothing = nothing.expect("the binary");
    let told = String::from_utf8_lossy(&nothing.stderr).into_owned();
    assert!(!nothing.status.success() && told.contains("leave out --views-from"), "{told}");

    let mut server = Server::start(data, &["--open", "--views", "--views-generation", "2"]);
    // The earlier one has stopped when nothing is said of it any more. Nor is anything before its tasks are there: so for a while.
    let (began, mut since) = (Instant::now(), None);
    let (text, lags) = loop {
        let text = metrics(&server);
        let lags = gauges(&text, "view_lag_offsets", 2);
        let is_alone = gauges(&text, "view_tasks", 1).is_empty();
        if is_alone && !lags.is_empty() && lags.iter().all(|lag| *lag == 0.0) {
            if since.get_or_insert_with(Instant::now).elapsed() > A_WHILE {
                break (text, lags);
            }
        } else {
            since = None;
        }
        assert!(began.elapsed() < ENOUGH, "{text}");
        thread::sleep(LIFE);
    };
    assert!(gauges(&text, "view_records", 2).iter().sum::<f64>() >= 2.0, "{text}");
    assert_eq!(gauges(&text, "view_restored_ratio", 2).len(), lags.len(), "{text}");
    server.kill();
    assert_eq!(players_known(data), expected.len());

    // Whoever starts without asking for it runs the one that is active.
    let mut server = start(data);
    press(&server, &ids[1], &json!({ "type": "undo" }));
    let text = metrics(&server);
    assert!(text.contains("generation=\"2\"") && !text.contains("generation=\"1\""), "{text}");
    server.kill();
}
