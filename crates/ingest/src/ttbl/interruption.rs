//! Time-outs and cards: what a script asks for them.

use topspin_laws::{Break, CardTo, Command};

use super::reconciliation::set;
use super::script::Script;
use super::shadow::Stage;
use super::update::{CardColour, Claim, Update};
use crate::Kind;

impl Script {
    pub(super) fn start_time_out(&mut self, update: &Update, claim: Option<Claim>) {
        let Some(side) = update.side else {
            self.fault(Kind::PlayerUnknown, "nobody known takes the time-out", &update.raw);
            return;
        };
        if let Some(set) = claim.map(|claim| claim.set) {
            self.open(update, set);
        }
        match self.pause() {
            Some(Break::TimeOut { side: taking }) if taking == side => {
                self.fault(Kind::RepeatedUpdate, "the time-out is going on already", &update.raw);
                return;
            }
            Some(_) => {
                self.ask(update, Command::Resume {});
            }
            None => {}
        }
        self.ask(update, Command::TakeTimeOut { side });
    }

    pub(super) fn end_time_out(&mut self, update: &Update) {
        if matches!(self.pause(), Some(Break::TimeOut { .. })) {
            self.ask(update, Command::Resume {});
        } else {
            self.fault(Kind::StrayTimeOutEnd, "no time-out is going on", &update.raw);
        }
    }

    fn pause(&self) -> Option<Break> {
        self.shadow.facts().pause
    }

    pub(super) fn show_card(&mut self, update: &Update, colour: CardColour, claim: Option<Claim>) {
        let Some(side) = update.side else {
            self.fault(Kind::PlayerUnknown, "nobody known is shown the card", &update.raw);
            return;
        };
        if let Some(claim) = claim.filter(|claim| !claim.is_nil()) {
            self.open(update, claim.set);
        }
        let card = Command::ShowCard { side, to: CardTo::Player, card: colour.into() };
        let shown = self.ask(update, card);
        // A penalty that the laws refuse and the tablet counted: the score stands as the tablet has it.
        let counted = claim.filter(|claim| !shown && !self.shadow.is_at(*claim));
        if let Some((claim, Stage::Playing(_))) = counted.map(|claim| (claim, self.shadow.stage())) {
            let finals = |set: u8| self.finals.of(set).map(|(score, _)| score);
            if let Some(way) = set(&self.shadow, claim, &finals) {
                self.go(update, way);
            }
        }
    }
}
