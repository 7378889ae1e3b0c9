//! The totals of players, by differences and by counting.

use std::collections::BTreeMap;
use std::sync::Arc;

use expect_test::expect;
use proptest::prelude::*;
use topspin_event::{
    Chain, Entry, Epoch, Lease, MatchId, MatchMeta, MatchSnapshot, OrgId, PlayerId, PlayerTotals, Seq,
    StateHash, Timestamp, canonical_facts, wire,
};
use topspin_insight::player_totals;
use topspin_laws::{Both, Discipline, Format, Setup, Side, State};
use topspin_stream::memory::Memory;
use topspin_stream::{CauseId, Emit, Input, Instance, Output, Time};
use uuid::Uuid;

/// What a match says of itself at one moment.
#[derive(Debug, Clone)]
struct Said {
    number: u128,
    home: Vec<u128>,
    away: Vec<u128>,
    games: Vec<(u16, u16)>,
    score: (u8, u8),
    winner: Option<Side>,
}

fn snapshot(said: &Said) -> MatchSnapshot {
    let format = Format::ittf(Discipline::Singles, 5);
    let entry = |players: &[u128]| Entry {
        name: None,
        players: players.iter().map(|player| PlayerId(Uuid::from_u128(*player))).collect(),
    };
    let carried = Both { home: Vec::new(), away: Vec::new() };
    let mut facts = State::new(Setup { format: format.clone(), carried_cards: carried.clone() }).facts();
    facts.games = said.games.iter().map(|(home, away)| Both { home: *home, away: *away }).collect();
    facts.score = Both { home: said.score.0, away: said.score.1 };
    facts.winner = said.winner;
    let state = canonical_facts(&facts);
    MatchSnapshot {
        meta: Arc::new(MatchMeta {
            id: MatchId(Uuid::from_u128(said.number)),
            org: OrgId(Uuid::nil()),
            external_ids: Vec::new(),
            competition_id: None,
            category: None,
            tie_id: None,
            venue_id: None,
            table: None,
            scheduled_at: None,
            format,
            sides: Both { home: entry(&said.home), away: entry(&said.away) },
            carried_cards: carried,
            created_at: Timestamp::EPOCH,
        }),
        facts,
        state_hash: StateHash::of(&state),
        state: state.into(),
        reported_result: None,
        epoch: Epoch(1),
        lease: Lease(1),
        lease_holder: None,
        seq: Seq(1),
        stable_seq: Seq(1),
        chain: Chain::START,
        laws_version: 1,
        updated_at: Timestamp::EPOCH,
    }
}

/// One partition of everything, in memory.
struct World {
    parts: Vec<(Instance, Memory)>,
    view: BTreeMap<Vec<u8>, Vec<u8>>,
    causes: u64,
}

#[derive(Default)]
struct Kept(Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Emit for Kept {
    fn emit(&mut self, output: Output<'_>) {
        self.0.push((output.key.to_vec(), output.value.map(<[u8]>::to_vec)));
    }
}

impl World {
    fn new() -> Self {
        let topology = player_totals();
        let parts = topology.subtopologies().iter();
        let parts = parts.map(|part| (part.instantiate(), Memory::new(part.stores().len()))).collect();
        World { parts, view: BTreeMap::new(), causes: 0 }
    }

    fn say(&mut self, number: u128, value: Option<&[u8]>) {
        self.causes += 1;
        let cause = CauseId::new(&self.causes.to_be_bytes()).expect("short");
        let key = Uuid::from_u128(number).to_string().into_bytes();
        let mut records = vec![(key, value.map(<[u8]>::to_vec))];
        for (instance, state) in &mut self.parts {
            let mut next = Kept::default();
            for (key, value) in &records {
                let (key, value) = (Some(key.as_slice()), value.as_deref());
                let input = Input {
                    source: 0,
                    key,
                    value,
                    headers: &[],
                    timestamp: Time(0),
                    sequence: self.causes,
                    cause,
                };
                let _ = instance.process(input, state, &mut next).expect("processed");
            }
            records = next.0;
        }
        for (key, value) in records {
            match value {
                Some(value) => self.view.insert(key, value),
                None => self.view.remove(&key),
            };
        }
    }

    fn totals(&self) -> Vec<PlayerTotals> {
        let read = |value: &Vec<u8>| wire::decode_player_totals(value).expect("readable");
        self.view.values().map(read).collect()
    }
}

/// The same, counted anew from what the matches say now.
fn counted(matches: &BTreeMap<u128, Said>) -> Vec<PlayerTotals> {
    let mut players = BTreeMap::new();
    for said in matches.values() {
        let sides = [(Side::Home, &said.home), (Side::Away, &said.away)];
        for (side, player) in
            sides.iter().flat_map(|(side, players)| players.iter().map(move |it| (*side, *it)))
        {
            let mine = |home: i64, away: i64| if side == Side::Home { (home, away) } else { (away, home) };
            let home: i64 = said.games.iter().map(|game| i64::from(game.0)).sum();
            let away: i64 = said.games.iter().map(|game| i64::from(game.1)).sum();
            if home + away == 0 && said.winner.is_none() {
                continue;
            }
            let id = PlayerId(Uuid::from_u128(player));
            let nothing = PlayerTotals {
                player_id: id,
                matches: 0,
                matches_won: 0,
                matches_lost: 0,
                games_won: 0,
                games_lost: 0,
                points_won: 0,
                points_lost: 0,
            };
            let totals = players.entry(id.to_string()).or_insert(nothing);
            let (points, games) = (mine(home, away), mine(said.score.0.into(), said.score.1.into()));
            totals.matches += 1;
            totals.matches_won += i64::from(said.winner == Some(side));
            totals.matches_lost += i64::from(said.winner.is_some_and(|winner| winner != side));
            (totals.games_won, totals.games_lost) = (totals.games_won + games.0, totals.games_lost + games.1);
            (totals.points_won, totals.points_lost) =
                (totals.points_won + points.0, totals.points_lost + points.1);
        }
    }
    players.into_values().collect()
}

fn said() -> impl Strategy<Value = Said> {
    let players = || prop::collection::vec(1_u128..6, 1..3);
    let games = prop::collection::vec((0_u16..15, 0_u16..15), 0..4);
    let winner = prop_oneof![Just(None), Just(Some(Side::Home)), Just(Some(Side::Away))];
    (1_u128..5, players(), players(), games, (0_u8..4, 0_u8..4), winner).prop_map(
        |(number, home, away, games, score, winner)| Said { number, home, away, games, score, winner },
    )
}

proptest! {
    #[test]
    fn differences_come_to_what_counting_gives(
        history in prop::collection::vec((said(), prop::bool::weighted(0.1)), 1..60),
    ) {
        let (mut world, mut matches) = (World::new(), BTreeMap::new());
        for (said, gone) in history {
            if gone {
                matches.remove(&said.number);
                world.say(said.number, None);
            } else {
                world.say(said.number, Some(&wire::encode_snapshot(&snapshot(&said))));
                matches.insert(said.number, said);
            }
            prop_assert_eq!(world.totals(), counted(&matches));
        }
    }
}

#[test]
fn a_corrected_point_is_as_if_it_had_never_been_otherwise() {
    let before =
        Said { number: 1, home: vec![1], away: vec![2], games: vec![(10, 9)], score: (0, 0), winner: None };
    let after = Said { games: vec![(11, 9)], score: (1, 0), ..before.clone() };
    let (mut corrected, mut straight) = (World::new(), World::new());
    for said in [&before, &after, &before] {
        corrected.say(1, Some(&wire::encode_snapshot(&snapshot(said))));
    }
    straight.say(1, Some(&wire::encode_snapshot(&snapshot(&before))));
    assert_eq!(corrected.totals(), straight.totals());
    assert_eq!(corrected.parts[1].1.entries(0), straight.parts[1].1.entries(0));
}

#[test]
fn the_topology_names_its_topics_stores_and_operators() {
    expect![[r#"
        player-totals, version 2

        subtopology matches
          matches: from table [matches]
          └─ lines: flat map
             └─ lines-by-player: to repartition

        subtopology lines-by-player
          lines-by-player: from repartition
          └─ totals: aggregate [totals]
             └─ player-totals: to view
    "#]]
    .assert_eq(&player_totals().to_text());
}
