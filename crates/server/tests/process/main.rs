//! The binary `topspin` as a process, with its log in a directory.

#[cfg(unix)]
mod bridge;
#[cfg(unix)]
mod cards;
#[cfg(unix)]
mod feed;
#[cfg(unix)]
mod kill;
#[cfg(unix)]
mod records;
mod serve;
mod server;
mod topology;
#[cfg(unix)]
mod totals;
#[cfg(unix)]
mod views;
