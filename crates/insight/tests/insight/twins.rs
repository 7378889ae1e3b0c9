//! Incremental equals recomputed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use topspin_event::{MatchId, RecordDecision, RecordList, Recorded, wire};
use topspin_insight::{
    Chronicle, MATCH_RATINGS, MATCH_STATISTICS, PLAYER_FORM, PLAYER_PROFILES, PLAYER_RATINGS, PLAYER_STROKES,
    RATING_LISTS, RECORD_NEWS, RECORDS, ScopeKind, Seasons, Settings, insight, strokes,
};

use crate::cluster::Cluster;
use crate::naive::{Around, Counted, Match, records};
use crate::profiles::{Seen, form, profiles};
use crate::ratings::{Contest, Rated, places, ratings};
use crate::references::{References, zones};
use crate::struck::{of_match, of_players};
use crate::world::{Chance, START, Scored, Size};

/// `TOPSPIN_SEED=7` for one history, `TOPSPIN_SEEDS=5000` for more of them.
#[test]
fn incremental_equals_recomputed_after_every_change() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("TOPSPIN_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TOPSPIN_SEEDS").unwrap_or(200),
    };
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut changes = 0;
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !seeds.contains(&seed) {
                return changes;
            }
            changes += std::panic::catch_unwind(|| history(seed)).unwrap_or_else(|cause| {
                eprintln!("the history of seed {seed}: TOPSPIN_SEED={seed} runs it again");
                std::panic::resume_unwind(cause)
            });
        }
    };
    let changes: usize = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        let ran =
            threads.map(|thread| thread.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)));
        ran.iter().sum()
    });
    println!("{changes} changes of {} histories compared", seeds.count());
}

/// What is said of a match is not stored: it is told again from its events. Whoever changes what the same events come to
/// raises `VERSION` in topology.rs, so that views are made anew, and pins the new hash here.
#[test]
fn the_same_events_come_to_the_same_facts_within_a_version() {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for seed in 0..40 {
        for (topic, view) in &lived(seed).0.cluster.views {
            for part in std::iter::once(topic.as_bytes())
                .chain(view.iter().flat_map(|(key, value)| [&key[..], value]))
            {
                hash = part
                    .iter()
                    .fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
            }
        }
    }
    assert_eq!(hash, 9_309_541_146_350_373_234, "other facts than in this version before");
}

/// Says in which lines two values differ.
fn same<T: std::fmt::Debug + PartialEq>(told: &T, counted: &T) {
    let lines = |value: &T| format!("{value:#?}").lines().map(str::to_owned).collect::<Vec<_>>();
    if told != counted {
        let (told, counted) = (lines(told), lines(counted));
        let at = told.iter().zip(&counted).position(|(a, b)| a != b).unwrap_or(0);
        let around = |lines: &[String]| lines[at.saturating_sub(12)..(at + 6).min(lines.len())].join("\n");
        let (kind, told, counted) = (told[0].clone(), around(&told), around(&counted));
        assert_eq!(told, counted, "{kind}");
    }
}

/// The world as a log has it, and the views of it.
struct Twin {
    cluster: Cluster,
    matches: Vec<Vec<Recorded>>,
    /// Each match, told event by event.
    chronicles: Vec<Chronicle>,
    /// Of each match, anew after each of its events.
    counted: Vec<Counted>,
    now: Option<i64>,
    references: References,
    /// Where reference data names no zone.
    zone: TimeZone,
}

fn history(seed: u64) -> usize {
    let (twin, changes) = lived(seed);
    twin.news();
    changes
}

fn lived(seed: u64) -> (Twin, usize) {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
    let settings = Settings {
        seasons: Seasons { first_month: 7, zone: zone.clone() },
        zones: zones(),
        scopes: ScopeKind::ALL.into(),
    };
    let mut chance = Chance(seed);
    let size = if chance.one_in(8) { Size::MANY_SHORT } else { Size::FEW_LONG };
    let mut twin = Twin {
        cluster: Cluster::new(&insight(&settings)),
        matches: Vec::new(),
        chronicles: Vec::new(),
        counted: Vec::new(),
        now: None,
        references: References::default(),
        zone,
    };
    let mut scored: Vec<Scored> = Vec::new();
    let mut changes = 0;
    for _ in 0..size.steps {
        for _ in 0..size.haste {
            if let Some(event) = scored.last_mut().and_then(|one| one.go_on(&mut chance)) {
                twin.event(scored.len() - 1, &event);
            }
        }
        let dice = chance.below(22);
        match dice {
            0 => twin.tick(&mut chance),
            20 => twin.refer(&mut chance),
            21 if !scored.is_empty() && chance.one_in(4) => {
                let index = chance.below(scored.len() as u64) as usize;
                let event = scored[index].go_elsewhere(&mut chance);
                twin.event(index, &event);
            }
            1..11 if dice <= size.begin && scored.len() < size.matches => {
                let one = Scored::new(scored.len() as u64, &size, &mut chance);
                twin.matches.push(Vec::new());
                twin.chronicles.push(Chronicle::default());
                twin.event(scored.len(), &one.events[0]);
                scored.push(one);
            }
            11 if chance.one_in(4) => twin.cluster.restart(),
            12 if !scored.is_empty() => {
                // The same event again.
                let index = chance.below(scored.len() as u64) as usize;
                let again = &scored[index].events[chance.below(scored[index].events.len() as u64) as usize];
                twin.send(again);
            }
            _ if scored.is_empty() => continue,
            _ => {
                let index = chance.below(scored.len() as u64) as usize;
                let Some(event) = scored[index].go_on(&mut chance) else { continue };
                twin.event(index, &event);
            }
        }
        twin.compare();
        changes += 1;
    }
    (twin, changes)
}

impl Twin {
    fn tick(&mut self, chance: &mut Chance) {
        const HOUR: i64 = 3_600_000;
        let pass = match chance.below(4) {
            0 => 40 * 24 * HOUR,
            1 => HOUR,
            _ => 60_000,
        };
        let now = self.now.map_or(START - 400 * 24 * HOUR, |now| now + chance.below(pass as u64) as i64);
        // Two years after the leap day zones do not agree which day it is that leaves the window.
        let leap = START + (chance.below(72) as i64 - 24) * HOUR;
        let now = if chance.one_in(4) { now.max(leap) } else { now };
        self.now = Some(now);
        self.cluster.tick(now);
    }

    fn event(&mut self, index: usize, event: &Recorded) {
        self.matches[index].push(event.clone());
        let one = Match::of(&self.matches[index]);
        self.chronicles[index].fold(event);
        same(&strokes(&self.chronicles[index]), &Some(of_match(&one)));
        let counted = one.counted();
        self.counted.splice(index..self.counted.len().min(index + 1), [counted]);
        self.send(event);
    }

    fn refer(&mut self, chance: &mut Chance) {
        let (key, item) = self.references.change(chance);
        let value = item.map(|item| wire::encode_reference(&item));
        self.cluster.record("reference", key.as_bytes(), value.as_deref(), 0);
    }

    fn send(&mut self, event: &Recorded) {
        let key = event.match_id.to_string();
        let value = wire::encode_recorded(event).expect("a known event");
        self.cluster.record("match-events", key.as_bytes(), Some(&value), event.recorded_at.as_millis());
    }

    fn compare(&self) {
        let told = self.cluster.views.get(MATCH_STATISTICS).into_iter().flatten();
        let told: BTreeMap<MatchId, _> = told
            .map(|(_, value)| wire::decode_match_statistics(value).expect("statistics"))
            .map(|told| (told.match_id, told))
            .collect();
        assert_eq!(told.len(), self.counted.len(), "each match has statistics");
        for expected in self.counted.iter().map(|one| &one.statistics) {
            same(&told[&expected.match_id], expected);
        }
        let lists: BTreeMap<String, RecordList> = self
            .cluster
            .views
            .get(RECORDS)
            .into_iter()
            .flatten()
            .map(|(key, value)| {
                let key = String::from_utf8(key.clone()).expect("text");
                (key, wire::decode_record_list(value).expect("a list"))
            })
            .collect();
        let rated = self.rated();
        let expected = self.records(&rated);
        for (key, list) in &expected {
            assert!(lists.contains_key(key), "{key}: {list:?}");
            same(&lists[key], list);
        }
        assert_eq!(lists.len(), expected.len(), "lists that should not be there");
        let zone = |one: &Counted| self.references.zone_of(&one.meta, &self.zone);
        let seen =
            self.counted.iter().flat_map(|one| one.seen.iter().map(move |seen| (seen.clone(), zone(one))));
        let seen: Vec<(Seen, TimeZone)> = seen.collect();
        let told = self.view(PLAYER_PROFILES, |value| wire::decode_player_profile(value).expect("a profile"));
        same(&told, &profiles(&seen, self.now));
        let told = self.view(PLAYER_FORM, |value| wire::decode_player_form(value).expect("a form"));
        same(&told, &form(&seen));
        let told = self.view(PLAYER_RATINGS, |value| wire::decode_player_rating(value).expect("a rating"));
        same(&told, &rated.players);
        let told = self.view(MATCH_RATINGS, |value| wire::decode_match_ratings(value).expect("ratings"));
        same(&told, &rated.matches);
        assert!(self.cluster.views.get(RATING_LISTS).is_none_or(BTreeMap::is_empty), "all is found");
        let told = self.view(PLAYER_STROKES, |value| wire::decode_player_strokes(value).expect("strokes"));
        let struck =
            self.counted.iter().flat_map(|one| one.struck.iter().map(move |struck| (struck, zone(one))));
        same(&told, &of_players(struck, self.now));
    }

    fn contests(&self) -> Vec<Contest> {
        self.counted.iter().filter_map(|one| one.contest.clone()).collect()
    }

    fn records(&self, rated: &Rated) -> BTreeMap<String, RecordList> {
        let others = places(&self.contests(), rated, &self.references);
        let around = Around { others, references: &self.references, default: &self.zone };
        records(&self.counted, self.now, around)
    }

    fn rated(&self) -> Rated {
        ratings(&self.contests(), (&self.references, &self.zone))
    }

    fn view<T>(&self, topic: &str, read: impl Fn(&[u8]) -> T) -> BTreeMap<String, T> {
        let records = self.cluster.views.get(topic).into_iter().flatten();
        records.map(|(key, value)| (String::from_utf8(key.clone()).expect("text"), read(value))).collect()
    }

    /// What was decided and not withdrawn is what holds.
    fn news(&self) {
        let mut open: BTreeMap<String, RecordDecision> = BTreeMap::new();
        let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
        for record in self.cluster.streams.get(RECORD_NEWS).into_iter().flatten() {
            let news = wire::decode_record_decision(record).expect("news");
            let key = format!("{}/{}/{}", news.metric, news.scope, news.window);
            if news.withdrawn {
                let of = open.remove(&key).expect("it was decided");
                assert_eq!((of.id, &of.holders), (news.id, &news.holders));
            } else {
                let number = numbers.entry(key.clone()).or_default();
                *number += 1;
                assert_eq!(news.id, *number, "without gaps");
                assert!(open.insert(key, news).is_none(), "one at a time");
            }
        }
        let rated = self.rated();
        for (key, list) in self.records(&rated) {
            let best = list.entries[0].value;
            let holders: Vec<_> = list.entries.into_iter().filter(|entry| entry.value == best).collect();
            assert_eq!(open.remove(&key).map(|news| news.holders), Some(holders), "{key}");
        }
        assert!(open.is_empty(), "records that nobody holds: {open:?}");
    }
}
