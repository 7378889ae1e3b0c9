//! Whatever happens to a stream, the importer answers: the match is right, or it says that it is not.

mod invented;
mod scorer;

use std::collections::HashSet;

use invented::{Tablet, only, told};
use proptest::prelude::*;
use scorer::Scorer;
use serde_json::{Value, json};
use topspin_ingest::{Agreement, Kind, Plan, ttbl};

/// Something that happens to a stream on its way.
#[derive(Debug, Clone)]
enum Mishap {
    Lost(usize),
    Twice(usize, usize),
    Swapped(usize, usize),
    Late(usize, i64),
    Blank(usize, &'static str),
    Odd(usize, &'static str, Value),
}

const FIELDS: [&str; 9] =
    ["id", "type", "ts", "playerId", "set", "result", "isAcePoint", "isServerErrorPoint", "submissionID"];

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|flag| json!(flag)),
        "[0-9]{1,3}:[0-9]{1,3}".prop_map(|text| json!(text)),
        prop::sample::select(
            &["Point", "DecrementPoint", "EventSetStart", "EventSetEnd", "EventGameEnd", "EventRedCard"][..]
        )
        .prop_map(|name| json!(name)),
        ".{0,12}".prop_map(|text| json!(text)),
        Just(json!([])),
        Just(json!({ "a": 1 })),
    ]
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let at = 0..200_usize;
    prop_oneof![
        3 => at.clone().prop_map(Mishap::Lost),
        2 => (at.clone(), at.clone()).prop_map(|(from, to)| Mishap::Twice(from, to)),
        2 => (at.clone(), at.clone()).prop_map(|(from, to)| Mishap::Swapped(from, to)),
        2 => (at.clone(), -60_000..60_000_i64).prop_map(|(at, by)| Mishap::Late(at, by)),
        1 => (at.clone(), prop::sample::select(&FIELDS[..])).prop_map(|(at, field)| Mishap::Blank(at, field)),
        1 => (at, prop::sample::select(&FIELDS[..]), odd_value())
            .prop_map(|(at, field, value)| Mishap::Odd(at, field, value)),
    ]
}

fn befall(updates: &mut Vec<Value>, mishap: &Mishap) {
    if updates.is_empty() {
        return;
    }
    let count = updates.len();
    match mishap {
        Mishap::Lost(at) => drop(updates.remove(at % count)),
        Mishap::Twice(from, to) => updates.insert(to % count, updates[from % count].clone()),
        Mishap::Swapped(from, to) => updates.swap(from % count, to % count),
        Mishap::Late(at, by) => {
            let ts = updates[at % count]["ts"].as_i64().unwrap_or_default();
            updates[at % count]["ts"] = json!(ts.saturating_add(*by));
        }
        Mishap::Blank(at, field) => updates[at % count][*field] = Value::Null,
        Mishap::Odd(at, field, value) => updates[at % count][*field] = value.clone(),
    }
}

/// What holds for every plan.
fn check(plan: &Plan) {
    for one in &plan.matches {
        let ids: HashSet<_> = one.script.iter().map(|entry| entry.envelope.command_id).collect();
        assert_eq!(ids.len(), one.script.len(), "every command has its own id");
        let mut scorer = Scorer::default();
        scorer.send(one, one.script.len());
        assert_eq!(scorer.facts(one.id), one.facts, "the scorer ends where the plan says");
    }
    if let Some(tie) = &plan.tie {
        let ids: HashSet<_> = tie.script.iter().map(|entry| entry.envelope.command_id).collect();
        assert_eq!(ids.len(), tie.script.len(), "every command has its own id");
        let mut scorer = Scorer::default();
        scorer.send_tie(tie, tie.script.len());
        assert_eq!(scorer.tie_facts(tie.id), tie.facts, "the scorer ends where the plan says");
    }
    assert!(!plan.is_tie_wrong_silently());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_match_is_right_or_flagged(mishaps in prop::collection::vec(mishap(), 0..12)) {
        let mut tablet = Tablet::whole();
        for mishap in &mishaps {
            befall(&mut tablet.updates, mishap);
        }
        let plan = tablet.plan();
        check(&plan);
        let one = only(&plan);
        let flagged = |kinds: &[Kind]| plan.all_anomalies().any(|anomaly| kinds.contains(&anomaly.kind));
        match one.agreement {
            Agreement::Exact => {}
            Agreement::Disagree => prop_assert!(flagged(&[Kind::OfficialDisagrees])),
            Agreement::NoPoints => prop_assert!(flagged(&[Kind::NoPoints])),
            Agreement::OfficialIllegal | Agreement::NoOfficial | Agreement::Unplayed => {
                prop_assert!(false, "{}", told(&plan));
            }
        }
    }

    #[test]
    fn without_an_official_score_a_wrong_match_is_flagged_too(mishaps in prop::collection::vec(mishap(), 0..6)) {
        let mut tablet = Tablet::whole();
        tablet.official.clear();
        for mishap in &mishaps {
            befall(&mut tablet.updates, mishap);
        }
        let plan = tablet.plan();
        check(&plan);
        if plan.all_anomalies().next().is_none() {
            prop_assert_eq!(invented::games(only(&plan)), "11:4 4:11 11:4 11:6");
        }
    }

    #[test]
    fn two_plans_of_one_file_are_equal(mishaps in prop::collection::vec(mishap(), 0..6)) {
        let mut tablet = Tablet::whole();
        for mishap in &mishaps {
            befall(&mut tablet.updates, mishap);
        }
        prop_assert_eq!(tablet.plan(), tablet.plan());
    }

    #[test]
    fn damaged_text_is_no_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40)) {
        let mut bytes = Tablet::whole().file().to_string().into_bytes();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&ttbl::plan("damaged.json", &bytes, &ttbl::Formats::default()));
    }

    #[test]
    fn any_value_anywhere_is_no_panic(
        pointer in prop::sample::select(&[
            "/id", "/games", "/games/0", "/games/0/scoringUpdates", "/games/0/scoringUpdates/5", "/games/0/homePlayer",
            "/games/0/set1HomeScore", "/games/0/cards", "/homeTeam", "/guestPlayerOne", "/timeStamp", "/venue",
            "/games/0/winnerSide", "/games/0/gameState", "/games/0/id", "/games/0/homePlayer/id", "/matchState",
            "/games/0/index", "/guestPlayerTwo/id", "/homePlayerThree",
        ][..]),
        value in odd_value(),
    ) {
        let mut file = Tablet::whole().file();
        *file.pointer_mut(pointer).unwrap() = value;
        check(&invented::plan(&file));
    }
}
