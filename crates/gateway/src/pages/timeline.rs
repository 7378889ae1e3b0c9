//! The events of a match, game by game, with corrections shown and not hidden.

use std::collections::BTreeMap;

use maud::{Markup, html};
use topspin_event::{EventEnvelope, MatchEvent, Seq};
use topspin_laws::{Event, How, LetReason, Outcome, Score, Side};

use super::corrections::{Fate, fates};
use super::phrases;
use topspin_scoring::MatchResource;

/// The timeline, latest first.
pub fn timeline(resource: &MatchResource, events: &[EventEnvelope]) -> Markup {
    let fates = fates(events);
    let games = by_game(events, &fates);
    html! {
        @if games.is_empty() { p.none { "Nothing has happened yet." } }
        @for (game, items) in games.iter().rev() {
            section.game-story {
                @let day = items.first().map(|envelope| phrases::day(&time(envelope))).unwrap_or_default();
                h3 { @if *game == 0 { "Before the match" } @else { "Game " (game) } " " small.day { (day) } }
                ol.timeline reversed {
                    @for envelope in items.iter().rev() { (line(resource, envelope, &fates, &day)) }
                }
            }
        }
    }
}

fn by_game<'events>(
    events: &'events [EventEnvelope],
    fates: &BTreeMap<Seq, Fate>,
) -> BTreeMap<u8, Vec<&'events EventEnvelope>> {
    let mut games: BTreeMap<u8, Vec<&EventEnvelope>> = BTreeMap::new();
    for envelope in events {
        let game = fates.get(&envelope.recorded.seq).map_or(0, |fate| fate.game);
        games.entry(game).or_default().push(envelope);
    }
    games
}

/// When an event happened: an RFC 3339 text, UTC.
fn time(envelope: &EventEnvelope) -> String {
    envelope.recorded.occurred_at.unwrap_or(envelope.recorded.recorded_at).to_string()
}

/// One event; its day is said where it is another than its game's.
fn line(
    resource: &MatchResource,
    envelope: &EventEnvelope,
    fates: &BTreeMap<Seq, Fate>,
    game_day: &str,
) -> Markup {
    let recorded = &envelope.recorded;
    let fate = fates.get(&recorded.seq);
    let retracted = fate.and_then(|fate| fate.retracted_by);
    let amended = fate.and_then(|fate| fate.amended);
    let (text, to) = words(resource, &recorded.event);
    let time = time(envelope);
    let day = Some(phrases::day(&time)).filter(|day| day != game_day);
    let called = after(&recorded.event);
    let counted = match amended {
        Some((_, Outcome::Let { .. })) => None,
        Some((_, Outcome::Point { .. })) => fate.and_then(|fate| fate.score),
        None => called.map(|called| fate.and_then(|fate| fate.score).unwrap_or(called)),
    };
    html! {
        li id={ "event-" (recorded.seq.0) } data-retracted=(retracted.is_some()) data-amended=(amended.is_some())
            data-to=[to.map(super::scoreline::key)] {
            time datetime=(time) title=(time) { @if let Some(day) = day { (day) " " } (clock(&time)) }
            span.after { @if let Some(score) = counted { (score_words(score)) } }
            span.what {
                @if retracted.is_some() || amended.is_some() { del { (text) } } @else { (text) }
                @if let Some(called) = called.filter(|called| Some(*called) != counted) {
                    " " del.called { (score_words(called)) }
                }
                @if let Some((by, outcome)) = amended {
                    " " ins { (outcome_words(resource, outcome)) }
                    " " (link_to("amended", by))
                }
                @if let Some(by) = retracted { " " (link_to("taken back", by)) }
            }
        }
    }
}

fn score_words(score: Score) -> String {
    format!("{}–{}", score.home, score.away)
}

fn link_to(what: &str, seq: Seq) -> Markup {
    html! { a.cause href={ "#event-" (seq.0) } { (what) " by event " (seq.0) } }
}

/// Hours, minutes and seconds of an RFC 3339 text, UTC.
fn clock(time: &str) -> &str {
    time.get(11..19).unwrap_or(time)
}

fn after(event: &MatchEvent) -> Option<Score> {
    match event {
        MatchEvent::Law(Event::PointScored { after, .. }) => Some(after.score),
        MatchEvent::Law(Event::CardShown { after, penalty_points, .. }) if *penalty_points > 0 => {
            Some(after.score)
        }
        _ => None,
    }
}

fn outcome_words(resource: &MatchResource, outcome: Outcome) -> String {
    match outcome {
        Outcome::Point { to, how, strokes } => point(resource, to, how, strokes),
        Outcome::Let { reason } => a_let(reason),
    }
}

fn point(resource: &MatchResource, to: Side, how: Option<How>, strokes: Option<u16>) -> String {
    let how = match how {
        Some(How::Ace) => ", ace",
        Some(How::ServiceError) => ", service error",
        Some(How::NetRoller) => ", net",
        Some(How::Edge) => ", edge",
        Some(How::NetOrEdge) => ", net or edge",
        Some(How::ThirteenthReturn) => ", thirteenth return",
        Some(How::Ordinary) | None => "",
    };
    let strokes = match strokes {
        None => String::new(),
        Some(1) => ", 1 stroke".to_owned(),
        Some(n) => format!(", {n} strokes"),
    };
    format!("Point {}{how}{strokes}", phrases::side(resource, to))
}

fn a_let(reason: Option<LetReason>) -> String {
    let why = match reason {
        Some(LetReason::NetService) => ": service touched the net",
        Some(LetReason::NotReady) => ": receiver not ready",
        Some(LetReason::Disturbance) => ": disturbance",
        Some(LetReason::Interrupted) => ": interrupted",
        None => "",
    };
    format!("Let{why}")
}

fn words(resource: &MatchResource, event: &MatchEvent) -> (String, Option<Side>) {
    let plain = |text: &str| (text.to_owned(), None);
    match event {
        MatchEvent::Created(_) => plain("Match recorded"),
        MatchEvent::Moved(to) => match &to.table {
            Some(table) => (format!("Moved to table {table}"), None),
            None => plain("Moved"),
        },
        MatchEvent::ResultReported(result) => (format!("Result reported by {}", result.source), None),
        MatchEvent::StrokesRecorded(_) => plain("Strokes recorded"),
        MatchEvent::Unknown(_) => plain("Recorded by a later version of Topspin"),
        MatchEvent::Law(event) => law_words(resource, event),
    }
}

fn law_words(resource: &MatchResource, event: &Event) -> (String, Option<Side>) {
    let name = |side: Side| phrases::side(resource, side);
    let plain = |text: &str| (text.to_owned(), None);
    let of = |text: String| (text, None);
    match event {
        Event::PointScored { to, how, strokes, .. } => (point(resource, *to, *how, *strokes), Some(*to)),
        Event::LetCalled { reason } => of(a_let(*reason)),
        Event::Called {} => plain("Players called to the table"),
        Event::WarmUpStarted {} => plain("Warm-up"),
        Event::Chosen { first_server, .. } => of(format!("{} serves first", name(*first_server))),
        Event::GameStarted { game, server, .. } => of(format!("Game {game}, {} to serve", name(server.side))),
        Event::RallyStarted {} => plain("Ball in play"),
        Event::ServiceCorrected { server, .. } => {
            of(format!("Service corrected: {} serves", name(server.side)))
        }
        Event::EndsCorrected { .. } => plain("Ends corrected"),
        Event::ExpediteIntroduced { .. } => plain("Expedite system introduced"),
        Event::TimeOutTaken { side } => of(format!("Time-out {}", name(*side))),
        Event::TowelBreakTaken {} => plain("Towel break"),
        Event::Resumed {} => plain("Play resumed"),
        Event::Suspended { reason, .. } => of(format!("Play suspended: {}", phrases::suspension(*reason))),
        Event::CardShown { side, card, penalty_points, .. } => of(match penalty_points {
            0 => format!("{}: {}", name(*side), phrases::card(*card)),
            n => format!("{}: {}, penalty points: {n}", name(*side), phrases::card(*card)),
        }),
        Event::ReviewRequested { side } => of(format!("Video review asked by {}", name(*side))),
        Event::ReviewDecided { outcome, .. } => of(format!("Video review: {outcome:?}").to_lowercase()),
        Event::Retired { side, .. } => of(format!("{} retires", name(*side))),
        Event::WalkedOver { side } => of(format!("{} does not appear", name(*side))),
        Event::Disqualified { side, .. } => of(format!("{} is disqualified", name(*side))),
        Event::Postponed {} => plain("Postponed"),
        Event::Rescheduled {} => plain("New time"),
        Event::Cancelled {} => plain("Cancelled"),
        Event::Abandoned {} => plain("Abandoned"),
        Event::Retracted { seq } => of(format!("Correction: event {} taken back", seq.0)),
        Event::Reinstated { seq } => of(format!("Correction: event {} stands again", seq.0)),
        Event::Amended { seq, .. } => of(format!("Correction: event {} amended", seq.0)),
        Event::ScoreSet { games, .. } => {
            let games: Vec<String> = games.iter().map(|g| format!("{}–{}", g.home, g.away)).collect();
            of(format!("Correction: score set to {}", games.join(", ")))
        }
        Event::HandedOver { to } => of(format!("Scoring handed over to {}", to.as_str())),
        Event::ResultConfirmed {} => plain("Result confirmed by the referee"),
        Event::ResultProtested { side, .. } => of(format!("Protest by {}", name(*side))),
        Event::ResultReopened { reason } => of(format!("Result reopened: {}", reason.as_str())),
    }
}
