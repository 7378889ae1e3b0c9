//! The published vectors in `proto/vectors`: anybody can check their own hashing against them.

mod samples;

use serde::{Deserialize, Serialize};
use topspin_event::{Chain, MatchEvent, PayloadHash, StateHash, canonical_facts, wire};
use topspin_laws::{Both, Command, Discipline, Facts, Format, Seq, Setup, Side, State, decide, evolve};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Link {
    payload: String,
    payload_sha256: PayloadHash,
    chain: Chain,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Hashed {
    state: serde_json::Value,
    canonical: String,
    state_hash: StateHash,
}

/// Reads a file of vectors; writes it anew under `TOPSPIN_BLESS=1`.
fn vectors<T: Serialize + for<'de> Deserialize<'de>>(name: &str, now: &T) -> T {
    let path =
        std::path::PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
            .join("../../proto/vectors")
            .join(name);
    if std::env::var_os("TOPSPIN_BLESS").is_some() {
        let text = serde_json::to_string_pretty(now).expect("JSON") + "\n";
        std::fs::write(&path, text).expect("written");
    }
    serde_json::from_str(&std::fs::read_to_string(path).expect("the vectors are there")).expect("JSON")
}

#[test]
fn the_chain_is_that_of_the_vectors() {
    let kinds = std::iter::once(MatchEvent::Created(samples::created())).chain(samples::law_events());
    let mut chain = Chain::START;
    let mut links = Vec::new();
    for (index, event) in kinds.take(8).enumerate() {
        let payload = wire::encode_recorded(&samples::recorded(index as u64 + 1, event)).expect("known");
        let payload_sha256 = PayloadHash::of(&payload);
        chain = chain.link(payload_sha256);
        links.push(Link { payload: hex::encode(&payload), payload_sha256, chain });
    }
    let published = vectors("chain.json", &links);
    assert_eq!(published, links);
    let mut chain = Chain::START;
    for link in published {
        let hash = PayloadHash::of(&hex::decode(&link.payload).expect("hexadecimal"));
        chain = chain.link(hash);
        assert_eq!((hash, chain), (link.payload_sha256, link.chain));
    }
}

fn states() -> Vec<Facts> {
    let format = Format::ittf(Discipline::Singles, 5);
    let mut state = State::new(Setup { format, carried_cards: Both::default() });
    let point = |to| Command::Point { to, how: None, strokes: None };
    let commands = [
        Command::Choose { first_server: Side::Home, home_end: None },
        Command::StartGame { server: None, receiver: None },
        point(Side::Home),
        point(Side::Away),
        Command::TakeTimeOut { side: Side::Away },
    ];
    let (mut seq, mut states) = (Seq(1), vec![state.facts()]);
    for command in &commands {
        for event in decide(&state, command).expect("allowed") {
            seq = Seq(seq.0 + 1);
            state = evolve(state, seq, &event);
        }
        states.push(state.facts());
    }
    states
}

#[test]
fn the_state_hash_is_that_of_the_vectors() {
    let now: Vec<_> = states()
        .iter()
        .map(|facts| {
            let canonical = canonical_facts(facts);
            let state = serde_json::to_value(facts).expect("JSON");
            Hashed { state, state_hash: StateHash::of(&canonical), canonical }
        })
        .collect();
    let published = vectors("state-hash.json", &now);
    assert_eq!(published, now);
    for vector in published {
        let facts: Facts = serde_json::from_value(vector.state).expect("facts");
        assert_eq!(canonical_facts(&facts), vector.canonical);
        assert_eq!(StateHash::of(&vector.canonical), vector.state_hash);
    }
}
