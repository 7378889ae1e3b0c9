//! A tie's file from anywhere: whatever arrives, nothing panics, every command has its own id, and the scripts lead
//! the laws where the plan says.
#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use topspin_event::MatchCommand;
use topspin_ingest::{Expected, MatchPlan, TiePlan, ttbl};
use topspin_laws::tie::{self, TieFacts, TieState};
use topspin_laws::{Facts, Seq, Setup, State, decide, evolve};

fuzz_target!(|bytes: &[u8]| {
    let plan = ttbl::plan("fuzz.json", bytes, &ttbl::Formats::default());
    for one in &plan.matches {
        let ids: HashSet<_> = one.script.iter().map(|entry| entry.envelope.command_id).collect();
        assert_eq!(ids.len(), one.script.len());
        assert!(!one.is_wrong_silently());
        assert_eq!(played(one), one.facts);
    }
    if let Some(tie) = &plan.tie {
        let ids: HashSet<_> = tie.script.iter().map(|entry| entry.envelope.command_id).collect();
        assert_eq!(ids.len(), tie.script.len());
        assert_eq!(played_tie(tie), tie.facts);
    }
    assert!(!plan.is_tie_wrong_silently());
    let anomalies = plan.anomaly_records(ttbl::SOURCE);
    let ids: HashSet<_> = anomalies.iter().map(|anomaly| anomaly.id).collect();
    assert_eq!(ids.len(), anomalies.len());
});

/// The match after its script.
fn played(one: &MatchPlan) -> Facts {
    let (format, carried_cards) = (one.create.format.clone(), one.create.carried_cards.clone());
    let mut state = State::new(Setup { format, carried_cards });
    let mut seq = Seq(1);
    for entry in &one.script {
        let MatchCommand::Law(command) = &entry.envelope.command else { continue };
        let verdict = decide(&state, command);
        assert_eq!(verdict.is_ok(), entry.expected == Expected::Accepted);
        for event in verdict.into_iter().flatten() {
            seq = Seq(seq.0 + 1);
            state = evolve(state, seq, &event);
        }
    }
    state.facts()
}

/// The tie after its script.
fn played_tie(plan: &TiePlan) -> TieFacts {
    let mut state = TieState::new(plan.create.format.clone());
    for entry in &plan.script {
        let verdict = tie::decide(&state, &entry.envelope.command);
        assert_eq!(verdict.is_ok(), entry.expected == Expected::Accepted);
        state = verdict.into_iter().flatten().fold(state, |state, event| tie::evolve(state, &event));
    }
    state.facts()
}
