//! A real Apache Kafka on the loopback address, for tests and for trying things out.

mod cluster;
mod jars;
mod node;
mod registry;
mod security;

use anyhow::Result;

use crate::args::{KafkaOptions, KafkaTask};
use crate::workspace::Workspace;

pub use cluster::Cluster;
pub use jars::{cache, java, maven};
pub use node::Node;
pub use registry::Registry;

/// Where `cargo xtask kafka` keeps its cluster; the tests have clusters of their own.
const FOLDER: &str = "kafka";

pub fn run(options: &KafkaOptions) -> Result<()> {
    let workspace = Workspace::load()?;
    match options.task {
        KafkaTask::Up => {
            let cluster = Cluster::up(&workspace, FOLDER, options.brokers, options.sasl)?;
            print!("{}", cluster.describe()?);
            println!("\n`cargo xtask kafka down` stops it and removes what it holds.");
            cluster.keep();
            Ok(())
        }
        KafkaTask::Down => cluster::down(&workspace.scratch(FOLDER)),
        KafkaTask::Status => cluster::status(&workspace.scratch(FOLDER)),
    }
}

/// Whether a cluster could be started; the error says what to install.
pub fn ready(workspace: &Workspace) -> Result<()> {
    jars::java()?;
    jars::class_path(workspace).map(|_| ())
}
