//! What the strokes of a real table come to, player by player, beside a count of the file itself.
//!
//! Looks for `$TOPSPIN_DATA`, or `shared/data` beside the project; says so and skips where it is absent, and fails
//! instead where `TOPSPIN_REQUIRE_DATA=1`.

mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use topspin_event::{StrokePatterns, Tally};
use topspin_ingest::{Kind, MatchPlan, Plan, aicup};
use topspin_insight::strokes;
use topspin_laws::Side;

/// What is counted, for a player: its name and numbers as the file has them, 0 where there is none.
type Pattern = (i64, &'static str, Vec<i64>);
/// Won and of.
type Counted = BTreeMap<Pattern, (u32, u32)>;

fn table() -> Option<String> {
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
    Some(std::fs::read_to_string(found).expect("a file"))
}

/// The rallies that the plans leave out, by their ids.
fn left_out(plans: &[Plan]) -> BTreeSet<i64> {
    const KINDS: [Kind; 8] = [
        Kind::LineupMissing,
        Kind::IncompleteRally,
        Kind::ContradictoryUpdate,
        Kind::ImpossibleClaim,
        Kind::PlayerUnknown,
        Kind::Restarted,
        Kind::ServerDisagrees,
        Kind::RejectedByLaws,
    ];
    let anomalies = plans.iter().flat_map(Plan::all_anomalies).filter(|one| KINDS.contains(&one.kind));
    anomalies.map(|one| one.raw["rally_uid"].as_i64().expect("of a rally")).collect()
}

/// A rally of the file: of each stroke its player, class, hand, spin and zone; and whether the server won.
#[derive(Default)]
struct Rally {
    strokes: BTreeMap<i64, [i64; 5]>,
    server_won: bool,
}

fn rallies(text: &str, left_out: &BTreeSet<i64>) -> Vec<Rally> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).expect("the column");
    let [uid, number, won] = ["rally_uid", "strikeNumber", "serverGetPoint"].map(place);
    let told = ["gamePlayerId", "actionId", "handId", "spinId", "pointId"].map(place);
    let mut rallies: BTreeMap<i64, Rally> = BTreeMap::new();
    for line in lines {
        let cells: Vec<i64> = line.split(',').map(|cell| cell.trim().parse().expect("a number")).collect();
        if !left_out.contains(&cells[uid]) {
            let rally = rallies.entry(cells[uid]).or_default();
            rally.server_won = cells[won] == 1;
            rally.strokes.insert(cells[number], told.map(|place| cells[place]));
        }
    }
    rallies.into_values().collect()
}

/// The file, counted: of rally after rally what both players did.
fn of_file(rallies: &[Rally]) -> Counted {
    let mut counted = Counted::new();
    for rally in rallies {
        let length = *rally.strokes.keys().last().expect("a stroke");
        let least = [10, 7, 5, 3, 1].into_iter().find(|least| length >= *least).expect("a stroke");
        let [server, _, _, serve_spin, serve_zone] = rally.strokes[&1];
        let mut add = |player: i64, what: &'static str, numbers: Vec<i64>| {
            let tally = counted.entry((player, what, numbers)).or_default();
            *tally = (tally.0 + u32::from((player == server) == rally.server_won), tally.1 + 1);
        };
        for (number, [player, class, hand, spin, zone]) in &rally.strokes {
            add(*player, "placement", vec![*number.min(&4), *zone]);
            match number {
                1 => {
                    add(*player, "served length", vec![least]);
                    add(*player, "serve", vec![*class, *spin, *zone]);
                }
                2 => {
                    add(*player, "received length", vec![least]);
                    add(*player, "receive", vec![*class, *zone]);
                }
                3 => add(*player, "third ball", vec![serve_spin, serve_zone, *class, *hand, *zone]),
                _ => {}
            }
        }
    }
    counted
}

/// The views' counts in the numbers of the file: an enum's first value is 1 there.
fn add(counted: &mut Counted, player: i64, of: &StrokePatterns) {
    let mut more = |what: &'static str, numbers: Vec<i64>, tally: Tally| {
        let sum = counted.entry((player, what, numbers)).or_default();
        *sum = (sum.0 + tally.won, sum.1 + tally.of);
    };
    macro_rules! number {
        ($value:expr) => {
            $value.map_or(0, |value| value as i64 + 1)
        };
    }
    let zone = |zone: Option<topspin_event::Zone>| zone.map_or(0, |zone| zone.number().into());
    for one in &of.serves {
        more("serve", vec![number!(one.class), number!(one.spin), zone(one.zone)], one.tally);
    }
    for one in &of.receives {
        more("receive", vec![number!(one.class), zone(one.zone)], one.tally);
    }
    for one in &of.third_balls {
        let served = [number!(one.serve_spin), zone(one.serve_zone)];
        let third = [number!(one.class), number!(one.hand), zone(one.zone)];
        more("third ball", [&served[..], &third].concat(), one.tally);
    }
    for one in &of.placements {
        more("placement", vec![one.phase as i64 + 1, zone(one.zone)], one.tally);
    }
    for one in &of.lengths {
        one.serve.into_iter().for_each(|tally| more("served length", vec![one.from.into()], tally));
        one.receive.into_iter().for_each(|tally| more("received length", vec![one.from.into()], tally));
    }
}

fn player(plan: &MatchPlan, side: Side) -> i64 {
    let id = plan.create.sides.of(side).players[0].external_ids[0].value();
    id.strip_prefix("player:").and_then(|id| id.parse().ok()).expect("a number")
}

#[test]
fn services_third_balls_and_win_rates_are_those_of_the_file() {
    let Some(text) = table() else { return };
    let plans = aicup::plans("strokes.csv", text.as_bytes());
    let rallies = rallies(&text, &left_out(&plans));
    let expected = of_file(&rallies);
    let (mut counted, mut all) = (Counted::new(), 0);
    for plan in plans.iter().flat_map(|plan| &plan.matches) {
        let told = strokes(&told::chronicle(plan)).expect("it was created");
        all += told.rallies;
        let Some(sides) = told.sides else { continue };
        for side in Side::BOTH {
            add(&mut counted, player(plan, side), sides.of(side));
        }
    }
    let kinds = |what: &str| expected.keys().filter(|(_, of, _)| *of == what).count();
    println!("{all} rallies; {} patterns, {} of them third balls", expected.len(), kinds("third ball"));
    assert_eq!(all as usize, rallies.len());
    assert!(kinds("serve") > 1_000 && kinds("third ball") > 1_000, "the file is large");
    for (pattern, tally) in &expected {
        assert_eq!(counted.get(pattern), Some(tally), "{pattern:?}");
    }
    assert_eq!(counted.len(), expected.len(), "nothing else is counted");
}
