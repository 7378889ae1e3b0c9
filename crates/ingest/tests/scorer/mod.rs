//! A scorer in memory: the laws, and every command answered once.
#![allow(dead_code)] // Each test takes what it needs.

use std::collections::HashMap;

use topspin_event::{CommandId, MatchCommand, MatchId, RallyStrokes, TieId};
use topspin_ingest::{Expected, MatchPlan, TiePlan};
use topspin_laws::tie::{self, TieCommand, TieFacts, TieState};
use topspin_laws::{Facts, Outcome, Seq, Setup, State, decide, evolve};

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scorer {
    matches: HashMap<MatchId, Kept>,
    ties: HashMap<TieId, KeptTie>,
}

#[derive(Debug, Clone, PartialEq)]
struct KeptTie {
    state: TieState,
    answered: HashMap<CommandId, (TieCommand, Expected)>,
}

#[derive(Debug, Clone, PartialEq)]
struct Kept {
    state: State,
    seq: Seq,
    answered: HashMap<CommandId, (MatchCommand, Expected)>,
    reported: Option<String>,
}

impl Scorer {
    /// Creates the match if it is new, and sends the first `count` commands of its script.
    pub fn send(&mut self, plan: &MatchPlan, count: usize) {
        let create = &plan.create;
        let setup = Setup { format: create.format.clone(), carried_cards: create.carried_cards.clone() };
        let kept = self.matches.entry(plan.id).or_insert_with(|| Kept {
            state: State::new(setup),
            seq: Seq(1),
            answered: HashMap::new(),
            reported: None,
        });
        for entry in &plan.script[..count] {
            let (id, command) = (entry.envelope.command_id, &entry.envelope.command);
            if let Some((asked, verdict)) = kept.answered.get(&id) {
                assert_eq!((asked, *verdict), (command, entry.expected), "one id, two commands");
                continue;
            }
            let verdict = kept.decide(command);
            assert_eq!(verdict, entry.expected, "{command:?}");
            kept.answered.insert(id, (command.clone(), verdict));
        }
    }

    /// Creates the tie if it is new, and sends the first `count` commands of its script.
    pub fn send_tie(&mut self, plan: &TiePlan, count: usize) {
        let new = || KeptTie { state: TieState::new(plan.create.format.clone()), answered: HashMap::new() };
        let kept = self.ties.entry(plan.id).or_insert_with(new);
        for entry in &plan.script[..count] {
            let (id, command) = (entry.envelope.command_id, &entry.envelope.command);
            if let Some((asked, verdict)) = kept.answered.get(&id) {
                assert_eq!((asked, *verdict), (command, entry.expected), "one id, two commands");
                continue;
            }
            let verdict = match tie::decide(&kept.state, command) {
                Ok(events) => {
                    kept.state = events.iter().fold(kept.state.clone(), tie::evolve);
                    Expected::Accepted
                }
                Err(rejection) => Expected::Rejected(rejection.code()),
            };
            assert_eq!(verdict, entry.expected, "{command:?}");
            kept.answered.insert(id, (command.clone(), verdict));
        }
    }

    pub fn tie_facts(&self, id: TieId) -> TieFacts {
        self.ties[&id].state.facts()
    }

    pub fn facts(&self, id: MatchId) -> Facts {
        self.matches[&id].state.facts()
    }

    pub fn reported(&self, id: MatchId) -> Option<&str> {
        self.matches[&id].reported.as_deref()
    }
}

impl Kept {
    fn decide(&mut self, command: &MatchCommand) -> Expected {
        let command = match command {
            MatchCommand::Law(command) => command,
            MatchCommand::ReportResult(result) => {
                self.reported.clone_from(&result.reason);
                return Expected::Accepted;
            }
            MatchCommand::Move(_) => return Expected::Accepted,
            MatchCommand::RecordStrokes(recorded) => {
                assert_strokes_fit(&self.state, recorded);
                self.seq = Seq(self.seq.0 + 1);
                return Expected::Accepted;
            }
        };
        match decide(&self.state, command) {
            Ok(events) => {
                for event in events {
                    self.seq = Seq(self.seq.0 + 1);
                    self.state = evolve(self.state.clone(), self.seq, &event);
                }
                Expected::Accepted
            }
            Err(rejection) => Expected::Rejected(rejection.code()),
        }
    }
}

/// What the scorer asks of strokes, told again from the sheet.
fn assert_strokes_fit(state: &State, recorded: &RallyStrokes) {
    let line = state.sheet().into_iter().find(|line| line.seq == recorded.rally).expect("a live rally");
    let count = match state.outcome(recorded.rally) {
        Some(Outcome::Point { strokes, .. }) => strokes.map(usize::from),
        Some(Outcome::Let { .. }) | None => None,
    };
    assert_eq!(count, Some(recorded.strokes.len()), "a point with as many strokes");
    assert_eq!(line.before.server.map(|seat| seat.side), recorded.strokes.first().map(|stroke| stroke.side));
    for pair in recorded.strokes.windows(2) {
        assert_eq!(pair[0].side.other(), pair[1].side, "strokes alternate");
    }
}
