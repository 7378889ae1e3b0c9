//! What the source claims the result is, where its own fields do not say it whole.

mod invented;

use invented::{Tablet, only, plan};
use serde_json::{Value, json};
use topspin_ingest::{Agreement, Kind, Plan, TieAgreement};

/// The whole match, with one of its fields changed.
fn with(changes: &[(&str, Value)]) -> Plan {
    let mut file = Tablet::whole().file();
    for (field, value) in changes {
        file["games"][0][*field] = value.clone();
    }
    plan(&file)
}

fn count(plan: &Plan, kind: Kind) -> usize {
    plan.all_anomalies().filter(|anomaly| anomaly.kind == kind).count()
}

#[test]
fn a_bad_half_of_one_official_game_does_not_shift_the_others() {
    for bad in [json!(-1), json!(70_000), json!("x"), json!(null), json!([])] {
        for field in ["set1HomeScore", "set2AwayScore", "set4HomeScore"] {
            let plan = with(&[(field, bad.clone())]);
            let one = only(&plan);
            assert_eq!((one.agreement, &one.reported), (Agreement::NoOfficial, &None), "{field} {bad}");
            assert_eq!(count(&plan, Kind::OfficialIncomplete), 1, "{field} {bad}");
            let malformed = usize::from(!bad.is_null());
            assert_eq!(count(&plan, Kind::MalformedField), malformed, "{field} {bad}");
        }
    }
}

#[test]
fn official_scores_out_of_range_are_told() {
    let changes: Vec<(String, Value)> = (1..=4)
        .flat_map(|set| ["Home", "Away"].map(|side| (format!("set{set}{side}Score"), json!(70_000))))
        .collect();
    let changes: Vec<(&str, Value)> =
        changes.iter().map(|(field, value)| (field.as_str(), value.clone())).collect();
    let plan = with(&changes);
    assert_eq!(only(&plan).agreement, Agreement::NoOfficial);
    assert_eq!((count(&plan, Kind::MalformedField), count(&plan, Kind::OfficialIncomplete)), (8, 1));
}

#[test]
fn games_that_were_not_played_are_no_hole() {
    let blank = [json!(null), json!(0), json!("0")];
    for (home, away) in blank.iter().flat_map(|home| blank.iter().map(move |away| (home, away))) {
        let plan = with(&[("set5HomeScore", home.clone()), ("set5AwayScore", away.clone())]);
        assert_eq!(only(&plan).agreement, Agreement::Exact, "{home} {away}");
        assert_eq!(count(&plan, Kind::OfficialIncomplete), 0, "{home} {away}");
    }
}

#[test]
fn a_score_of_the_tie_out_of_range_is_told() {
    for bad in [json!(300), json!(-1), json!(1.5)] {
        let mut file = Tablet::whole().file();
        (file["homeGames"], file["awayGames"]) = (bad.clone(), json!(0));
        let plan = plan(&file);
        assert_eq!(plan.tie.as_ref().map(|tie| tie.agreement), Some(TieAgreement::NoOfficial), "{bad}");
        assert_eq!(count(&plan, Kind::MalformedField), 1, "{bad}");
    }
}
