//! Every card that stands is true, none is left standing, and nobody is talked to death: seen by counting anew.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use topspin_event::{
    CardSubject, ComparisonCard, MatchCard, MatchId, RecordCard, RecordEntry, Recorded, Tally, Timestamp,
    wire,
};
use topspin_insight::limits::{
    CARD_EVERY_RALLIES, CARD_FRESH_MS, CARD_PLACES, CARD_RIVALS, CARD_SINCE_MS, CARDS_KEPT, CARDS_OPEN,
};
use topspin_insight::{CARD_NEWS, MATCH_CARDS, ScopeKind, Settings, insight};
use topspin_laws::Side;

use crate::cluster::Cluster;
use crate::naive::{Around, Counted, Match, all_marks};
use crate::profiles::Tonight;
use crate::ratings::{Contest, places, ratings};
use crate::references::References;
use crate::world::{Chance, START, Scored, Size};

const STEPS: usize = 1_500;
const MATCHES: usize = 10;

/// `TOPSPIN_SEED=7` for one history, `TOPSPIN_SEEDS=500` for more of them.
#[test]
fn cards_that_stand_are_true_and_neither_too_many_nor_too_fast() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("TOPSPIN_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TOPSPIN_SEEDS").map_or(12, |seeds| seeds.div_ceil(10)),
    };
    let mut seen = BTreeMap::new();
    let many = seeds.clone().count();
    for seed in seeds {
        let told = std::panic::catch_unwind(|| history(seed)).unwrap_or_else(|cause| {
            eprintln!("the history of seed {seed}: TOPSPIN_SEED={seed} runs it again");
            std::panic::resume_unwind(cause)
        });
        for card in &told {
            let reason = card.withdrawn.as_ref().map_or("", |end| end.reason.as_str());
            *seen.entry(format!("{} {reason}", kind(&card.subject))).or_insert(0) += 1;
        }
    }
    eprintln!("{seen:#?}");
    if many >= 10 {
        for expected in [
            "record ",
            "record untrue",
            "comparison ",
            "comparison untrue",
            "comparison past",
            "points_in_a_row untrue",
        ] {
            assert!(seen.contains_key(expected), "these histories are to have {expected:?}: {seen:?}");
        }
        assert!(seen.keys().any(|kind| kind.ends_with("outdone")), "{seen:?}");
    }
}

fn kind(subject: &CardSubject) -> &str {
    match subject {
        CardSubject::Record(_) => "record",
        CardSubject::Comparison(_) => "comparison",
        CardSubject::Course(course) => &course.kind,
    }
}

/// What a card is about.
fn topic(subject: &CardSubject) -> String {
    let of = |name: &str, side: Option<Side>| format!("{name} {side:?}");
    match subject {
        CardSubject::Record(record) => match record.metric.as_str() {
            "points_in_a_row" => of("run", record.entry.side),
            "largest_comeback" => of("turned", record.entry.side),
            "winning_run" => of("wins", record.entry.side),
            "upset" => "upset".to_owned(),
            "highest_deuce" => "game".to_owned(),
            metric => metric.split('_').nth(1).expect("longest_<what>_<unit>").to_owned(),
        },
        CardSubject::Comparison(compared) => of("compared", Some(compared.side)),
        CardSubject::Course(course) => match course.kind.as_str() {
            "points_in_a_row" => of("run", course.side),
            "game_turned" => of("turned", course.side),
            "long_game" => "game".to_owned(),
            "match_points_saved" | "won_after_match_points" => of("match points", course.side),
            "time_out" => format!("time_out {:?}", course.seqs[0]),
            "game_to_love" => format!("to love {:?} {}", course.side, course.game),
            kind => of(kind, course.side),
        },
    }
}

struct World {
    cluster: Cluster,
    matches: Vec<Vec<Recorded>>,
    counted: Vec<Counted>,
    now: Option<i64>,
    zone: TimeZone,
    /// How far the decisions were read.
    read: usize,
    told: Vec<MatchCard>,
    cards: BTreeMap<MatchId, Vec<MatchCard>>,
    /// Of each match, the rallies there were when something new was told last.
    told_at: BTreeMap<MatchId, u32>,
}

fn history(seed: u64) -> Vec<MatchCard> {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
    let settings = Settings { scopes: ScopeKind::ALL.into(), ..Settings::in_zone(zone.clone()) };
    let mut world = World {
        cluster: Cluster::new(&insight(&settings)),
        matches: Vec::new(),
        counted: Vec::new(),
        now: None,
        zone,
        read: 0,
        told: Vec::new(),
        cards: BTreeMap::new(),
        told_at: BTreeMap::new(),
    };
    let mut chance = Chance(seed);
    let mut scored: Vec<Scored> = Vec::new();
    for step in 0..STEPS {
        let index = match chance.below(30) {
            0 => {
                let pass = [60_000, 40 * 24 * 3_600_000][chance.below(2) as usize];
                let now = world.now.map_or(START, |now| now + chance.below(pass) as i64);
                world.now = Some(now);
                world.cluster.tick(now);
                world.check(None);
                continue;
            }
            1 => {
                world.cluster.restart();
                continue;
            }
            2 | 3
                if scored.len() < MATCHES && (seed % 4 == 1 || scored.last().is_none_or(Scored::is_over)) =>
            {
                let number = scored.len() as u64;
                let one = match chance.below(2) {
                    _ if seed.is_multiple_of(2) => Scored::rivals(number, &mut chance),
                    0 => Scored::new(number, &Size::FEW_LONG, &mut chance),
                    _ => Scored::long(number, &mut chance),
                };
                world.matches.push(Vec::new());
                world.event(scored.len(), &one.events[0]);
                scored.push(one);
                scored.len() - 1
            }
            _ if scored.is_empty() => continue,
            // Mostly the latest goes on; an older one is corrected.
            draw => {
                let index =
                    if draw < 8 { chance.below(scored.len() as u64) as usize } else { scored.len() - 1 };
                let Some(event) = scored[index].go_on(&mut chance) else { continue };
                world.event(index, &event);
                index
            }
        };
        if step % 4 == 0 || world.has_news() {
            world.check(Some(index));
        }
    }
    world.told
}

impl World {
    fn event(&mut self, index: usize, event: &Recorded) {
        self.matches[index].push(event.clone());
        let counted = Match::of(&self.matches[index]).counted();
        self.counted.splice(index..self.counted.len().min(index + 1), [counted]);
        let key = event.match_id.to_string();
        let value = wire::encode_recorded(event).expect("a known event");
        self.cluster.record("match-events", key.as_bytes(), Some(&value), event.recorded_at.as_millis());
    }

    fn has_news(&self) -> bool {
        self.cluster.streams.get(CARD_NEWS).is_some_and(|news| news.len() > self.read)
    }

    /// After a change: of a match, or of the clock.
    fn check(&mut self, changed: Option<usize>) {
        let holding = self.holding();
        let news = self.cluster.streams.get(CARD_NEWS).map_or(&[][..], |news| &news[self.read..]);
        let news: Vec<MatchCard> =
            news.iter().map(|card| wire::decode_match_card(card).expect("a card")).collect();
        self.read += news.len();
        for (index, card) in news.iter().enumerate() {
            self.take(card, &news[..index]);
            let holds = holding.get(&card.match_id).is_some_and(|all| contains(all, &card.subject));
            // A tick comes to each partition by itself, and profiles a moment after the match.
            let is_whole = changed.is_some() && !matches!(card.subject, CardSubject::Comparison(_));
            if is_whole && card.withdrawn.as_ref().is_some_and(|end| end.reason == "untrue") {
                assert!(!holds, "it holds still: {card:?}");
            }
        }
        self.told.extend(news);
        let none = Vec::new();
        for (id, cards) in &self.cards {
            let open: Vec<&MatchCard> = cards.iter().filter(|card| card.withdrawn.is_none()).collect();
            assert!(open.len() <= CARDS_OPEN, "{open:?}");
            let all = holding.get(id).unwrap_or(&none);
            for card in &open {
                assert!(contains(all, &card.subject), "it does not hold: {card:?} of {all:#?}");
            }
            let topics: BTreeSet<String> = open.iter().map(|card| topic(&card.subject)).collect();
            assert_eq!(topics.len(), open.len(), "one thing twice: {open:?}");
        }
        if let Some(index) = changed {
            self.nothing_waits(index, &holding);
        }
        self.views();
    }

    /// A decision, which follows others of the same change.
    fn take(&mut self, card: &MatchCard, before: &[MatchCard]) {
        let cards = self.cards.entry(card.match_id).or_default();
        if let Some(end) = &card.withdrawn {
            let told = cards.iter_mut().find(|told| told.id == card.id).expect("it was told");
            assert!(told.withdrawn.is_none() && told.subject == card.subject, "{told:?} {card:?}");
            assert!(["untrue", "outdone", "past"].contains(&end.reason.as_str()));
            assert!(end.reason != "past" || matches!(card.subject, CardSubject::Comparison(_)), "{card:?}");
            *told = card.clone();
            return;
        }
        assert_eq!(card.id, cards.iter().map(|card| card.id).max().unwrap_or(0) + 1, "without gaps");
        cards.push(card.clone());
        let follows = before.iter().any(|before| {
            before.withdrawn.as_ref().is_some_and(|end| end.moment == card.told)
                && before.match_id == card.match_id
                && topic(&before.subject) == topic(&card.subject)
        });
        if follows {
            return;
        }
        let events = self.matches.iter().find(|events| events[0].match_id == card.match_id).expect("a match");
        let then = Match::of(&events[..card.told.seq.0 as usize]).counted();
        let told_at = self.told_at.get(&card.match_id).copied();
        assert!(
            then.is_over || told_at.is_none_or(|told| then.rallies as u32 >= told + CARD_EVERY_RALLIES),
            "too fast: {card:?} with {} rallies, after {told_at:?}, {cards:#?}",
            then.rallies
        );
        let heard =
            events[..card.told.seq.0 as usize].iter().map(|event| event.recorded_at.as_millis()).max();
        assert!(Some(card.told.at.as_millis()) <= heard.map(|heard| heard + CARD_FRESH_MS), "{card:?}");
        self.told_at.insert(card.match_id, told_at.unwrap_or(0).max(then.rallies as u32));
    }

    /// Where it is time and there is room, nothing is kept back.
    fn nothing_waits(&self, index: usize, holding: &BTreeMap<MatchId, Vec<CardSubject>>) {
        let (id, counted) = (self.matches[index][0].match_id, &self.counted[index]);
        let times = self.matches[index].iter().map(|event| event.recorded_at.as_millis());
        let is_fresh = times.clone().next_back() == times.max();
        let told_at = self.told_at.get(&id).copied();
        let is_time =
            counted.is_over || told_at.is_none_or(|told| counted.rallies as u32 >= told + CARD_EVERY_RALLIES);
        let open: BTreeSet<String> = self
            .cards
            .get(&id)
            .into_iter()
            .flatten()
            .filter(|card| card.withdrawn.is_none())
            .map(|card| topic(&card.subject))
            .collect();
        if !is_fresh || !is_time || open.len() == CARDS_OPEN {
            return;
        }
        for subject in holding.get(&id).into_iter().flatten() {
            assert!(open.contains(&topic(subject)), "nobody is told: {subject:?}, only {open:?}");
        }
    }

    fn views(&self) {
        for (id, cards) in &self.cards {
            let view = &self.cluster.views[MATCH_CARDS][id.to_string().as_bytes()];
            let view = wire::decode_match_cards(view).expect("cards").cards;
            let withdrawn = cards.iter().filter(|card| card.withdrawn.is_some()).count();
            assert!(view.len() <= CARDS_OPEN + CARDS_KEPT);
            assert!(view.iter().all(|card| cards.contains(card)));
            assert_eq!(view.len(), cards.len() - withdrawn + withdrawn.min(CARDS_KEPT));
        }
    }

    /// What could be told of each match.
    fn holding(&self) -> BTreeMap<MatchId, Vec<CardSubject>> {
        let mut holding: BTreeMap<MatchId, Vec<CardSubject>> = BTreeMap::new();
        for card in records(&self.counted, self.now, &self.zone) {
            holding.entry(card.entry.match_id).or_default().push(CardSubject::Record(card));
        }
        for one in &self.counted {
            let happened = one.happened.iter().cloned().map(CardSubject::Course);
            holding.entry(one.statistics.match_id).or_default().extend(happened);
        }
        for (id, card) in compared(&self.counted, self.now, &self.zone) {
            holding.entry(id).or_default().push(CardSubject::Comparison(card));
        }
        holding
    }
}

fn contains(all: &[CardSubject], subject: &CardSubject) -> bool {
    let CardSubject::Comparison(card) = subject else { return all.contains(subject) };
    all.iter().any(|other| {
        let CardSubject::Comparison(other) = other else { return false };
        // The last digit is the rounding's.
        (other.evidence - card.evidence).abs() <= 1
            && ComparisonCard { evidence: card.evidence, ..other.clone() } == *card
    })
}

/// Of all marks of all matches: the first of each list that no later one equals, and since when.
fn records(counted: &[Counted], now: Option<i64>, zone: &TimeZone) -> Vec<RecordCard> {
    let millis = |entry: &RecordEntry| entry.at.map(Timestamp::as_millis);
    let mut cards = Vec::new();
    let references = References::default();
    let contests: Vec<Contest> = counted.iter().filter_map(|one| one.contest.clone()).collect();
    let others = places(&contests, &ratings(&contests, (&references, zone)), &references);
    let around = Around { others, references: &references, default: zone };
    for list in all_marks(counted, now, around).into_values() {
        let others: BTreeSet<MatchId> = list.entries.iter().take(10).map(|entry| entry.match_id).collect();
        let personal = list.scope.starts_with("player") || list.scope.starts_with("pair");
        let places = if personal { 1 } else { CARD_PLACES };
        let told_of_persons = [
            "points_in_a_row",
            "largest_comeback",
            "longest_rally_strokes",
            "longest_match_points",
            "winning_run",
        ];
        if personal && !(list.window == "all_time" && told_of_persons.contains(&list.metric.as_str())) {
            continue;
        }
        let minutes = 60_000;
        let believed = match list.metric.as_str() {
            "points_in_a_row" => 6..=i64::MAX,
            "largest_comeback" | "winning_run" => 5..=i64::MAX,
            "upset" if !personal => 100..=i64::MAX,
            "longest_game_time" => 0..=45 * minutes,
            "longest_match_time" => 0..=90 * minutes,
            _ => 0..=i64::MAX,
        };
        for (index, entry) in list.entries.iter().enumerate().take(places) {
            let Some(at) = millis(entry).filter(|_| others.len() > CARD_RIVALS) else { continue };
            let rivals = list.entries.iter().enumerate().filter(|(other, _)| *other != index);
            let rivals: Vec<&RecordEntry> =
                rivals.map(|(_, rival)| rival).filter(|rival| rival.value >= entry.value).collect();
            let older = |rival: &&RecordEntry| {
                rival.match_id != entry.match_id && millis(rival).is_some_and(|before| before < at)
            };
            let since = rivals.iter().copied().max_by_key(|rival| (millis(rival), rival.value));
            let long_ago = since.and_then(millis).is_none_or(|since| at - since >= CARD_SINCE_MS);
            if rivals.iter().all(older) && long_ago && believed.contains(&entry.value) {
                cards.push(RecordCard {
                    metric: list.metric.clone(),
                    scope: list.scope.clone(),
                    window: list.window.clone(),
                    place: index as u32 + 1,
                    entry: *entry,
                    since: since.copied(),
                });
            }
        }
    }
    cards
}

/// The latest singles of each player beside the last 24 months without it.
fn compared(counted: &[Counted], now: Option<i64>, zone: &TimeZone) -> Vec<(MatchId, ComparisonCard)> {
    let Some(now) = now else { return Vec::new() };
    let local = jiff::Timestamp::from_millisecond(now).expect("a time").to_zoned(zone.clone());
    let oldest = local.checked_sub(24.months()).expect("a time").timestamp().as_millisecond();
    let mut latest: BTreeMap<_, (&Tonight, (bool, i64, MatchId))> = BTreeMap::new();
    for tonight in counted.iter().flat_map(|one| &one.tonight) {
        let at = tonight.seen.result.at.map(Timestamp::as_millis);
        let order = (at.is_some(), at.unwrap_or(0), tonight.seen.result.match_id);
        let entry = latest.entry(tonight.seen.player).or_insert((tonight, order));
        if order > entry.1 {
            *entry = (tonight, order);
        }
    }
    let mut cards = Vec::new();
    for (player_id, (tonight, (_, _, match_id))) in latest {
        let others = counted.iter().flat_map(|one| &one.seen).filter(|seen| {
            let at = seen.result.at.map(Timestamp::as_millis);
            seen.player == player_id
                && seen.result.match_id != match_id
                && at.is_some_and(|at| oldest < at && at <= now)
        });
        let mut history: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for (aspect, won, of) in others.flat_map(|seen| &seen.aspects) {
            let sum = history.entry(aspect).or_default();
            *sum = (sum.0 + won, sum.1 + of);
        }
        let whole = tonight.seen.aspects.iter().filter(|(name, _, _)| !["matches", "games"].contains(name));
        let whole = whole.map(|(name, won, of)| (0, *name, *won, *of));
        let of_game = tonight.of_game.iter().map(|(name, won, of)| (tonight.game, *name, *won, *of));
        let enough = (f64::from(2 * (12 + 3 * u32::from(tonight.best_of))) * 0.5).log2();
        for (game, aspect, won, of) in whole.chain(of_game) {
            let (before_won, before_of) = history.get(aspect).copied().unwrap_or_default();
            let bits = bits((won, of), (before_won, before_of));
            if of > 0 && before_of >= 40 && bits >= enough - 0.0005 {
                let card = ComparisonCard {
                    side: tonight.side,
                    player_id,
                    aspect: aspect.to_owned(),
                    game,
                    tonight: Tally { won, of },
                    history: Tally { won: before_won, of: before_of },
                    evidence: (bits * 1_000.0).round() as i64,
                };
                cards.push((match_id, card));
            }
        }
    }
    cards
}

/// By how many bits tonight speaks for a rate of its own: rally by rally.
fn bits((won, of): (u32, u32), (before_won, before_of): (u32, u32)) -> f64 {
    let known = 1.0 / (f64::from(before_of) + 2.0) + 1.0 / 120.0;
    let weight = 1.0 / known;
    let rate = (f64::from(before_won) + 1.0) / (f64::from(before_of) + 2.0);
    // How likely the next rally is won, or lost, after so many.
    let mut bits = 0.0;
    for so_far in 0..of {
        let (is_won, wins) = if so_far < won { (true, so_far) } else { (false, won) };
        let next = |from: f64, weight: f64| {
            let wins = (from + f64::from(wins)) / (weight + f64::from(so_far));
            if is_won { wins } else { 1.0 - wins }
        };
        bits += next(1.0, 2.0).log2() - next(rate * weight, weight).log2();
    }
    bits
}
