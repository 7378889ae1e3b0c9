//! Real stroke tables through the laws, in memory, against a count of their own.
//!
//! Looks for `$TOPSPIN_DATA`, or `shared/data` beside the project; says so and skips where it is absent, and fails
//! instead where `TOPSPIN_REQUIRE_DATA=1`.

mod scorer;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use scorer::Scorer;
use topspin_event::{MatchCommand, RallyStrokes};
use topspin_ingest::{Kind, MatchPlan, Plan, Summary, aicup};
use topspin_laws::Command;

fn path() -> Option<PathBuf> {
    let named = std::env::var_os("TOPSPIN_DATA").map(PathBuf::from);
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let beside = here.ancestors().map(|above| above.join("shared/data"));
    let mut paths = named.into_iter().chain(beside).map(|data| data.join("aicup-strokes/strokes.csv"));
    let Some(found) = paths.find(|path| path.is_file()) else {
        let required = std::env::var("TOPSPIN_REQUIRE_DATA").is_ok_and(|value| value == "1");
        assert!(!required, "TOPSPIN_REQUIRE_DATA=1, and there is no aicup-strokes/strokes.csv");
        println!("skipped: there is no aicup-strokes/strokes.csv in $TOPSPIN_DATA or shared/data");
        return None;
    };
    Some(found)
}

fn table() -> Option<Vec<u8>> {
    path().map(|path| std::fs::read(path).expect("a file"))
}

/// What is left out is one of these, once a rally.
const LEFT_OUT: [Kind; 8] = [
    Kind::LineupMissing,
    Kind::IncompleteRally,
    Kind::ContradictoryUpdate,
    Kind::ImpossibleClaim,
    Kind::PlayerUnknown,
    Kind::Restarted,
    Kind::ServerDisagrees,
    Kind::RejectedByLaws,
];

fn matches(plans: &[Plan]) -> impl Iterator<Item = &MatchPlan> {
    plans.iter().flat_map(|plan| &plan.matches)
}

fn recorded(plan: &MatchPlan) -> impl Iterator<Item = &RallyStrokes> {
    plan.script.iter().filter_map(|entry| match &entry.envelope.command {
        MatchCommand::RecordStrokes(strokes) => Some(strokes),
        MatchCommand::Law(_) | MatchCommand::Move(_) | MatchCommand::ReportResult(_) => None,
    })
}

/// The numbers of strokes with which points were scored.
fn scored(plan: &MatchPlan) -> impl Iterator<Item = u16> {
    plan.script.iter().filter_map(|entry| match &entry.envelope.command {
        MatchCommand::Law(Command::Point { strokes, .. }) => *strokes,
        MatchCommand::Law(_)
        | MatchCommand::Move(_)
        | MatchCommand::ReportResult(_)
        | MatchCommand::RecordStrokes(_) => None,
    })
}

/// The file split at its commas: rally, match, number of the stroke, zone.
fn cells(bytes: &[u8]) -> Vec<[i64; 4]> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).expect("the column");
    let places = ["rally_uid", "match", "strikeNumber", "pointId"].map(place);
    let read = |line: &str| {
        let cells: Vec<i64> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        places.map(|place| cells[place])
    };
    lines.map(read).collect()
}

/// The rallies that a plan leaves out, by their ids.
fn left_out(plans: &[Plan]) -> BTreeSet<i64> {
    let anomalies = plans.iter().flat_map(Plan::all_anomalies);
    let left_out = anomalies.filter(|anomaly| LEFT_OUT.contains(&anomaly.kind));
    left_out.map(|anomaly| anomaly.raw["rally_uid"].as_i64().expect("of a rally")).collect()
}

#[test]
fn every_rally_is_kept_or_left_out_with_a_reason() {
    let Some(bytes) = table() else { return };
    let plans = aicup::plans("strokes.csv", &bytes);
    let mut summary = Summary::default();
    summary.add_file(&plans);
    for (kind, counted) in &summary.anomalies {
        println!("{:>6} {kind}: {}", counted.count, counted.example);
    }
    let left_out = left_out(&plans);
    let mut rallies: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for [uid, number, ..] in cells(&bytes) {
        rallies.entry(number).or_default().insert(uid);
    }
    let all: usize = rallies.values().map(BTreeSet::len).sum();
    let points: usize = matches(&plans).map(|plan| scored(plan).count()).sum();
    println!("{points} points, {} strokes; by the laws {} points", summary.strokes, summary.points);
    let over = matches(&plans).filter(|plan| plan.facts.status.is_over()).count();
    println!("{over} matches are over");
    println!("{} matches, {all} rallies, {} left out", rallies.len(), left_out.len());
    let unknown = |anomaly: &&topspin_ingest::Anomaly| anomaly.kind == Kind::LineupMissing;
    let without_players: BTreeSet<_> =
        plans.iter().flat_map(Plan::all_anomalies).filter(unknown).map(|anomaly| anomaly.match_id).collect();
    println!("{} matches without two players", without_players.len());
    assert_eq!(matches(&plans).count() + without_players.len(), rallies.len());
    for plan in matches(&plans) {
        let external = plan.create.external_ids[0].value().to_owned();
        let number: i64 = external.strip_prefix("match:").and_then(|id| id.parse().ok()).expect("a number");
        let of_match = &rallies[&number];
        let kept = of_match.len() - of_match.intersection(&left_out).count();
        assert_eq!(scored(plan).count(), kept, "match {number}");
        assert_eq!(recorded(plan).count(), kept, "match {number}");
        assert_eq!(plan.point_updates, of_match.len(), "match {number}");
        let timed = plan.script.iter().filter(|entry| entry.envelope.occurred_at.is_some()).count();
        assert_eq!(timed, 0, "no time is made up");
    }
    assert_eq!((all, points, left_out.len(), over), (12_051, 12_005, 46, 142));
}

/// Rallies by their length, and strokes by their number in the rally and their zone, 0 where there is none.
type Counted = (BTreeMap<i64, usize>, BTreeMap<(i64, i64), usize>);

fn counted(plans: &[Plan]) -> Counted {
    let (mut lengths, mut placed) = Counted::default();
    for plan in matches(plans) {
        scored(plan).for_each(|strokes| *lengths.entry(strokes.into()).or_default() += 1);
        for stroke in recorded(plan).flat_map(|rally| (1..).zip(&rally.strokes)) {
            let zone = stroke.1.zone.map_or(0, |zone| zone.number().into());
            *placed.entry((stroke.0, zone)).or_default() += 1;
        }
    }
    (lengths, placed)
}

/// What a script with SQL counts in the file, which knows nothing of this program; `None` where there is no Python.
fn counted_by_sql(left_out: &BTreeSet<i64>) -> Option<Counted> {
    let script = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let without = std::env::temp_dir().join(format!("topspin-left-out-{}", std::process::id()));
    let uids: Vec<String> = left_out.iter().map(i64::to_string).collect();
    std::fs::write(&without, uids.join("\n")).expect("a file");
    let mut command = std::process::Command::new("python3");
    command.arg(script.join("../../interop/aicup_counts.py")).arg(path()?).arg("--without").arg(&without);
    let counted = command.output();
    std::fs::remove_file(&without).expect("the file");
    let Ok(counted) = counted else {
        let required = std::env::var("TOPSPIN_REQUIRE_DATA").is_ok_and(|value| value == "1");
        assert!(!required, "TOPSPIN_REQUIRE_DATA=1, and there is no python3");
        println!("skipped: there is no python3");
        return None;
    };
    assert!(counted.status.success(), "{}", String::from_utf8_lossy(&counted.stderr));
    let counted: serde_json::Value = serde_json::from_slice(&counted.stdout).expect("JSON");
    println!("{} rallies, counted by {}", counted["rallies"], counted["tool"]);
    let numbers = |value: &serde_json::Value| -> Vec<(i64, serde_json::Value)> {
        let numbered = value.as_object().expect("an object").iter();
        numbered.map(|(number, value)| (number.parse().expect("a number"), value.clone())).collect()
    };
    let count = |value: &serde_json::Value| value.as_u64().expect("a count") as usize;
    let lengths = numbers(&counted["lengths"]).into_iter().map(|(length, value)| (length, count(&value)));
    let placed = numbers(&counted["placements"]).into_iter().flat_map(|(stroke, zones)| {
        let zones = numbers(&zones).into_iter();
        zones.map(move |(zone, value)| ((stroke, zone), count(&value))).collect::<Vec<_>>()
    });
    Some((lengths.collect(), placed.collect()))
}

#[test]
fn lengths_and_placements_are_those_that_another_tool_counts() {
    let Some(bytes) = table() else { return };
    let plans = aicup::plans("strokes.csv", &bytes);
    let Some(expected) = counted_by_sql(&left_out(&plans)) else { return };
    assert_eq!(counted(&plans), expected);
}

#[test]
fn lengths_and_placements_are_those_of_the_file() {
    let Some(bytes) = table() else { return };
    let plans = aicup::plans("strokes.csv", &bytes);
    let left_out = left_out(&plans);
    let mut lengths_by_uid: BTreeMap<i64, i64> = BTreeMap::new();
    let mut zones: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    for [uid, _, stroke, zone] in cells(&bytes).into_iter().filter(|[uid, ..]| !left_out.contains(uid)) {
        let length = lengths_by_uid.entry(uid).or_default();
        *length = stroke.max(*length);
        *zones.entry((stroke, zone)).or_default() += 1;
    }
    let mut expected: BTreeMap<i64, usize> = BTreeMap::new();
    for length in lengths_by_uid.values() {
        *expected.entry(*length).or_default() += 1;
    }
    let (lengths, placed) = counted(&plans);
    assert_eq!(lengths, expected);
    assert_eq!(placed, zones);
}

#[test]
fn every_script_leads_a_scorer_where_it_says_and_a_second_import_changes_nothing() {
    let Some(bytes) = table() else { return };
    let plans = aicup::plans("strokes.csv", &bytes);
    let mut scorer = Scorer::default();
    for plan in matches(&plans) {
        scorer.send(plan, plan.script.len() / 3);
        scorer.send(plan, plan.script.len());
        assert_eq!(scorer.facts(plan.id), plan.facts, "{:?}", plan.create.external_ids);
    }
    let before = scorer.clone();
    let again = aicup::plans("elsewhere.csv", &bytes);
    assert_eq!(again, plans);
    for plan in matches(&again) {
        scorer.send(plan, plan.script.len());
    }
    assert_eq!(scorer, before);
}
