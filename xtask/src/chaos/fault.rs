//! What goes wrong, and when: drawn from the seed.

use std::time::Duration;

use super::chance::Chance;

/// Processes and brokers: so many of each.
pub const MEMBERS: usize = 3;
/// After so long without a sign of life a process is out of its groups: the least that a broker allows by itself.
pub const SESSION: Duration = Duration::from_secs(6);
/// Longer than the session of a process, with what it takes to replace it.
const OVER_SESSION: Duration = Duration::from_secs(9);
/// Longer than a broker is waited for (9 s) before another leads in its place.
const OVER_BROKER_SESSION: Duration = Duration::from_secs(11);
/// How long a killed broker is away before it is started again.
const AWAY: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    KillProcess,
    KillProcessAndData,
    StopProcess,
    CutLink,
    CutAnswers,
    CutOneBroker,
    KillBroker,
    StopBroker,
    RestartProcesses,
    RestartBrokers,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::KillProcess => "kill -9 of a process",
            Self::KillProcessAndData => "kill -9 of a process, its directory lost",
            Self::StopProcess => "a process stopped over its session, then a zombie",
            Self::CutLink => "a process cut off from all brokers",
            Self::CutAnswers => "answers of all brokers to a process lost",
            Self::CutOneBroker => "a process cut off from one broker",
            Self::KillBroker => "kill -9 of a broker",
            Self::StopBroker => "a broker stopped over its session",
            Self::RestartProcesses => "rolling restart of the processes",
            Self::RestartBrokers => "rolling restart of the brokers",
        }
    }

    /// How long it lasts until it is undone.
    pub fn lasts(self) -> Duration {
        match self {
            Self::StopProcess | Self::CutLink | Self::CutAnswers | Self::CutOneBroker => OVER_SESSION,
            Self::KillBroker => AWAY,
            Self::StopBroker => OVER_BROKER_SESSION,
            Self::KillProcess | Self::KillProcessAndData | Self::RestartProcesses | Self::RestartBrokers => {
                Duration::ZERO
            }
        }
    }

    fn place(self) -> Place {
        match self {
            Self::KillProcess
            | Self::KillProcessAndData
            | Self::StopProcess
            | Self::CutLink
            | Self::CutAnswers
            | Self::CutOneBroker => Place::Process,
            Self::KillBroker | Self::StopBroker => Place::Broker,
            Self::RestartProcesses | Self::RestartBrokers => Place::Everywhere,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Process,
    Broker,
    Everywhere,
}

/// A fault and whom it befalls, each from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub kind: Kind,
    pub victim: usize,
    /// The broker that the victim does not reach, where it is one.
    pub broker: usize,
}

/// Faults that are under way at the same time: at most two of processes and one of brokers, so that somebody can go on.
pub type Round = Vec<Fault>;

/// Twenty faults, of every kind but the slowest.
const DECK: [Kind; 20] = [
    Kind::KillProcess,
    Kind::KillProcess,
    Kind::KillProcess,
    Kind::KillProcess,
    Kind::KillProcess,
    Kind::KillProcess,
    Kind::KillProcess,
    Kind::KillProcessAndData,
    Kind::KillProcessAndData,
    Kind::StopProcess,
    Kind::StopProcess,
    Kind::CutLink,
    Kind::CutAnswers,
    Kind::CutOneBroker,
    Kind::KillBroker,
    Kind::KillBroker,
    Kind::KillBroker,
    Kind::KillBroker,
    Kind::StopBroker,
    Kind::RestartProcesses,
];

/// So many faults. Every second twenty have a rolling restart of the brokers, which takes half a minute, for a kill.
pub fn plan(seed: u64, faults: usize) -> Vec<Round> {
    let mut chance = Chance::new(seed, 0);
    let mut kinds = Vec::new();
    for deck in 0..faults.div_ceil(DECK.len()) {
        let mut cards = DECK;
        if deck % 2 == 1 {
            cards[0] = Kind::RestartBrokers;
        }
        chance.shuffle(&mut cards);
        kinds.extend(cards);
    }
    kinds.truncate(faults);
    let mut rounds = Vec::new();
    while !kinds.is_empty() {
        let width = [2, 3, 3][chance.below(3)];
        rounds.push(round(&mut kinds, width, &mut chance));
    }
    rounds
}

/// Takes the next fault, and others that go with it until there are `width`; rather those that last as long.
fn round(kinds: &mut Vec<Kind>, width: usize, chance: &mut Chance) -> Round {
    let mut round = Round::new();
    let mut victims: Vec<_> = (0..MEMBERS).collect();
    chance.shuffle(&mut victims);
    while round.len() < width {
        let is_slow = |kind: Kind| kind.lasts() > AWAY;
        let alike = |kind: Kind| round.first().is_none_or(|first| is_slow(first.kind) == is_slow(kind));
        let found = kinds.iter().position(|kind| goes_with(*kind, &round) && alike(*kind));
        let Some(next) = found.or_else(|| kinds.iter().position(|kind| goes_with(*kind, &round))) else {
            break;
        };
        let kind = kinds.remove(next);
        let broker = chance.below(MEMBERS);
        let victim = if kind.place() == Place::Broker { broker } else { victims[round.len()] };
        round.push(Fault { kind, victim, broker });
    }
    round
}

fn goes_with(kind: Kind, round: &Round) -> bool {
    let at = |place| round.iter().filter(|fault| fault.kind.place() == place).count();
    match kind.place() {
        Place::Everywhere => round.is_empty(),
        Place::Process => at(Place::Everywhere) == 0 && at(Place::Process) < 2,
        Place::Broker => at(Place::Everywhere) == 0 && at(Place::Broker) < 1,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_occurs_and_somebody_can_always_go_on() {
        for seed in 0..50 {
            let plan = plan(seed, 60);
            assert_eq!(plan.iter().map(Vec::len).sum::<usize>(), 60);
            let kinds: BTreeSet<_> = plan.iter().flatten().map(|fault| fault.kind).collect();
            assert_eq!(kinds.len(), 10);
            for round in &plan {
                let hit = |place| round.iter().filter(move |fault| fault.kind.place() == place);
                let processes: BTreeSet<_> = hit(Place::Process).map(|fault| fault.victim).collect();
                assert_eq!(processes.len(), hit(Place::Process).count(), "one fault each: {round:?}");
                assert!(processes.len() < MEMBERS && hit(Place::Broker).count() < 2, "{round:?}");
            }
        }
    }

    #[test]
    fn a_seed_is_a_plan() {
        assert_eq!(plan(7, 20), plan(7, 20));
        assert_ne!(plan(7, 20), plan(8, 20));
    }
}
