//! The script of one match: its updates in order, each as commands that the laws have decided on the way.

use std::collections::BTreeMap;

use serde_json::Value;
use topspin_event::{CommandEnvelope, CommandId, MatchCommand, MatchId, Precision, Timestamp};
use topspin_laws::{Command, Facts, How, Seat, Side};

use super::finals::Finals;
use super::reconciliation::{Means, Way, way};
use super::servers::Servers;
use super::shadow::{Shadow, Stage};
use super::update::{Claim, Luck, Type, Update};
use crate::{Entry, Expected, Fault, Kind};

/// A script being written.
pub(crate) struct Script {
    match_id: MatchId,
    pub shadow: Shadow,
    pub entries: Vec<Entry>,
    pub faults: Vec<Fault>,
    pub servers: Servers,
    pub(super) finals: Finals,
    commands_by_key: BTreeMap<String, usize>,
    /// The latest time so far.
    clock: Option<i64>,
    /// The update that said that the match is over.
    pub ended: Option<Value>,
}

impl Script {
    pub fn new(match_id: MatchId, shadow: Shadow, servers: Servers, finals: Finals) -> Self {
        Script {
            match_id,
            shadow,
            entries: Vec::new(),
            faults: Vec::new(),
            servers,
            finals,
            commands_by_key: BTreeMap::new(),
            clock: None,
            ended: None,
        }
    }

    pub fn fault(&mut self, kind: Kind, detail: impl Into<String>, raw: &Value) {
        self.faults.push((kind, detail.into(), raw.clone()));
    }

    /// Takes over one update that the reading believes.
    pub fn take(&mut self, update: &Update) {
        self.check_time(update);
        match (&update.kind, update.claim) {
            (Type::Create | Type::Substitution | Type::SwitchDoubles, _) | (Type::Other(_), None) => {}
            (Type::GameStart, claim) => self.start_match(update, claim.unwrap_or(Claim::START)),
            (Type::SetStart, Some(claim)) => self.start_set(update, claim),
            (Type::Point, Some(claim)) => self.point(update, claim),
            (Type::DecrementPoint | Type::SetEnd | Type::Other(_), Some(claim)) => self.reach(update, claim),
            (Type::GameEnd, claim) => {
                self.ended = Some(update.raw.clone());
                if let Some(claim) = claim {
                    self.reach(update, claim);
                }
            }
            (Type::TimeOutStart, claim) => self.start_time_out(update, claim),
            (Type::TimeOutEnd, _) => self.end_time_out(update),
            (Type::Card(colour), claim) => self.show_card(update, *colour, claim),
            (Type::Service, claim) => self.announce(update, claim),
            (Type::SetStart | Type::Point | Type::DecrementPoint | Type::SetEnd, None) => {
                self.fault(Kind::IncompleteUpdate, "no set and result", &update.raw);
            }
        }
    }

    fn check_time(&mut self, update: &Update) {
        let after = |clock: i64| update.ts.is_some_and(|ts| ts >= clock);
        match (plausible(update.ts), self.clock) {
            (None, _) => {
                self.fault(Kind::ImplausibleTime, "a time that is missing or implausible", &update.raw);
            }
            (Some(_), Some(clock)) if !after(clock) => {
                self.fault(Kind::ImplausibleTime, "the time goes backwards", &update.raw);
            }
            (Some(ts), _) => self.clock = Some(ts.as_millis()),
        }
    }

    /// Decides a command and writes it down. Returns whether the laws take it; a refusal is an anomaly.
    pub fn ask(&mut self, update: &Update, command: Command) -> bool {
        let verdict = self.shadow.apply(&command);
        let expected = match &verdict {
            Ok(()) => Expected::Accepted,
            Err(rejection) => Expected::Rejected(rejection.code()),
        };
        let nth = self.commands_by_key.entry(update.key.clone()).or_default();
        let id = CommandId::derived(self.match_id.0, &format!("{}/{nth}", update.key));
        *nth += 1;
        let mut envelope = CommandEnvelope::new(id, MatchCommand::Law(command));
        envelope.occurred_at = plausible(update.ts);
        let on_time = update.ts.is_some() && update.ts == self.clock;
        envelope.precision = if on_time { Precision::Ms } else { Precision::Unknown };
        self.entries.push(Entry { envelope, expected });
        if let Err(rejection) = &verdict {
            let detail = format!("law {}: {rejection}", rejection.law().0);
            self.fault(Kind::RejectedByLaws, detail, &update.raw);
        }
        verdict.is_ok()
    }

    fn start_match(&mut self, update: &Update, claim: Claim) {
        if self.entries.is_empty() {
            self.ask(update, Command::Call {});
        } else {
            self.reach(update, claim);
        }
    }

    fn start_set(&mut self, update: &Update, claim: Claim) {
        self.reach(update, claim);
        self.announce(update, Some(claim));
    }

    /// Starts game `set` if it is the next one.
    pub(super) fn open(&mut self, update: &Update, set: u8) {
        match self.shadow.stage() {
            Stage::Before if set == 1 => self.open_first(update),
            Stage::Between(last) if set == last.set.saturating_add(1) => self.open_next(update, set),
            Stage::Before | Stage::Between(_) | Stage::Playing(_) | Stage::Over(_) => {}
        }
    }

    fn open_first(&mut self, update: &Update) {
        let side = self.servers.first();
        if self.shadow.chosen().is_none() {
            self.ask(update, Command::Choose { first_server: side, home_end: None });
            if let Some(basis) = self.servers.inferred() {
                self.fault(Kind::FirstServerInferred, basis, &update.raw);
            }
        }
        let (server, receiver) = (Seat::first(side), Seat::first(side.other()));
        self.ask(update, Command::StartGame { server: Some(server), receiver: Some(receiver) });
    }

    fn open_next(&mut self, update: &Update, set: u8) {
        let announced = self.servers.of(set);
        let due = self.servers.due(&self.shadow, set);
        self.ask(update, Command::StartGame { server: Some(Seat::first(due)), receiver: None });
        if let Some(side) = announced.filter(|side| *side != due) {
            let detail =
                format!("{} was announced to serve first in set {set}, and {} is due", name(side), name(due));
            self.fault(Kind::ServiceOrderDiffers, detail, &update.raw);
            self.correct_server(update, side);
        }
    }

    fn point(&mut self, update: &Update, claim: Claim) {
        self.open(update, claim.set);
        if self.shadow.is_at(claim) {
            self.fault(
                Kind::RepeatedUpdate,
                "the score that this point leads to stands already",
                &update.raw,
            );
            return;
        }
        if self.rally(update, claim) {
            return;
        }
        let before = update.side.map(|side| claim.plus(side, -1)).filter(|before| before.score().is_some());
        if before.is_some_and(|before| self.bridge(update, before)) && self.rally(update, claim) {
            return;
        }
        match (self.shadow.stage(), update.side) {
            (Stage::Over(_), Some(to)) => {
                self.ask(update, Command::Point { to, how: how(update.luck), strokes: None });
            }
            _ => self.reach(update, claim),
        }
    }

    /// The rally that leads from the score that stands to the claim, if one does.
    fn rally(&mut self, update: &Update, claim: Claim) -> bool {
        let Stage::Playing(now) = self.shadow.stage() else { return false };
        let Some(to) = Side::BOTH.into_iter().find(|side| now.plus(*side, 1) == claim) else { return false };
        if update.side.is_some_and(|side| side != to) {
            let detail = format!("the score says that {} won the point, the player says otherwise", name(to));
            self.fault(Kind::ContradictoryUpdate, detail, &update.raw);
        }
        self.servers.compare(self.shadow.facts().server, to, update);
        self.ask(update, Command::Point { to, how: how(update.luck), strokes: None })
    }

    /// Makes the laws reach a claimed score. What is not reached is an anomaly.
    fn reach(&mut self, update: &Update, claim: Claim) {
        if self.shadow.is_at(claim) {
            return;
        }
        self.open(update, claim.set);
        if !self.shadow.is_at(claim) && !self.bridge(update, claim) {
            let detail = format!("the laws do not lead to {claim} from {}", self.shadow.stage());
            self.fault(Kind::ImpossibleClaim, detail, &update.raw);
        }
    }

    /// Asks for what leads to `claim`, and notes what kind of gap that was. Returns whether the score stands now.
    fn bridge(&mut self, update: &Update, claim: Claim) -> bool {
        if self.shadow.is_at(claim) {
            return true;
        }
        let finals = |set: u8| self.finals.of(set).map(|(score, _)| score);
        let Some(found) = way(&self.shadow, claim, &finals) else { return false };
        self.note_gap(update, claim, found.means);
        self.go(update, found);
        self.shadow.is_at(claim)
    }

    pub(super) fn go(&mut self, update: &Update, way: Way) {
        if way.means == Means::SetScore && self.shadow.stage() == Stage::Before {
            let first_server = self.servers.first();
            self.choose(update, first_server);
        }
        for command in way.commands {
            self.ask(update, command);
        }
    }

    fn note_gap(&mut self, update: &Update, claim: Claim, means: Means) {
        let correction = update.kind == Type::DecrementPoint;
        let stage = self.shadow.stage();
        match means {
            Means::Undo | Means::Amend if correction => {}
            Means::Undo | Means::Amend => {
                let detail = format!("back to {claim} without points taken back");
                self.fault(Kind::Restarted, detail, &update.raw);
            }
            Means::Point(_) | Means::Points(_) | Means::SetScore => {
                let detail = format!("from {stage} to {claim}");
                self.fault(Kind::MissingUpdates, detail, &update.raw);
                let unseen =
                    (1..claim.set).filter(|set| self.finals.of(*set).is_some_and(|(_, official)| official));
                let played = self.shadow.facts().games.len();
                let unseen: Vec<u8> =
                    unseen.filter(|set| usize::from(*set) > played.saturating_sub(1)).collect();
                if means == Means::SetScore && !unseen.is_empty() && !self.shadow.is_at(Claim::nil(claim.set))
                {
                    let detail = format!("the end of sets {unseen:?} is taken from the official score");
                    self.fault(Kind::FilledFromOfficial, detail, &update.raw);
                }
            }
        }
    }

    pub fn facts(&self) -> Facts {
        self.shadow.facts()
    }
}

/// A side in words.
pub(super) const fn name(side: Side) -> &'static str {
    match side {
        Side::Home => "home",
        Side::Away => "away",
    }
}

/// How the point was won, where the source says that it was luck.
fn how(luck: Luck) -> Option<How> {
    match (luck.net, luck.edge) {
        (Some(true), _) => Some(How::NetRoller),
        (_, Some(true)) => Some(How::Edge),
        (Some(false) | None, Some(false) | None) => luck.lucky?.then_some(How::NetOrEdge),
    }
}

/// A time of this century.
pub(crate) fn plausible(ts: Option<i64>) -> Option<Timestamp> {
    const FIRST: i64 = 946_684_800_000;
    const LAST: i64 = 4_102_444_800_000;
    Timestamp::from_millis(ts?).filter(|time| (FIRST..LAST).contains(&time.as_millis()))
}
