//! Cards while a match is played and corrected: over HTTP, as events, and on the page.

use std::io::{BufRead as _, BufReader};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::{Server, agent};
use crate::views::{play, press};

const ENOUGH: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

fn read(server: &Server, path: &str, languages: &str) -> String {
    let request = agent().get(format!("{}{path}", server.url)).header("accept-language", languages);
    request.call().expect("an answer").body_mut().read_to_string().expect("text")
}

fn until(server: &Server, path: &str, expected: &dyn Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let told: Value = serde_json::from_str(&read(server, path, "de-DE,en;q=0.5")).expect("JSON");
        if expected(&told) {
            return told;
        }
        assert!(began.elapsed() < ENOUGH, "{path}: {told}");
        thread::sleep(LOOK_AGAIN);
    }
}

/// The cards of a match as the stream says them.
fn news(server: &Server, id: &str) -> Receiver<Value> {
    let (say, hear) = channel();
    let answer = agent().get(format!("{}/v1/insights?match={id}", server.url)).call().expect("an answer");
    let lines = BufReader::new(answer.into_body().into_reader()).lines();
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let told = line.strip_prefix("data: ").and_then(|data| serde_json::from_str::<Value>(data).ok());
            if let Some(card) = told.filter(|told| told.get("sentences").is_some())
                && say.send(card).is_err()
            {
                return;
            }
        }
    });
    hear
}

#[test]
fn a_card_is_told_in_both_languages_with_what_proves_it_and_withdrawn_when_the_point_is_taken_back() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Server::start(data.path(), &["--open", "--views", "--zone", "Europe/Berlin"]);
    let id = play(&server, 1, ["Ada", "Bo"], "hh");
    let other = play(&server, 2, ["Cy", "Dee"], "");
    let cards = format!("/v1/matches/{id}/cards");
    until(&server, &cards, &|told| told["items"] == json!([]));
    let heard = news(&server, &id);
    for _ in 0..3 {
        press(&server, &other, &json!({ "type": "point", "to": "away" }));
    }
    press(&server, &id, &json!({ "type": "point", "to": "home" }));
    let next = || heard.recv_timeout(ENOUGH).expect("a card");
    let card = next();
    assert_eq!((&card["match_id"], &card["id"]), (&json!(id), &json!(1)), "none of the other match: {card}");
    let sentences = json!({ "en": "Ada won game 1 3–0", "de": "Ada gewann den 1. Satz 3:0" });
    assert_eq!((&card["sentences"], card.get("withdrawn")), (&sentences, None));

    let told = until(&server, &cards, &|told| told["items"] != json!([]));
    let item = &told["items"][0];
    assert_eq!((&item["sentence"], &item["lang"]), (&sentences["de"], &json!("de")));
    assert_eq!(
        (&item["subject"]["type"], &item["subject"]["kind"]),
        (&json!("course"), &json!("game_to_love"))
    );
    let row = read(&server, item["evidence"][0]["href"].as_str().expect("an address"), "");
    let row: Value = serde_json::from_str(&row).expect("JSON");
    assert_eq!(row["items"][0]["seq"], item["subject"]["seqs"][0], "{row}");
    let english = read(&server, &format!("{cards}?lang=en"), "de");
    assert!(english.contains("Ada won game 1 3–0"), "{english}");
    let page = |languages| read(&server, &format!("/matches/{id}"), languages);
    assert!(page("de").contains("Erwähnenswert") && page("de").contains("Ada gewann den 1. Satz 3:0."));
    assert!(page("").contains("Worth telling") && page("").contains("Ada won game 1 3–0."));

    press(&server, &id, &json!({ "type": "undo" }));
    let withdrawn = next();
    assert_eq!((&withdrawn["id"], &withdrawn["withdrawn"]["reason"]), (&json!(1), &json!("untrue")));
    until(&server, &cards, &|told| told["items"] == json!([]));
    until(&server, &format!("{cards}?withdrawn=true"), &|told| {
        told["items"][0]["withdrawn"]["reason"] == "untrue"
    });
    assert!(!page("").contains("Worth telling"));
    let compared = until(&server, &format!("/v1/matches/{id}/compared"), &|_| true);
    assert_eq!((&compared["match_id"], &compared["sides"]), (&json!(id), &json!([])), "no history yet");
    assert_eq!(server.terminate(), Some(0));
}
