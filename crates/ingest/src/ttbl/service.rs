//! Who serves: what a script asks when the source says so.

use topspin_laws::{Command, Side};

use super::script::Script;
use super::shadow::Stage;
use super::update::{Claim, Update};
use crate::Kind;

impl Script {
    /// Who serves: before the first game the draw, before a game its first server, in a game a correction.
    pub(super) fn announce(&mut self, update: &Update, claim: Option<Claim>) {
        let Some(side) = update.side else {
            self.fault(Kind::PlayerUnknown, "nobody known serves", &update.raw);
            return;
        };
        let set = claim.map(|claim| claim.set).or(update.set);
        if let Some(set) = set {
            self.servers.announce(set, side);
        }
        match self.shadow.stage() {
            Stage::Before if set == Some(1) => self.choose(update, side),
            Stage::Playing(now) if set.is_none_or(|set| set == now.set) => self.correct_server(update, side),
            Stage::Before | Stage::Playing(_) | Stage::Between(_) | Stage::Over(_) => {}
        }
    }

    pub(super) fn choose(&mut self, update: &Update, first_server: Side) {
        if self.shadow.chosen() != Some(first_server) {
            self.ask(update, Command::Choose { first_server, home_end: None });
        }
    }

    /// Server and receiver change places where the laws have it the other way round (Law 2.14.1).
    pub(super) fn correct_server(&mut self, update: &Update, side: Side) {
        let facts = self.shadow.facts();
        let Some((server, receiver)) = facts.server.zip(facts.receiver) else { return };
        if server.side != side {
            let command = Command::CorrectService { server: receiver, receiver: Some(server) };
            self.ask(update, command);
        }
    }
}
