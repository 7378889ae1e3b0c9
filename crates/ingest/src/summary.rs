//! What an import came to.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::{Agreement, Expected, Kind, Plan, TieAgreement};

/// The figures of an import.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Ties found in them.
    pub ties: usize,
    /// Matches that were or can be created.
    pub matches: usize,
    /// Matches with points in their streams.
    pub matches_with_points: usize,
    /// Updates that say a point was won, repetitions included.
    pub point_updates: usize,
    /// Points that stand by the laws.
    pub points: u64,
    /// Strokes recorded of them.
    pub strokes: usize,
    /// Commands that the laws take.
    pub commands_accepted: usize,
    /// Commands that the laws refuse.
    pub commands_rejected: usize,
    /// Matches by how their score and the official one compare; `diverged` where the log does not hold the plan's.
    pub agreement: BTreeMap<&'static str, usize>,
    /// Ties likewise.
    pub tie_agreement: BTreeMap<&'static str, usize>,
    /// Matches and ties whose result differs from the source's without an anomaly: none, or the importer is at fault.
    pub wrong_silently: usize,
    /// Anomalies by kind.
    pub anomalies: BTreeMap<&'static str, KindCount>,
}

/// Anomalies of a kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindCount {
    /// How many.
    pub count: usize,
    /// What the first is, for people.
    pub example: String,
    /// Its record as it came.
    pub raw: Value,
}

impl Summary {
    /// Adds a file that is one plan.
    pub fn add(&mut self, plan: &Plan) {
        self.add_file(std::slice::from_ref(plan));
    }

    /// Adds a file by its plans.
    pub fn add_file(&mut self, plans: &[Plan]) {
        self.files += 1;
        for plan in plans {
            self.add_plan(plan);
        }
    }

    fn add_plan(&mut self, plan: &Plan) {
        if let Some(tie) = &plan.tie {
            self.ties += 1;
            *self.tie_agreement.entry(tie.agreement.as_str()).or_default() += 1;
            self.count_commands(tie.script.iter().map(|entry| entry.expected));
        }
        self.wrong_silently += usize::from(plan.is_tie_wrong_silently());
        for one in &plan.matches {
            self.matches += 1;
            self.matches_with_points += usize::from(one.point_updates > 0);
            self.point_updates += one.point_updates;
            self.strokes += one.strokes();
            self.points += one.facts.games.iter().map(|score| u64::from(score.total())).sum::<u64>();
            self.count_commands(one.script.iter().map(|entry| entry.expected));
            self.wrong_silently += usize::from(one.is_wrong_silently());
            *self.agreement.entry(one.agreement.as_str()).or_default() += 1;
        }
        for anomaly in plan.all_anomalies() {
            self.note(anomaly.kind, &anomaly.detail, &anomaly.raw);
        }
    }

    /// Takes a match back from its agreement: the target has it otherwise, so that the plan says nothing about it.
    pub fn diverge(&mut self, agreement: Agreement) {
        diverge(&mut self.agreement, agreement.as_str());
    }

    /// As [`Summary::diverge`], for a tie.
    pub fn diverge_tie(&mut self, agreement: TieAgreement) {
        diverge(&mut self.tie_agreement, agreement.as_str());
    }

    fn count_commands(&mut self, verdicts: impl Iterator<Item = Expected>) {
        for verdict in verdicts {
            match verdict {
                Expected::Accepted => self.commands_accepted += 1,
                Expected::Rejected(_) => self.commands_rejected += 1,
            }
        }
    }

    /// Adds an anomaly.
    pub fn note(&mut self, kind: Kind, detail: &str, raw: &Value) {
        let counted = self.anomalies.entry(kind.as_str()).or_insert_with(|| KindCount {
            count: 0,
            example: detail.to_owned(),
            raw: raw.clone(),
        });
        counted.count += 1;
    }

    /// Ties of an agreement.
    pub fn ties_agreeing(&self, agreement: TieAgreement) -> usize {
        self.tie_agreement.get(agreement.as_str()).copied().unwrap_or_default()
    }

    /// Matches of an agreement.
    pub fn agreeing(&self, agreement: Agreement) -> usize {
        self.agreement.get(agreement.as_str()).copied().unwrap_or_default()
    }
}

fn diverge(counted: &mut BTreeMap<&'static str, usize>, planned: &'static str) {
    if let Some(count) = counted.get_mut(planned) {
        *count -= 1;
        if *count == 0 {
            counted.remove(planned);
        }
    }
    *counted.entry(Kind::Diverged.as_str()).or_default() += 1;
}
