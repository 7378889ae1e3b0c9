use std::collections::{BTreeMap, BTreeSet};

use topspin_event::{MatchId, PlayerId, RecordEntry, Seq};
use topspin_insight::{Aspect, CARD_KINDS, Metric};
use uuid::Uuid;

use super::super::language::Language;
use super::super::words::source;
use super::*;

/// The messages of a file, with the variables and other messages that each names, and the variants it chooses among.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in source(language).lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with([' ', '}'])) {
            name.clone_into(&mut current);
            messages.entry(current.clone()).or_default();
        }
        let variables = line.split('$').skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            rest[..end].to_owned()
        });
        messages.entry(current.clone()).or_default().extend(variables.filter(|name| !name.is_empty()));
    }
    messages.remove("");
    messages
}

#[test]
fn all_languages_have_the_same_messages_with_the_same_variables() {
    let english = messages(Language::En);
    assert!(english.len() > 25 && english["course-game-turned"].len() == 4, "{english:#?}");
    assert_eq!(english, messages(Language::De));
}

fn entry(value: i64, side: Option<Side>, at: &str) -> RecordEntry {
    let at = at.parse::<Timestamp>().expect("a time");
    RecordEntry { value, at: Some(at), match_id: MatchId(Uuid::nil()), seq: Seq(7), side, game: 3 }
}

fn record(metric: &str, scope: &str, window: &str, since: Option<&str>) -> CardSubject {
    CardSubject::Record(RecordCard {
        metric: metric.to_owned(),
        scope: scope.to_owned(),
        window: window.to_owned(),
        place: 1,
        entry: entry(31, Some(Side::Home), "2026-01-01T12:00:00Z"),
        since: since.map(|since| entry(32, None, since)),
    })
}

fn comparison(aspect: &str, game: u8) -> CardSubject {
    CardSubject::Comparison(ComparisonCard {
        side: Side::Away,
        player_id: PlayerId(Uuid::nil()),
        aspect: aspect.to_owned(),
        game,
        tonight: Tally { won: 9, of: 10 },
        history: Tally { won: 411, of: 1_000 },
        evidence: 12_000,
    })
}

fn course(kind: &str, value: u32, beside: u32) -> CardSubject {
    let (kind, side, seqs) = (kind.to_owned(), Some(Side::Home), vec![Seq(7)]);
    CardSubject::Course(CourseCard { kind, side, game: 3, value, beside, seqs })
}

fn say(language: Language, subject: &CardSubject) -> String {
    let sides = Both::new("Ada".to_owned(), "Bo".to_owned());
    let words = Words::of(language);
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    let speaker = Speaker { words, zone: &zone, sides: &sides, name_of: &|_| "Cup".to_owned() };
    speaker.sentence(subject)
}

/// Every kind, each in every scope and window, or place.
fn all() -> Vec<CardSubject> {
    let id = Uuid::nil();
    let scopes = [
        "everything".to_owned(),
        format!("competition:{id}"),
        format!("category:{id}:Final"),
        format!("player:{id}"),
        format!("pair:{id}+{id}"),
        "association:GER".to_owned(),
    ];
    let mut all = Vec::new();
    for (metric, scope) in
        Metric::ALL.iter().flat_map(|metric| scopes.iter().map(move |scope| (metric, scope)))
    {
        for window in ["all_time", "24_months", "season:2023"] {
            all.push(record(metric.as_str(), scope, window, None));
        }
        all.push(record(metric.as_str(), scope, "all_time", Some("2025-03-12T12:00:00Z")));
    }
    let aspects = Aspect::of_rallies();
    all.extend(aspects.map(|aspect| comparison(aspect.as_str(), 0)));
    all.extend(["points", "serve", "receive"].map(|aspect| comparison(aspect, 3)));
    all.extend(CARD_KINDS.iter().flat_map(|kind| [1, 4].map(|value| course(kind, value, 2))));
    all
}

#[test]
fn every_kind_is_a_sentence_in_every_language() {
    for language in Language::ALL {
        let mut sentences = BTreeSet::new();
        for subject in all() {
            let sentence = say(language, &subject);
            let known = sentence.contains(' ')
                && !sentence.starts_with("record-")
                && !sentence.starts_with("course-")
                && sentence != "comparison";
            assert!(known, "no message for {subject:?}: {sentence}");
            assert!(!sentence.contains("  ") && !sentence.contains(['{', '$']), "{sentence}");
            assert!(sentences.insert(sentence.clone()) || sentence.contains("Cup"), "twice: {sentence}");
        }
        assert!(sentences.len() > 150, "{}", sentences.len());
    }
}

#[test]
fn sentences_are_read_as_people_say_them() {
    for (subject, english, german) in [
        (
            record("longest_rally_strokes", "everything", "all_time", Some("2025-03-11T23:30:00Z")),
            "31 strokes: the longest rally here since 12 March 2025",
            "31 Schläge: der längste Ballwechsel hier seit dem 12. März 2025",
        ),
        (
            record("points_in_a_row", "competition:x", "season:2023", None),
            "31 points in a row for Ada: the longest run in Cup in the season 2023–24",
            "31 Punkte in Folge für Ada: die längste Serie im Wettbewerb Cup in der Saison 2023/24",
        ),
        (
            comparison("receive", 3),
            "Bo has won 9 of 10 on receive in game 3, against 41 % over 24 months",
            "Bo hat 9 von 10 Ballwechseln als Rückschläger im 3. Satz gewonnen, gegenüber 41 % in 24 Monaten",
        ),
        (
            course("won_after_match_points", 1, 0),
            "Ada saved a match point and won the match",
            "Ada wehrte einen Matchball ab und gewann das Spiel",
        ),
        (course("game_turned", 6, 2), "Ada won game 3 from 2–8 down", "Ada gewann den 3. Satz nach 2:8"),
    ] {
        assert_eq!(say(Language::En, &subject), english);
        assert_eq!(say(Language::De, &subject), german);
    }
}
