//! A real season through the laws, in memory.
//!
//! Looks for `$TOPSPIN_DATA`, or `shared/data` beside the project; says so and skips where it is absent, and fails
//! instead where `TOPSPIN_REQUIRE_DATA=1`.

mod scorer;

use std::path::PathBuf;

use scorer::Scorer;
use topspin_ingest::{Agreement, Kind, Plan, Summary, TieAgreement, ttbl};
use topspin_laws::tie::TieCommand;

fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("TOPSPIN_DATA").map(PathBuf::from);
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let beside = here.ancestors().map(|above| above.join("shared/data"));
    let found =
        named.into_iter().chain(beside).map(|data| data.join("ttbl-2023-24")).find(|path| path.is_dir());
    if found.is_none() {
        let required = std::env::var("TOPSPIN_REQUIRE_DATA").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "TOPSPIN_REQUIRE_DATA=1, and there is no ttbl-2023-24 in $TOPSPIN_DATA or shared/data"
        );
        println!("skipped: there is no ttbl-2023-24 in $TOPSPIN_DATA or shared/data");
    }
    found
}

fn plans() -> Option<Vec<Plan>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()?)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let plan = |path: &PathBuf| {
        ttbl::plan(
            &path.display().to_string(),
            &std::fs::read(path).expect("a file"),
            &ttbl::Formats::default(),
        )
    };
    Some(files.iter().map(plan).collect())
}

#[test]
fn the_season_agrees_with_the_official_scores() {
    let Some(plans) = plans() else { return };
    let mut summary = Summary::default();
    for plan in &plans {
        summary.add(plan);
    }
    assert_eq!((summary.files, summary.ties, summary.matches_with_points), (90, 90, 349));
    assert_eq!(summary.agreeing(Agreement::Exact), 347);
    assert_eq!(summary.agreeing(Agreement::OfficialIllegal), 2);
    assert_eq!(summary.agreeing(Agreement::Disagree), 0);
    let count = |kind: Kind| summary.anomalies.get(kind.as_str()).map_or(0, |counted| counted.count);
    assert_eq!(count(Kind::StatisticDiffers), 0, "points in a row and lucky points are an oracle");
    assert_eq!(summary.ties_agreeing(TieAgreement::Exact), 90);
    assert_eq!(count(Kind::TieLineUpDiffers) + count(Kind::TieResultMissing), 0);
    let substitutions = plans.iter().filter_map(|plan| plan.tie.as_ref()).flat_map(|tie| &tie.script);
    let substitutions = substitutions.filter(|entry| is_substitution(&entry.envelope.command)).count();
    assert_eq!(substitutions, 4, "a fifth is for a match that was not played");
    assert_eq!(summary.matches + count(Kind::LineupMissing), 450, "every game leaves a match or an anomaly");
    assert_eq!((count(Kind::LineupMissing), count(Kind::OfficialIncomplete)), (1, 0));
    assert_eq!(count(Kind::ServerDisagrees), 0, "the laws serve as the tablets do");
    assert_eq!(count(Kind::UnknownField) + count(Kind::UnknownType) + count(Kind::MalformedField), 0);
}

fn is_substitution(command: &TieCommand) -> bool {
    matches!(command, TieCommand::Substitute { .. })
}

#[test]
fn every_script_leads_a_scorer_where_it_says() {
    let Some(plans) = plans() else { return };
    for one in plans.iter().flat_map(|plan| &plan.matches) {
        let mut scorer = Scorer::default();
        scorer.send(one, one.script.len());
        assert_eq!(scorer.facts(one.id), one.facts, "{:?}", one.create.external_ids);
        let illegal = one.agreement == Agreement::OfficialIllegal;
        assert_eq!(scorer.reported(one.id).is_some_and(|reason| reason == "official_illegal"), illegal);
    }
}

#[test]
fn an_import_cut_anywhere_and_begun_again_ends_the_same() {
    let Some(plans) = plans() else { return };
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for one in plans.iter().flat_map(|plan| &plan.matches).filter(|one| !one.script.is_empty()) {
        let mut whole = Scorer::default();
        whole.send(one, one.script.len());
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let cut = (seed >> 33) as usize % one.script.len();
            let mut scorer = Scorer::default();
            scorer.send(one, cut);
            scorer.send(one, one.script.len());
            assert_eq!(scorer, whole, "{:?} cut at {cut}", one.create.external_ids);
        }
    }
}

#[test]
fn the_script_of_every_tie_cut_anywhere_and_begun_again_ends_the_same() {
    let Some(plans) = plans() else { return };
    for tie in plans.iter().filter_map(|plan| plan.tie.as_ref()) {
        let mut whole = Scorer::default();
        whole.send_tie(tie, tie.script.len());
        assert_eq!(whole.tie_facts(tie.id), tie.facts, "{:?}", tie.create.external_ids);
        for cut in 0..tie.script.len() {
            let mut scorer = Scorer::default();
            scorer.send_tie(tie, cut);
            scorer.send_tie(tie, tie.script.len());
            assert_eq!(scorer, whole, "{:?} cut at {cut}", tie.create.external_ids);
        }
    }
}

#[test]
fn a_second_import_changes_nothing() {
    let Some(plans) = plans() else { return };
    let mut scorer = Scorer::default();
    for one in plans.iter().flat_map(|plan| &plan.matches) {
        scorer.send(one, one.script.len());
    }
    let before = scorer.clone();
    for one in self::plans().iter().flatten().flat_map(|plan| &plan.matches) {
        scorer.send(one, one.script.len());
    }
    assert_eq!(scorer, before);
}
