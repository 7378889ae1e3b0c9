//! Invented files into a data directory: once, twice, and interrupted.

mod aicup;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::bail;
use serde_json::{Value, json};
use topspin_event::{
    CommandEnvelope, CreateMatch, CreateTie, ExternalId, MatchId, NewAnomaly, NewReference, ReferenceKind,
    TieCommandEnvelope, TieId,
};
use topspin_ingest::{Plan, ttbl};

use super::direct::Direct;
use super::drive::{Done, Source, drive};
use super::pace::{Script, Speed, steps};
use super::target::{Taken, Target, Verdict};
use crate::engine::KafkaArgs;

fn opened(data: &Path) -> Direct {
    Direct::open(data, &KafkaArgs::default()).expect("opened")
}

/// A target that stops after so many calls, as a process does that is killed.
struct Cut<'a> {
    target: &'a Direct,
    calls_left: AtomicUsize,
}

impl Cut<'_> {
    fn call(&self) -> anyhow::Result<()> {
        let took = |left: usize| left.checked_sub(1);
        if self.calls_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, took).is_err() {
            bail!("cut");
        }
        Ok(())
    }
}

impl Target for Cut<'_> {
    fn refer(&self, kind: ReferenceKind, item: &NewReference) -> anyhow::Result<Taken> {
        self.call()?;
        self.target.refer(kind, item)
    }

    fn create(&self, create: &CreateMatch) -> anyhow::Result<Taken> {
        self.call()?;
        self.target.create(create)
    }

    fn create_tie(&self, create: &CreateTie) -> anyhow::Result<Taken> {
        self.call()?;
        self.target.create_tie(create)
    }

    fn submit_tie(&self, id: TieId, envelope: &TieCommandEnvelope) -> anyhow::Result<Verdict> {
        self.call()?;
        self.target.submit_tie(id, envelope)
    }

    fn submit(&self, id: MatchId, envelope: &CommandEnvelope) -> anyhow::Result<Verdict> {
        self.call()?;
        self.target.submit(id, envelope)
    }

    fn report(&self, anomalies: &[NewAnomaly]) -> anyhow::Result<()> {
        self.call()?;
        self.target.report(anomalies)
    }
}

/// A target that is slow with reference data, as one is whose first request finds the others still joining.
struct Slow<'a>(&'a Direct);

impl Target for Slow<'_> {
    fn refer(&self, kind: ReferenceKind, item: &NewReference) -> anyhow::Result<Taken> {
        (0..10_000).for_each(|_| std::thread::yield_now());
        self.0.refer(kind, item)
    }

    fn create(&self, create: &CreateMatch) -> anyhow::Result<Taken> {
        self.0.create(create)
    }

    fn create_tie(&self, create: &CreateTie) -> anyhow::Result<Taken> {
        self.0.create_tie(create)
    }

    fn submit_tie(&self, id: TieId, envelope: &TieCommandEnvelope) -> anyhow::Result<Verdict> {
        self.0.submit_tie(id, envelope)
    }

    fn submit(&self, id: MatchId, envelope: &CommandEnvelope) -> anyhow::Result<Verdict> {
        self.0.submit(id, envelope)
    }

    fn report(&self, anomalies: &[NewAnomaly]) -> anyhow::Result<()> {
        self.0.report(anomalies)
    }
}

const GAMES: [&str; 2] = ["ada-bo", "cy-di"];

/// A tie of two matches, won 3:0 and 3:0, the second by a substitute; it has an official score that is illegal, and a repetition.
fn tie() -> Value {
    let game = |id: &str, home: &str, away: &str, begin: i64| {
        let mut updates = Vec::new();
        for set in 1..=3 {
            for point in 1..=11 {
                let (id, ts) = (set * 20 + point, begin + set * 600_000 + point * 10_000);
                updates.push(json!({ "id": id, "type": "Point", "ts": ts, "set": set, "playerId": home,
                    "result": format!("{point}:0"), "isAcePoint": point % 4 > 1 }));
            }
        }
        json!({ "id": id, "gameState": "Finished", "winnerSide": "Home", "cards": [], "scoringUpdates": updates,
            "homePlayer": { "id": home, "firstName": "Player", "lastName": home },
            "awayPlayer": { "id": away, "firstName": "Player", "lastName": away },
            "set1HomeScore": 11, "set1AwayScore": 0, "set2HomeScore": 11, "set2AwayScore": 0,
            "set3HomeScore": 11, "set3AwayScore": 0 })
    };
    let mut second = game(GAMES[1], "cy", "di", 1_700_003_000_000);
    second["set3HomeScore"] = json!(14);
    let again = second["scoringUpdates"][3].clone();
    second["scoringUpdates"].as_array_mut().expect("a list").push(again);
    let player = |id: &str| json!({ "id": id, "firstName": "Player", "lastName": id });
    json!({ "id": "tie", "matchState": "Finished", "timeStamp": 1_700_000_000, "venue": { "name": "The Barn" },
        "homeTeam": { "name": "Lions" }, "awayTeam": { "name": "Cranes" }, "homeGames": 2, "awayGames": 0,
        "homePlayerOne": player("ada"), "homePlayerTwo": player("eva"), "homePlayerThree": player("fe"),
        "guestPlayerOne": player("di"), "guestPlayerTwo": player("bo"), "guestPlayerThree": player("gus"),
        "games": [game(GAMES[0], "ada", "bo", 1_700_000_000_000), second] })
}

/// The files of an import: the tie, and one that is broken.
fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::write(folder.join("tie.json"), tie().to_string()).expect("written");
    std::fs::write(folder.join("broken.json"), "{\"games\": [").expect("written");
    super::files::found(&[folder.to_owned()], "json").expect("two files")
}

fn import(files: &[PathBuf], target: &dyn Target) -> anyhow::Result<Done> {
    let formats = ttbl::Formats::default();
    let plans = |path: &str, bytes: &[u8]| vec![ttbl::plan(path, bytes, &formats)];
    drive(files, target, Speed::Max, &Source { name: ttbl::SOURCE, of: "ties", plans: &plans })
}

/// What a data directory holds of the import: the position and facts of the tie and of every match, and the ids of anomalies.
fn held(direct: &Direct) -> Vec<String> {
    let home = direct.home();
    let mut held = Vec::new();
    for game in GAMES {
        let external = ExternalId::try_from(format!("ttbl:{game}")).expect("an external id");
        let id = home.find_match(&external).expect("readable").expect("the match");
        let snapshot = home.match_snapshot(id).expect("readable").expect("the match");
        held.push(format!("{game} {} {} {:?}", snapshot.seq.0, snapshot.state, snapshot.reported_result));
    }
    let external = "ttbl:tie".parse::<ExternalId>().expect("an external id");
    let id = home.find_tie(&external).expect("readable").expect("the tie");
    let snapshot = home.tie_snapshot(id).expect("readable").expect("the tie");
    held.push(format!("tie {} {}", snapshot.seq.0, snapshot.state));
    let anomalies = home.anomalies(None, 100).expect("readable").items;
    let mut ids: Vec<String> =
        anomalies.iter().map(|anomaly| format!("{} {}", anomaly.fault.kind, anomaly.fault.id)).collect();
    ids.sort();
    held.extend(ids);
    held
}

#[test]
fn an_import_into_a_data_directory_changes_nothing_when_repeated() {
    let (source, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let files = files(source.path());
    let direct = opened(data.path());
    let done = import(&files, &direct).expect("imported");
    assert_eq!((done.summary.files, done.summary.ties, done.summary.matches, done.unread), (2, 1, 2, 1));
    assert_eq!(done.summary.agreement.get("official_illegal"), Some(&1));
    assert_eq!(done.summary.tie_agreement.get("exact"), Some(&1));
    assert_eq!((done.sent.rejected, done.sent.diverged, done.sent.ties_diverged), (0, 0, 0));
    let first = held(&direct);
    direct.close();
    let direct = opened(data.path());
    assert_eq!(held(&direct), first);
    let again = import(&files, &direct).expect("imported again");
    assert_eq!(again.sent.accepted, done.sent.accepted);
    assert_eq!(held(&direct), first);
    assert!(first[1].contains("official_illegal"), "{first:?}");
    // Created, two line-ups, a substitute, and a beginning and a result for each match.
    assert!(
        first[2].starts_with("tie 8 ") && first[2].contains(r#""score":{"away":0,"home":2}"#),
        "{first:?}"
    );
    assert!(first.iter().any(|line| line.starts_with("unreadable_file")), "{first:?}");
    assert!(first.iter().any(|line| line.starts_with("repeated_update")), "{first:?}");
    direct.close();
}

#[test]
fn ties_that_refer_to_the_same_wait_until_it_is_there() {
    let (source, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    for number in 0..8 {
        let mut other = tie();
        other["id"] = json!(format!("tie-{number}"));
        for game in other["games"].as_array_mut().expect("a list") {
            game["id"] = json!(format!("{}-{number}", game["id"].as_str().expect("an id")));
        }
        let file = source.path().join(format!("{number}.json"));
        std::fs::write(file, other.to_string()).expect("written");
    }
    let files = super::files::found(&[source.path().to_owned()], "json").expect("eight files");
    let direct = opened(data.path());
    let done = import(&files, &Slow(&direct)).expect("imported");
    assert_eq!((done.summary.ties, done.failures()), (8, Vec::new()));
    direct.close();
}

#[test]
fn an_interrupted_import_ends_the_same_when_begun_again() {
    let source = tempfile::tempdir().expect("a folder");
    let files = files(source.path());
    let whole = tempfile::tempdir().expect("a folder");
    let direct = opened(whole.path());
    import(&files, &direct).expect("imported");
    let expected = held(&direct);
    direct.close();
    for calls in [0, 1, 9, 14, 16, 18, 40, 56, 58, 78] {
        let data = tempfile::tempdir().expect("a folder");
        let direct = opened(data.path());
        let cut = Cut { target: &direct, calls_left: AtomicUsize::new(calls) };
        let error = import(&files, &cut).expect_err("cut").to_string();
        assert_eq!(error, "cut");
        direct.close();
        let direct = opened(data.path());
        import(&files, &direct).expect("imported");
        assert_eq!(held(&direct), expected, "cut after {calls} calls");
        direct.close();
    }
}

/// Records what the matches of a plan refer to.
fn refer(direct: &Direct, plan: &Plan) {
    for (kind, item) in &plan.references {
        assert_eq!(direct.refer(*kind, item).expect("recorded"), Taken::Yes);
    }
}

#[test]
fn a_match_that_somebody_else_scored_is_told_and_left_alone() {
    let (source, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let files = files(source.path());
    let plan = ttbl::plan("tie.json", tie().to_string().as_bytes(), &ttbl::Formats::default());
    let direct = opened(data.path());
    let first = &plan.matches[0];
    refer(&direct, &plan);
    let tie = plan.tie.as_ref().expect("a tie");
    assert_eq!(direct.create_tie(&tie.create).expect("created"), Taken::Yes);
    assert_eq!(direct.create(&first.create).expect("created"), Taken::Yes);
    let mut foreign = first.script[0].envelope.clone();
    foreign.command_id = topspin_event::CommandId::derived(first.id.0, "somebody else");
    foreign.command = topspin_laws::Command::WalkOver { side: topspin_laws::Side::Home }.into();
    assert_eq!(direct.submit(first.id, &foreign).expect("decided"), Verdict::Accepted);
    let done = import(&files, &direct).expect("imported");
    assert_eq!(done.sent.diverged, 1);
    assert_eq!(done.summary.anomalies["diverged"].count, 1);
    assert_eq!(done.summary.agreement.values().sum::<usize>(), 2);
    assert_eq!((done.summary.agreement["diverged"], done.summary.agreement.get("exact")), (1, None));
    assert!(done.failures().iter().any(|failure| failure.starts_with("1 matches and 0 ties diverged")));
    direct.close();
}

#[test]
fn a_match_that_the_files_tell_otherwise_than_before_agrees_with_nothing_and_the_import_fails() {
    let (source, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let mut cut = tie();
    let updates = cut["games"][0]["scoringUpdates"].as_array_mut().expect("a list");
    // A point of the first game comes late.
    updates.remove(4);
    std::fs::write(source.path().join("tie.json"), cut.to_string()).expect("written");
    let direct = opened(data.path());
    let files = super::files::found(&[source.path().to_owned()], "json").expect("a file");
    assert!(import(&files, &direct).expect("imported").failures().is_empty());
    std::fs::write(source.path().join("tie.json"), tie().to_string()).expect("written");
    let done = import(&files, &direct).expect("imported");
    assert_eq!(done.sent.diverged, 1);
    assert_eq!((done.summary.agreement["diverged"], done.summary.agreement.get("exact")), (1, None));
    assert_eq!(done.failures().len(), 1, "{:?}", done.failures());
    direct.close();
}

#[test]
fn a_file_that_grows_at_its_end_goes_on_where_it_stopped() {
    let (source, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let whole = tie();
    let direct = opened(data.path());
    let file = source.path().join("tie.json");
    for points in [0, 5, 11, 12, 30, 33] {
        let mut cut = whole.clone();
        cut["matchState"] = json!("Live");
        for (at, game) in cut["games"].as_array_mut().expect("a list").iter_mut().enumerate() {
            let updates = game["scoringUpdates"].as_array_mut().expect("a list");
            updates.truncate(if at == 0 { points } else { 0 });
            (game["gameState"], game["winnerSide"]) = (json!("Active"), Value::Null);
            for set in 1..=3 {
                for side in ["Home", "Away"] {
                    game[format!("set{set}{side}Score")] = Value::Null;
                }
            }
        }
        std::fs::write(&file, cut.to_string()).expect("written");
        let done = import(std::slice::from_ref(&file), &direct).expect("imported");
        assert_eq!(done.failures(), Vec::<String>::new(), "{points} points");
    }
    std::fs::write(&file, whole.to_string()).expect("written");
    let done = import(std::slice::from_ref(&file), &direct).expect("imported");
    assert_eq!(done.failures(), Vec::<String>::new());
    assert_eq!(done.summary.agreement.get("exact"), Some(&1));
    direct.close();
}

#[test]
fn a_file_that_is_no_tie_fails_the_import_after_the_others() {
    for broken in ["", "{\"games\": [", "[]", "\u{0}\u{1}", "7"] {
        let (source, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        std::fs::write(source.path().join("a.json"), broken).expect("written");
        std::fs::write(source.path().join("b.json"), tie().to_string()).expect("written");
        let direct = opened(data.path());
        let files = super::files::found(&[source.path().to_owned()], "json").expect("two files");
        let done = import(&files, &direct).expect("imported");
        assert_eq!((done.unread, done.summary.ties), (1, 1), "{broken:?}");
        assert_eq!(done.failures(), ["1 files could not be read; see the anomalies"]);
        direct.close();
    }
}

#[test]
fn a_player_whom_another_file_names_otherwise_is_the_one_who_is_there() {
    let (source, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let mut renamed = tie();
    renamed["homePlayerOne"]["firstName"] = json!("P.");
    let file = source.path().join("tie.json");
    let direct = opened(data.path());
    for tie in [tie(), renamed] {
        std::fs::write(&file, tie.to_string()).expect("written");
        let done = import(std::slice::from_ref(&file), &direct).expect("imported");
        assert_eq!(done.failures(), Vec::<String>::new());
    }
    direct.close();
}

#[test]
fn a_tie_goes_out_match_after_match_with_its_own_commands_in_between() {
    let plan = ttbl::plan("tie.json", tie().to_string().as_bytes(), &ttbl::Formats::default());
    let steps = steps(&plan);
    assert!(steps.windows(2).all(|pair| pair[0].due_ms <= pair[1].due_ms));
    let own = |script: Script| -> Vec<usize> {
        steps.iter().filter(|step| step.of == script).map(|step| step.entry).collect()
    };
    let tie = plan.tie.as_ref().expect("a tie");
    assert_eq!(own(Script::Tie), (0..tie.script.len()).collect::<Vec<_>>());
    for (index, one) in plan.matches.iter().enumerate() {
        assert_eq!(own(Script::Match(index)), (0..one.script.len()).collect::<Vec<_>>());
    }
    let mut turns: Vec<Script> = steps.iter().map(|step| step.of).collect();
    turns.dedup();
    assert_eq!(turns, [Script::Tie, Script::Match(0), Script::Tie, Script::Match(1), Script::Tie]);
    // 33 points each, ten seconds apart; ten minutes at most between the games and the matches.
    assert_eq!(steps.last().map(|step| step.due_ms), Some(2 * 3 * 100_000 + 2 * 2 * 500_000 + 600_000));
}

#[test]
fn a_speed_is_max_or_a_number() {
    assert_eq!("max".parse(), Ok(Speed::Max));
    assert_eq!("2.5".parse(), Ok(Speed::Times(2.5)));
    for odd in ["0", "-1", "fast", "", "inf", "NaN"] {
        assert!(odd.parse::<Speed>().is_err(), "{odd}");
    }
}

#[test]
fn a_wrong_time_in_one_match_does_not_hold_up_the_next() {
    let mut tie = tie();
    let last = tie["games"][0]["scoringUpdates"].as_array().expect("a list").len() - 1;
    tie["games"][0]["scoringUpdates"][last]["ts"] = json!(1_800_000_000_000_i64);
    let plan = ttbl::plan("tie.json", tie.to_string().as_bytes(), &ttbl::Formats::default());
    let steps = steps(&plan);
    let of_second = |step: &&super::pace::Step| step.of == Script::Match(1);
    let dues: Vec<i64> = steps.iter().filter(of_second).map(|step| step.due_ms).collect();
    let pauses = dues.windows(2).filter(|pair| pair[1] > pair[0]).count();
    assert!(pauses >= 32, "33 points at times of their own: {dues:?}");
}

#[test]
fn a_tie_that_somebody_else_keeps_is_told_and_its_matches_go_on() {
    let (source, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let files = files(source.path());
    let plan = ttbl::plan("tie.json", tie().to_string().as_bytes(), &ttbl::Formats::default());
    let direct = opened(data.path());
    let tie = plan.tie.as_ref().expect("a tie");
    refer(&direct, &plan);
    assert_eq!(direct.create_tie(&tie.create).expect("created"), Taken::Yes);
    let mut foreign = tie.script[0].envelope.clone();
    foreign.command_id = topspin_event::CommandId::derived(tie.id.0, "somebody else");
    let side = topspin_laws::Side::Away;
    foreign.command = topspin_laws::tie::TieCommand::Concede { side, reason: None };
    assert_eq!(direct.submit_tie(tie.id, &foreign).expect("decided"), Verdict::Accepted);
    let done = import(&files, &direct).expect("imported");
    assert_eq!((done.sent.diverged, done.sent.ties_diverged), (0, 1));
    assert_eq!(done.summary.anomalies["diverged"].count, 1);
    direct.close();
}
