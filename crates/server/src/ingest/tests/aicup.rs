//! An invented stroke table into a data directory, decided by the scorer itself.

use std::path::Path;

use topspin_event::{ExternalId, MatchEvent, RallyStrokes, Seq};
use topspin_ingest::aicup;

use super::super::direct::Direct;
use super::super::drive::{Done, Source, drive};
use super::super::pace::Speed;
use super::opened;

const HEADER: &str = "rally_uid,sex,match,numberGame,rally_id,strikeNumber,scoreSelf,scoreOther,serverGetPoint,\
                      gamePlayerId,gamePlayerOtherId,strikeId,handId,strengthId,spinId,pointId,actionId,positionId";

/// A match of three games, 11:0 each, of two strokes a rally; of the first game, one rally is missing and one is served
/// by the wrong player.
fn table(number: u32) -> String {
    let mut lines = Vec::new();
    for (game, point) in (1..=3).flat_map(|game| (0..11).map(move |point| (game, point))) {
        let uid = number * 1000 + game * 20 + point;
        let turned = (game, point) == (1, 7);
        let home_serves = ((point / 2 + game) % 2 == 1) != turned;
        if (game, point) == (1, 4) {
            continue;
        }
        for stroke in 1..=2 {
            let by_home = home_serves == (stroke == 1);
            let (own, other) = if by_home { (point, 0) } else { (0, point) };
            let (player, opponent) = if by_home { (1, 2) } else { (2, 1) };
            lines.push(format!(
                "{uid},1,{number},{game},{},{stroke},{own},{other},{},{player},{opponent},{stroke},1,2,3,{},{},0\n",
                point + 1,
                u8::from(home_serves),
                if stroke == 1 { 5 } else { 0 },
                if stroke == 1 { 16 } else { 1 },
            ));
        }
    }
    lines.concat()
}

fn import(folder: &Path, direct: &Direct) -> Done {
    let file = folder.join("strokes.csv");
    let text = format!("{HEADER}\n{}{}", table(31), table(32));
    std::fs::write(&file, text).expect("written");
    let files = super::super::files::found(&[folder.to_owned()], "csv").expect("a file");
    assert_eq!(files, [file]);
    let source = Source { name: aicup::SOURCE, of: "matches", plans: &aicup::plans };
    drive(&files, direct, Speed::Max, &source).expect("imported")
}

/// The position and state of a match, and its recorded strokes.
fn held(direct: &Direct, number: u32) -> (Seq, String, Vec<RallyStrokes>) {
    let home = direct.home();
    let external: ExternalId = format!("aicup:match:{number}").parse().expect("an external id");
    let id = home.find_match(&external).expect("readable").expect("the match");
    let snapshot = home.match_snapshot(id).expect("readable").expect("the match");
    let events = home.events(id, Seq(1), 1_000).expect("readable");
    let recorded = events.into_iter().filter_map(|event| match event.recorded.event {
        MatchEvent::StrokesRecorded(strokes) => Some(strokes),
        MatchEvent::Created(_)
        | MatchEvent::Law(_)
        | MatchEvent::Moved(_)
        | MatchEvent::ResultReported(_)
        | MatchEvent::Unknown(_) => None,
    });
    (snapshot.seq, snapshot.state.to_string(), recorded.collect())
}

#[test]
fn a_stroke_table_is_taken_as_planned_and_a_second_import_changes_nothing() {
    let (folder, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let direct = opened(data.path());
    let done = import(folder.path(), &direct);
    assert_eq!(done.failures(), Vec::<String>::new());
    assert_eq!((done.summary.files, done.summary.matches), (1, 2));
    // Of 33 rallies one is missing, and one is served by the wrong player.
    assert_eq!((done.summary.point_updates, done.summary.strokes), (64, 2 * 31 * 2));
    assert_eq!((done.sent.rejected, done.sent.diverged), (0, 0));
    assert_eq!(done.sent.accepted, done.summary.commands_accepted);
    let count = |kind: &str| done.summary.anomalies.get(kind).map_or(0, |counted| counted.count);
    assert_eq!((count("server_disagrees"), count("missing_updates")), (2, 4));
    let first = [31, 32].map(|number| held(&direct, number));
    assert_eq!(first[0].2.len(), 31);
    let again = import(folder.path(), &direct);
    assert_eq!((again.sent.accepted, again.sent.diverged), (done.sent.accepted, 0));
    assert_eq!([31, 32].map(|number| held(&direct, number)), first);
    direct.close();
}
