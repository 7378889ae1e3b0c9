//! One update of a match lost, repeated, late or changed: for every update, the match still comes out right.

mod invented;

use invented::{Tablet, games, only, told};
use serde_json::{Value, json};
use topspin_ingest::Agreement;

const FINAL: &str = "11:4 4:11 11:4 11:6";

fn with_updates(updates: Vec<Value>) -> topspin_ingest::Plan {
    Tablet { updates, ..Tablet::whole() }.plan()
}

#[test]
fn a_match_without_a_fault_has_no_anomaly() {
    let plan = Tablet::whole().plan();
    assert_eq!(games(only(&plan)), FINAL);
    assert_eq!(told(&plan), format!("exact {FINAL} Finished\n"));
}

#[test]
fn any_one_update_can_be_missing() {
    let whole = Tablet::whole().updates;
    for lost in 0..whole.len() {
        let mut updates = whole.clone();
        let gone = updates.remove(lost);
        let plan = with_updates(updates);
        let told = told(&plan);
        assert_eq!(games(only(&plan)), FINAL, "without {gone}: {told}");
        assert_eq!(only(&plan).agreement, Agreement::Exact, "without {gone}: {told}");
        if gone["type"] == json!("Point") {
            assert!(told.contains("missing_updates"), "without {gone}: {told}");
        }
    }
}

#[test]
fn any_one_update_can_come_twice() {
    let whole = Tablet::whole().updates;
    for (at, again) in whole.iter().enumerate() {
        let mut updates = whole.clone();
        updates.insert(at + 1, again.clone());
        let plan = with_updates(updates);
        assert_eq!(games(only(&plan)), FINAL, "{again} twice: {}", told(&plan));
        assert!(told(&plan).contains("repeated_update"));
    }
}

#[test]
fn any_one_update_can_come_again_later_with_another_id_and_time() {
    let whole = Tablet::whole().updates;
    for (at, first) in whole.iter().enumerate() {
        let mut again = first.clone();
        again["id"] = json!(9000);
        again["ts"] = json!(first["ts"].as_i64().unwrap() + 1_500);
        let mut updates = whole.clone();
        updates.insert(at + 1, again);
        let plan = with_updates(updates);
        assert_eq!(games(only(&plan)), FINAL, "{first} again: {}", told(&plan));
    }
}

#[test]
fn any_two_neighbours_can_have_each_others_time() {
    let whole = Tablet::whole().updates;
    for at in 1..whole.len() {
        let mut updates = whole.clone();
        (updates[at - 1]["ts"], updates[at]["ts"]) = (whole[at]["ts"].clone(), whole[at - 1]["ts"].clone());
        let plan = with_updates(updates);
        assert_eq!(games(only(&plan)), FINAL, "{at}: {}", told(&plan));
        assert_eq!(only(&plan).agreement, Agreement::Exact, "{at}: {}", told(&plan));
    }
}

#[test]
fn any_one_update_can_hold_nothing() {
    let whole = Tablet::whole().updates;
    for key in ["ts", "id", "set", "result", "playerId", "type", "isAcePoint"] {
        for at in 0..whole.len() {
            for value in [Value::Null, json!({ "odd": [1] }), json!("?"), json!(-7)] {
                let mut updates = whole.clone();
                updates[at][key] = value.clone();
                let plan = with_updates(updates);
                let told = told(&plan);
                assert_eq!(games(only(&plan)), FINAL, "{key} {value} at {at}: {told}");
            }
        }
    }
}

#[test]
fn the_file_can_be_in_any_order() {
    let mut updates = Tablet::whole().updates;
    updates.reverse();
    let half = updates.split_off(updates.len() / 3);
    updates = half.into_iter().chain(updates).collect();
    let plan = with_updates(updates);
    assert_eq!(told(&plan), format!("exact {FINAL} Finished\n"));
}

#[test]
fn the_stream_can_lack_times_or_ids() {
    for missing in [&["ts"][..], &["id"], &["ts", "id"]] {
        let mut updates = Tablet::whole().updates;
        for update in &mut updates {
            for key in missing {
                update[*key] = Value::Null;
            }
        }
        let plan = with_updates(updates);
        assert_eq!(games(only(&plan)), FINAL, "without {missing:?}: {}", told(&plan));
    }
}

#[test]
fn scores_alone_order_a_stream_without_times_ids_and_order() {
    let mut updates = Tablet::whole().updates;
    for update in &mut updates {
        (update["ts"], update["id"]) = (Value::Null, Value::Null);
    }
    updates.reverse();
    let plan = with_updates(updates);
    assert_eq!(games(only(&plan)), FINAL, "{}", told(&plan));
    assert!(told(&plan).contains("out_of_order: in the order of score"), "{}", told(&plan));
}
