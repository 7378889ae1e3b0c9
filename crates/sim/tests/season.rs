//! The statistics of a real season beside the figures that its organiser published, which nobody here wrote.
//!
//! Looks for `$TOPSPIN_DATA`, or `shared/data` beside the project; says so and skips where it is absent, and fails
//! instead where `TOPSPIN_REQUIRE_DATA=1`.

mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;
use topspin_ingest::{MatchPlan, Plan, ttbl};
use topspin_insight::statistics;
use topspin_laws::{Both, Discipline, Side};

/// A file as it is, and what is made of it.
struct File {
    raw: Value,
    plan: Plan,
}

fn season() -> Option<Vec<File>> {
    let named = std::env::var_os("TOPSPIN_DATA").map(PathBuf::from);
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let beside = here.ancestors().map(|above| above.join("shared/data"));
    let folder =
        named.into_iter().chain(beside).map(|data| data.join("ttbl-2023-24")).find(|path| path.is_dir());
    let Some(folder) = folder else {
        let required = std::env::var("TOPSPIN_REQUIRE_DATA").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "TOPSPIN_REQUIRE_DATA=1, and there is no ttbl-2023-24 in $TOPSPIN_DATA or shared/data"
        );
        println!("skipped: there is no ttbl-2023-24 in $TOPSPIN_DATA or shared/data");
        return None;
    };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("a file");
        let plan = ttbl::plan(&path.display().to_string(), &bytes, &ttbl::Formats::default());
        File { raw: serde_json::from_slice(&bytes).expect("JSON"), plan }
    };
    Some(paths.iter().map(read).collect())
}

/// The matches of a file, each with the game of the file that it is.
fn matches(file: &File) -> impl Iterator<Item = (&MatchPlan, &Value)> {
    let games = file.raw["games"].as_array().expect("games");
    file.plan.matches.iter().filter_map(move |one| {
        let ids: Vec<String> = one.create.external_ids.iter().map(ToString::to_string).collect();
        let of = |game: &&Value| game["id"].as_str().is_some_and(|id| ids.iter().any(|own| own.contains(id)));
        games.iter().find(of).map(|game| (one, game))
    })
}

fn figures(game: &Value, name: &str) -> Both<u64> {
    let of = |side: &str| game[format!("{side}{name}")].as_u64().unwrap_or_default();
    Both::new(of("home"), of("away"))
}

#[test]
fn points_in_a_row_and_lucky_points_are_those_of_the_organiser() {
    let Some(season) = season() else { return };
    let (mut equal, mut taken_back) = (0, 0);
    for (plan, game) in season.iter().flat_map(matches) {
        let told = told::chronicle(plan);
        if plan.create.format.discipline != Discipline::Singles || told.rallies().is_empty() {
            continue;
        }
        let sides = statistics(&told).expect("it was created").whole.sides;
        let of = |count: fn(&topspin_event::SideStatistics) -> u32| {
            Both::new(u64::from(count(&sides.home)), u64::from(count(&sides.away)))
        };
        // Nobody records luck in a match without any.
        let ours = [of(|side| side.points_in_a_row), of(|side| side.lucky_points.unwrap_or(0))];
        let theirs = [figures(game, "PointsInARow"), figures(game, "LuckyPoints")];
        if ours == theirs {
            equal += 1;
            continue;
        }
        // The organiser counts what its umpire took back, and what its tablet sent twice.
        assert_eq!(as_it_lies(game), theirs, "{}: ours are {ours:?}", game["id"]);
        println!("{}: {theirs:?} with what was taken back or sent twice, {ours:?} without", game["id"]);
        taken_back += 1;
    }
    println!("{equal} singles matches are equal, {taken_back} differ by what was taken back or sent twice");
    assert!(equal > 250 && taken_back * 10 < equal, "{equal} and {taken_back} singles matches");
}

/// Points in a row and lucky points of all points in a file, in its order.
fn as_it_lies(game: &Value) -> [Both<u64>; 2] {
    let (mut runs, mut lucky) = (Both::default(), Both::default());
    let (mut last, mut run) = (None, 0);
    let updates = game["scoringUpdates"].as_array().into_iter().flatten();
    for update in updates.filter(|update| update["type"] == "Point") {
        let side = match &update["playerId"] {
            id if *id == game["homePlayer"]["id"] => Side::Home,
            id if *id == game["awayPlayer"]["id"] => Side::Away,
            // Of nobody in the line-up: a substitute whom the source does not count.
            _ => {
                last = None;
                continue;
            }
        };
        run = if last == Some(side) { run + 1 } else { 1 };
        last = Some(side);
        let longest: &mut u64 = runs.of_mut(side);
        *longest = run.max(*longest);
        *lucky.of_mut(side) += u64::from(update["isLuckyShot"] == true);
    }
    [runs, lucky]
}

#[test]
fn who_served_agrees_with_the_tablets() {
    let Some(season) = season() else { return };
    let (mut agreed, mut exceptions) = (0_u32, Vec::new());
    for (plan, game) in season.iter().flat_map(matches) {
        if plan.create.format.discipline != Discipline::Singles {
            continue;
        }
        let (flags, twice) = tablet_flags(game);
        for rally in told::chronicle(plan).rallies() {
            let Some(at) = rally.ended_at().filter(|at| !twice.contains(at)) else { continue };
            let Some(said) = flags.get(&at) else { continue };
            if rally.won_by_server() == Some(*said) {
                agreed += 1;
            } else {
                exceptions.push(format!(
                    "{} game {} at {}:{}",
                    game["id"], rally.game, rally.score.home, rally.score.away
                ));
            }
        }
    }
    for exception in &exceptions {
        println!("the tablet says otherwise: {exception}");
    }
    let all = agreed + exceptions.len() as u32;
    println!("{agreed} of {all} singles points agree, {:.2} %", 100.0 * f64::from(agreed) / f64::from(all));
    assert!(all > 15_000, "only {all} points");
    assert!(u64::from(agreed) * 100 >= u64::from(all) * 99, "{agreed} of {all}");
}

/// Whether the server won, by the time of the point; and the times of several points.
fn tablet_flags(game: &Value) -> (BTreeMap<i64, bool>, BTreeSet<i64>) {
    let (mut flags, mut twice) = (BTreeMap::new(), BTreeSet::new());
    for update in game["scoringUpdates"].as_array().into_iter().flatten() {
        let by = (update["isAcePoint"].as_bool(), update["isServerErrorPoint"].as_bool());
        let (Some(at), "Point") = (update["ts"].as_i64(), update["type"].as_str().unwrap_or_default()) else {
            continue;
        };
        let server_won = match by {
            (Some(true), Some(false)) => true,
            (Some(false), Some(true)) => false,
            _ => continue,
        };
        if flags.insert(at, server_won).is_some() {
            twice.insert(at);
        }
    }
    (flags, twice)
}
