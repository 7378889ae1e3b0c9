//! What is printed: a line for each fault, and at the end how long recoveries took, by kind.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fault::{Fault, Kind, Round};

/// How a round of faults went.
pub struct Ran {
    pub round: Round,
    /// From when the last fault was undone until everybody had a verdict again and whoever was hit served.
    pub recovered: Duration,
    /// The longest that an umpire waited for a verdict, faults included.
    pub longest_wait: Duration,
}

#[derive(Default)]
pub struct Report {
    rounds: Vec<Ran>,
    faults: usize,
}

impl Report {
    pub fn add(&mut self, ran: Ran) {
        for fault in &ran.round {
            self.faults += 1;
            println!(
                "{:4}  {:48} {:10} recovered {:5.1} s  longest wait {:5.1} s",
                self.faults,
                fault.kind.name(),
                victim(*fault),
                ran.recovered.as_secs_f64(),
                ran.longest_wait.as_secs_f64()
            );
        }
        self.rounds.push(ran);
    }

    /// A table by kind; a round counts for each of its faults.
    pub fn summary(&self) -> String {
        let mut by_kind: BTreeMap<Kind, Vec<Duration>> = BTreeMap::new();
        for ran in &self.rounds {
            for fault in &ran.round {
                by_kind.entry(fault.kind).or_default().push(ran.recovered);
            }
        }
        let mut lines = vec!["| fault | times | recovery p50 | max |\n|---|--:|--:|--:|".to_owned()];
        lines.extend(by_kind.iter().map(|(kind, times)| line(kind.name(), times)));
        lines.push(line("all, by rounds", &self.rounds.iter().map(|ran| ran.recovered).collect::<Vec<_>>()));
        let waits: Vec<_> = self.rounds.iter().map(|ran| ran.longest_wait).collect();
        lines.push(line("longest wait for a verdict in a round", &waits));
        lines.join("\n")
    }

    pub fn faults(&self) -> usize {
        self.faults
    }
}

fn victim(fault: Fault) -> String {
    match fault.kind {
        Kind::RestartProcesses | Kind::RestartBrokers => "all".to_owned(),
        Kind::CutOneBroker => format!("{} from {}", fault.victim + 1, fault.broker + 1),
        Kind::KillProcess
        | Kind::KillProcessAndData
        | Kind::StopProcess
        | Kind::CutLink
        | Kind::CutAnswers
        | Kind::KillBroker
        | Kind::StopBroker => (fault.victim + 1).to_string(),
    }
}

fn line(name: &str, times: &[Duration]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    let longest = times.last().copied().unwrap_or_default();
    format!("| {name} | {} | {:.1} s | {:.1} s |", times.len(), middle.as_secs_f64(), longest.as_secs_f64())
}
