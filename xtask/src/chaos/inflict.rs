//! Faults, done and undone.

use std::thread;
use std::time::Instant;

use anyhow::Result;

use super::fault::{Fault, Kind, MEMBERS, Round};
use super::net::{self, Lost};
use super::site::{Directory, Site};

/// Lets all faults of a round happen at once; returns when the last of them was undone.
pub fn suffer(site: &Site, round: &Round) -> Result<Instant> {
    thread::scope(|scope| {
        let faults: Vec<_> = round.iter().map(|fault| scope.spawn(|| suffer_one(site, *fault))).collect();
        faults.into_iter().try_for_each(|fault| fault.join().expect("a fault does not panic"))
    })?;
    Ok(Instant::now())
}

fn suffer_one(site: &Site, fault: Fault) -> Result<()> {
    inflict(site, fault)?;
    thread::sleep(fault.kind.lasts());
    undo(site, fault)
}

fn inflict(site: &Site, fault: Fault) -> Result<()> {
    let victim = fault.victim;
    match fault.kind {
        Kind::KillProcess => site.kill_process(victim, Directory::Kept),
        Kind::KillProcessAndData => site.kill_process(victim, Directory::Lost),
        Kind::StopProcess => site.signal_process(victim, "-STOP"),
        Kind::CutLink | Kind::CutAnswers | Kind::CutOneBroker => net::cut(victim, lost(fault)),
        Kind::KillBroker => site.signal_broker(victim, "-KILL"),
        Kind::StopBroker => site.signal_broker(victim, "-STOP"),
        Kind::RestartProcesses => (0..MEMBERS).try_for_each(|number| restart_process(site, number)),
        Kind::RestartBrokers => (0..MEMBERS).try_for_each(|number| restart_broker(site, number)),
    }
}

fn undo(site: &Site, fault: Fault) -> Result<()> {
    let victim = fault.victim;
    match fault.kind {
        Kind::KillProcess | Kind::KillProcessAndData => site.start_process(victim),
        Kind::StopProcess => site.signal_process(victim, "-CONT"),
        Kind::CutLink | Kind::CutAnswers | Kind::CutOneBroker => net::heal(victim, lost(fault)),
        Kind::KillBroker => site.broker(victim)?.start_again(),
        Kind::StopBroker => site.signal_broker(victim, "-CONT"),
        Kind::RestartProcesses | Kind::RestartBrokers => Ok(()),
    }
}

/// Waits until whoever was hit serves again.
pub fn wait_until_well(site: &Site, fault: Fault) -> Result<()> {
    match fault.kind {
        Kind::KillProcess
        | Kind::KillProcessAndData
        | Kind::StopProcess
        | Kind::CutLink
        | Kind::CutAnswers
        | Kind::CutOneBroker => site.wait_until_ready(fault.victim),
        Kind::KillBroker | Kind::StopBroker => site.wait_until_broker_serves(fault.victim),
        Kind::RestartProcesses | Kind::RestartBrokers => Ok(()),
    }
}

fn lost(fault: Fault) -> Lost {
    match fault.kind {
        Kind::CutAnswers => Lost::Answers,
        Kind::CutOneBroker => Lost::ToBroker(fault.broker),
        Kind::CutLink
        | Kind::KillProcess
        | Kind::KillProcessAndData
        | Kind::StopProcess
        | Kind::KillBroker
        | Kind::StopBroker
        | Kind::RestartProcesses
        | Kind::RestartBrokers => Lost::All,
    }
}

fn restart_process(site: &Site, number: usize) -> Result<()> {
    site.stop_process(number)?;
    site.start_process(number)?;
    site.wait_until_ready(number)
}

fn restart_broker(site: &Site, number: usize) -> Result<()> {
    let broker = site.broker(number)?;
    broker.ask_to_stop();
    broker.wait_until_stopped()?;
    broker.start_again()?;
    site.wait_until_broker_serves(number)
}
