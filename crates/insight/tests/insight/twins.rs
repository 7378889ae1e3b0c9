//! Incremental equals recomputed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use topspin_event::{MatchId, RecordDecision, RecordList, Recorded, wire};
use topspin_insight::{
    MATCH_STATISTICS, PLAYER_FORM, PLAYER_PROFILES, RECORD_NEWS, RECORDS, ScopeKind, Seasons, Settings,
    insight,
};

use crate::cluster::Cluster;
use crate::naive::{Counted, Match, records};
use crate::profiles::{Seen, form, profiles};
use crate::world::{Chance, START, Scored};

/// Steps of one history, and the matches in it.
const STEPS: usize = 400;
const MATCHES: usize = 6;

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
    assert_eq!(hash, 6_710_592_629_826_528_079, "other facts than in this version before");
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
    /// Of each match, anew after each of its events.
    counted: Vec<Counted>,
    now: Option<i64>,
    zone: TimeZone,
}

fn history(seed: u64) -> usize {
    let (twin, changes) = lived(seed);
    twin.news();
    changes
}

fn lived(seed: u64) -> (Twin, usize) {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
    let settings =
        Settings { seasons: Seasons { first_month: 7, zone: zone.clone() }, scopes: ScopeKind::ALL.into() };
    let mut chance = Chance(seed);
    let mut twin = Twin {
        cluster: Cluster::new(&insight(&settings)),
        matches: Vec::new(),
        counted: Vec::new(),
        now: None,
        zone,
    };
    let mut scored: Vec<Scored> = Vec::new();
    let mut changes = 0;
    for _ in 0..STEPS {
        match chance.below(20) {
            0 => twin.tick(&mut chance),
            1 if scored.len() < MATCHES => {
                let one = Scored::new(scored.len() as u64, &mut chance);
                twin.matches.push(Vec::new());
                twin.event(scored.len(), &one.events[0]);
                scored.push(one);
            }
            2 if chance.one_in(4) => twin.cluster.restart(),
            3 if !scored.is_empty() => {
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
        let pass = match chance.below(4) {
            0 => 40 * 24 * 3_600_000,
            1 => 3_600_000,
            _ => 60_000,
        };
        let now = self.now.map_or(START - 400 * 24 * 3_600_000, |now| now + chance.below(pass) as i64);
        self.now = Some(now);
        self.cluster.tick(now);
    }

    fn event(&mut self, index: usize, event: &Recorded) {
        self.matches[index].push(event.clone());
        let counted = Match::of(&self.matches[index]).counted();
        self.counted.splice(index..self.counted.len().min(index + 1), [counted]);
        self.send(event);
    }

    fn send(&mut self, event: &Recorded) {
        let key = event.match_id.to_string();
        let value = wire::encode_recorded(event).expect("a known event");
        self.cluster.record("match-events", key.as_bytes(), &value, event.recorded_at.as_millis());
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
        let expected = records(&self.counted, self.now, &self.zone);
        for (key, list) in &expected {
            assert!(lists.contains_key(key), "{key}: {list:?}");
            same(&lists[key], list);
        }
        assert_eq!(lists.len(), expected.len(), "lists that should not be there");
        let seen: Vec<Seen> = self.counted.iter().flat_map(|one| one.seen.clone()).collect();
        let told = self.view(PLAYER_PROFILES, |value| wire::decode_player_profile(value).expect("a profile"));
        same(&told, &profiles(&seen, self.now, &self.zone));
        let told = self.view(PLAYER_FORM, |value| wire::decode_player_form(value).expect("a form"));
        same(&told, &form(&seen));
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
        for (key, list) in records(&self.counted, self.now, &self.zone) {
            let best = list.entries[0].value;
            let holders: Vec<_> = list.entries.into_iter().filter(|entry| entry.value == best).collect();
            assert_eq!(open.remove(&key).map(|news| news.holders), Some(holders), "{key}");
        }
        assert!(open.is_empty(), "records that nobody holds: {open:?}");
    }
}
