//! Matches that are played, corrected, moved and forked at random: what is true.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde_json::value::RawValue;
use topspin_event::{
    Chain, CommandId, CompetitionId, Entry, Epoch, EventEnvelope, Lease, MatchEvent, MatchId, MatchMeta,
    MatchSnapshot, Move, OrgId, Precision, Recorded, Seq, StateHash, Timestamp, canonical_facts, wire,
};
use topspin_feed::server::{Page, World};
use topspin_feed::{Change, Cursor, Position, Selection, Source};
use topspin_laws::{Both, Command, Discipline, Format, LAWS_VERSION, Side, State, Status, decide, evolve};
use uuid::Uuid;

/// A match with its current history, and with the states of the laws to go back to.
struct Played {
    changes: Vec<Arc<Change>>,
    states: Vec<State>,
}

/// What the log of a node holds.
pub struct Hall {
    pub log_id: Uuid,
    matches: BTreeMap<MatchId, Played>,
    /// Every change that was ever committed, in order.
    pub log: Vec<Arc<Change>>,
    /// What was ever true: the chain and the state at each position, forks included.
    pub truth: BTreeMap<(MatchId, Position), (Chain, Arc<str>)>,
    pub now_ms: i64,
    pub source: Source,
    /// Whether it can be read at the moment.
    pub is_readable: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read")]
pub struct Unreadable;

impl Hall {
    pub fn new(chance: &mut ChaCha8Rng) -> Self {
        let log_id = Uuid::from_u128(chance.random());
        let mut hall = Hall {
            log_id,
            matches: BTreeMap::new(),
            log: Vec::new(),
            truth: BTreeMap::new(),
            now_ms: 1_760_000_000_000,
            source: Source::Ok,
            is_readable: true,
        };
        for _ in 0..4 {
            hall.create(chance);
        }
        hall
    }

    pub fn ids(&self) -> Vec<MatchId> {
        self.matches.keys().copied().collect()
    }

    pub fn current(&self, id: MatchId) -> &Arc<MatchSnapshot> {
        &self.matches[&id].changes.last().expect("a match has an event").snapshot
    }

    fn create(&mut self, chance: &mut ChaCha8Rng) {
        let id = MatchId(Uuid::from_u128(chance.random()));
        let meta = Arc::new(MatchMeta {
            id,
            org: OrgId(Uuid::nil()),
            external_ids: Vec::new(),
            competition_id: Some(CompetitionId(Uuid::from_u128(u128::from(chance.random_range(0..2_u8))))),
            category: None,
            tie_id: None,
            venue_id: None,
            table: Some(chance.random_range(1..4_u8).to_string()),
            scheduled_at: None,
            format: Format::ittf(Discipline::Singles, 3),
            sides: Both::new(Entry::default(), Entry::default()),
            carried_cards: Both::default(),
            created_at: self.now(),
        });
        let state = State::new(meta.setup());
        self.matches.insert(id, Played { changes: Vec::new(), states: vec![state] });
        self.commit((id, Epoch::FIRST), &MatchEvent::Created(Arc::clone(&meta)), &meta, chance);
    }

    /// Something happens somewhere.
    pub fn act(&mut self, chance: &mut ChaCha8Rng, forks: bool) {
        let ids = self.ids();
        let id = ids[chance.random_range(0..ids.len())];
        let (epoch, meta) = (self.current(id).epoch, Arc::clone(&self.current(id).meta));
        match chance.random_range(0..200) {
            0 if ids.len() < 12 => self.create(chance),
            1..6 => {
                let table = Some(chance.random_range(1..4_u8).to_string());
                let to = Move { table, venue_id: None, scheduled_at: None };
                let moved = Arc::new(MatchMeta::clone(&meta).moved(&to));
                self.commit((id, epoch), &MatchEvent::Moved(to), &moved, chance);
            }
            6..8 if forks => self.fork(id, chance),
            _ => self.play(id, epoch, &meta, chance),
        }
    }

    fn play(&mut self, id: MatchId, epoch: Epoch, meta: &Arc<MatchMeta>, chance: &mut ChaCha8Rng) {
        let state = self.matches[&id].states.last().expect("a state");
        let side = if chance.random_bool(0.5) { Side::Home } else { Side::Away };
        let command = match (state.facts().status, chance.random_range(0..30)) {
            (Status::InPlay | Status::Interval | Status::Finished, 0..3) => Command::Undo {},
            (Status::InPlay, 3) => Command::Redo {},
            (Status::InPlay, 4) => Command::TakeTimeOut { side },
            (Status::InPlay, 5) => Command::Resume {},
            (Status::InPlay, _) => Command::Point { to: side, how: None, strokes: None },
            (Status::Scheduled, 0..15) => Command::Choose { first_server: side, home_end: None },
            (_, _) => Command::StartGame { server: None, receiver: None },
        };
        let starts = Command::StartGame { server: None, receiver: None };
        let decided = decide(state, &command).or_else(|_| decide(state, &starts));
        for event in decided.into_iter().flatten() {
            self.commit((id, epoch), &MatchEvent::Law(event), meta, chance);
        }
    }

    /// Another node takes the match over from an earlier position; what was beyond it did not happen.
    fn fork(&mut self, id: MatchId, chance: &mut ChaCha8Rng) {
        let epoch = Epoch(self.log_epoch(id).0 + 1);
        let played = self.matches.get_mut(&id).expect("it is played");
        let lost = chance.random_range(0..4).min(played.changes.len() - 1);
        let keep = played.changes.len() - lost;
        played.changes.truncate(keep);
        played.states.truncate(keep + 1);
        let last = &played.changes[keep - 1].snapshot;
        let meta = Arc::clone(&last.meta);
        let to = Move { table: meta.table.clone(), venue_id: None, scheduled_at: None };
        self.commit((id, epoch), &MatchEvent::Moved(to), &meta, chance);
    }

    fn log_epoch(&self, id: MatchId) -> Epoch {
        let of = self.log.iter().filter(|change| change.snapshot.meta.id == id);
        of.map(|change| change.at().epoch).max().unwrap_or(Epoch::FIRST)
    }

    fn commit(
        &mut self,
        (id, epoch): (MatchId, Epoch),
        event: &MatchEvent,
        meta: &Arc<MatchMeta>,
        chance: &mut ChaCha8Rng,
    ) {
        let now = self.now();
        let played = self.matches.get_mut(&id).expect("it is played");
        let seq = Seq(played.changes.len() as u64 + 1);
        let recorded = Recorded {
            match_id: id,
            epoch,
            seq,
            lease: Lease::FIRST,
            laws_version: LAWS_VERSION,
            cause: CommandId(Uuid::from_u128(chance.random())),
            origin: "hall".parse().expect("a label"),
            occurred_at: Some(now),
            precision: Precision::Ms,
            recorded_at: now,
            event: event.clone(),
        };
        let mut state = played.states.last().expect("a state").clone();
        if let MatchEvent::Law(law) = event {
            state = evolve(state, seq, law);
        }
        let before = played.changes.last().map_or(Chain::START, |change| change.event.chain);
        let payload = wire::encode_recorded(&recorded).expect("a known event");
        let chain = before.link(topspin_event::PayloadHash::of(&payload));
        let facts = state.facts();
        let text = canonical_facts(&facts);
        let snapshot = Arc::new(MatchSnapshot {
            meta: Arc::clone(meta),
            state_hash: StateHash::of(&text),
            facts,
            state: Arc::from(text),
            reported_result: None,
            epoch,
            lease: Lease::FIRST,
            lease_holder: None,
            seq,
            stable_seq: seq,
            chain,
            laws_version: LAWS_VERSION,
            updated_at: now,
        });
        self.truth.insert((id, Position { epoch, seq }), (chain, Arc::clone(&snapshot.state)));
        let event = EventEnvelope { recorded, payload, chain, delivery: topspin_event::Delivery::default() };
        let change = Arc::new(Change::new(event, snapshot));
        played.changes.push(Arc::clone(&change));
        played.states.push(state);
        self.log.push(change);
    }

    /// The place of the log up to which everything is counted.
    pub fn cursor(&self, end: usize) -> Cursor {
        Cursor::try_from(format!("{}:{end}", self.log_id)).expect("visible characters")
    }

    /// What has changed since a place, up to the end; `None` for a place of another log.
    pub fn changed_since(&self, cursor: &Cursor) -> Option<Vec<(MatchId, Seq)>> {
        let (log, from) = cursor.as_str().split_once(':')?;
        let from = from.parse::<usize>().ok().filter(|from| *from <= self.log.len())?;
        if log != self.log_id.to_string() {
            return None;
        }
        let mut first = BTreeMap::new();
        for change in &self.log[from..] {
            let at = first.entry(change.snapshot.meta.id).or_insert(change.at().seq);
            *at = (*at).min(change.at().seq);
        }
        Some(first.into_iter().collect())
    }

    /// Events of a match, as the HTTP API has them.
    pub fn events(&self, id: MatchId, from: Seq, to: Seq) -> Vec<Box<RawValue>> {
        let changes = self.matches[&id].changes.iter();
        let wanted = changes.filter(|change| (from..=to).contains(&change.at().seq));
        wanted.map(|change| serde_json::value::to_raw_value(&change.event).expect("JSON")).collect()
    }

    fn readable(&self) -> Result<(), Unreadable> {
        if self.is_readable { Ok(()) } else { Err(Unreadable) }
    }
}

impl World for Hall {
    type Error = Unreadable;

    fn log_id(&self) -> Uuid {
        self.log_id
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms).expect("within years 0 to 9999")
    }

    fn source(&self) -> Source {
        self.source
    }

    fn delay_s(&self) -> u32 {
        0
    }

    fn head(&self, id: MatchId) -> Result<Option<Arc<MatchSnapshot>>, Unreadable> {
        self.readable()?;
        Ok(self.matches.contains_key(&id).then(|| Arc::clone(self.current(id))))
    }

    fn changes(&self, id: MatchId, after: Seq, limit: usize) -> Result<Vec<Arc<Change>>, Unreadable> {
        self.readable()?;
        let after = usize::try_from(after.0).expect("few events");
        Ok(self.matches[&id].changes.iter().skip(after).take(limit).cloned().collect())
    }

    fn resource(&self, snapshot: &MatchSnapshot) -> Result<Box<RawValue>, Unreadable> {
        self.readable()?;
        Ok(RawValue::from_string(format!("{{\"state\":{}}}", snapshot.state)).expect("JSON"))
    }

    fn matches(&self, selection: &Selection, after: Option<&str>, limit: usize) -> Result<Page, Unreadable> {
        self.readable()?;
        let heads = self.ids().into_iter().map(|id| Arc::clone(self.current(id)));
        let begins = |head: &Arc<MatchSnapshot>| {
            selection.covers(&head.meta) && (selection.match_id.is_some() || head.facts.status.is_live())
        };
        let later = heads.filter(|head| after.is_none_or(|after| head.meta.id.to_string().as_str() > after));
        let matches: Vec<_> = later.filter(begins).take(limit.min(2)).collect();
        let next = matches.last().map(|head| head.meta.id.to_string());
        Ok(Page { matches, next })
    }

    fn common(&self, id: MatchId, at: Position, chain: Option<Chain>) -> Result<Option<Seq>, Unreadable> {
        self.readable()?;
        let Some(played) = self.matches.get(&id) else { return Ok(None) };
        let shares = |change: &&Arc<Change>| {
            let here = change.at();
            here.epoch <= at.epoch && here.seq <= at.seq
        };
        let last = played.changes.iter().rfind(shares);
        let differs =
            last.is_some_and(|last| last.at() == at && chain.is_some_and(|chain| chain != last.event.chain));
        Ok(Some(if differs { Seq(0) } else { last.map_or(Seq(0), |last| last.at().seq) }))
    }

    fn position(&self, id: MatchId, seq: Seq) -> Result<Option<Position>, Unreadable> {
        self.readable()?;
        let Some(played) = self.matches.get(&id) else { return Ok(None) };
        let at = usize::try_from(seq.0).expect("few events").checked_sub(1);
        Ok(match at {
            None => Some(Position { epoch: Epoch::FIRST, seq }),
            Some(at) => played.changes.get(at).map(|change| change.at()),
        })
    }
}
