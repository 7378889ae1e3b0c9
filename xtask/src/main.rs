//! What developers and CI run. `cargo xtask` alone lists the commands.

mod args;
mod bench;
mod chaos;
mod children;
mod demo;
mod fuzz;
mod install;
mod kafka;
mod layers;
mod shell;
mod source;
mod style;
mod suite;
mod topspin;
mod web;
mod workspace;

use std::process::ExitCode;

use args::Task;

fn main() -> ExitCode {
    let task = match args::parse() {
        Ok(task) => task,
        Err(error) => {
            eprintln!("xtask: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    match run(task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Help => {
            println!("{}", args::HELP);
            Ok(())
        }
        Task::Test(options) => suite::run(&options),
        Task::Demo(options) => demo::run(&options),
        Task::Kafka(options) => kafka::run(&options),
        Task::Bench(options) => bench::run(&workspace::Workspace::load()?, &options),
        Task::Chaos(options) => chaos::run(&options),
        Task::Web => web::build(&workspace::Workspace::load()?),
        Task::Layers => layers::check(&workspace::Workspace::load()?),
        Task::Style => style::check(&workspace::Workspace::load()?),
        Task::Fuzz(options) => fuzz::run(&workspace::Workspace::load()?, &options),
    }
}
