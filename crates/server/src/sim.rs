//! `topspin sim`: a simulated tournament that presses the buttons of a running server, through its public API alone.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use topspin_laws::Facts;
use topspin_sim::{Fixture, Player, Tournament, Umpire};
use uuid::Uuid;

use crate::client::{Answer, Client};

/// Play a simulated tournament against a running server.
///
/// Invented players of different strength meet on several tables, for ever: rallies, pauses, time-outs, lets, cards,
/// and now and then an umpire's slip that is corrected. The same seed plays the same tournament; started again, it
/// goes on where it stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  topspin sim\n  topspin sim --tables 2 --speed 1 --seed 7\n  \
                        TOPSPIN_TOKEN=… topspin sim --url http://192.168.1.20:8080")]
pub struct Args {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The token for writing; else that of the file.
    #[arg(long, env = "TOPSPIN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The file with the token, as `topspin serve` makes it.
    #[arg(long, value_name = "FILE", default_value = "topspin-data/token")]
    token_file: PathBuf,
    /// Tables in play.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=32))]
    tables: u32,
    /// How many times faster than life.
    #[arg(long, default_value_t = 20.0, value_parser = speed)]
    speed: f64,
    /// Which tournament.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop after so many matches a table; without it, never.
    #[arg(long)]
    rounds: Option<u32>,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("a number from 0.1 to 1000".to_owned()),
    }
}

/// Plays until interrupted, or until `--rounds` are played.
///
/// # Errors
/// Where the server cannot be reached at all, or refuses the token.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let client = Client::new(&args.url, args.token.clone(), &args.token_file)?;
    let tournament = Tournament::new(args.seed);
    let competition = client
        .post(
            "/v1/competitions",
            &json!({"name": "Topspin Open (simulated)", "external_ids": [format!("sim:{}", args.seed)]}),
        )?
        .accepted("the competition")?;
    let competition = competition["id"].as_str().context("the competition has no id")?.to_owned();
    thread::scope(|scope| {
        let tables: Vec<_> = (1..=args.tables)
            .map(|table| {
                let hall = Hall { client: &client, tournament: &tournament, competition: &competition, args };
                scope.spawn(move || hall.play_table(table))
            })
            .collect();
        for table in tables {
            match table.join() {
                Ok(played) => played?,
                Err(_) => bail!("a table stopped"),
            }
        }
        Ok(())
    })
}

/// What the tables share.
#[derive(Clone, Copy)]
struct Hall<'a> {
    client: &'a Client,
    tournament: &'a Tournament,
    competition: &'a str,
    args: &'a Args,
}

impl Hall<'_> {
    fn play_table(&self, table: u32) -> anyhow::Result<()> {
        // Tables do not begin in step.
        self.wait(u64::from(table) * 7_000);
        for round in 0..self.args.rounds.unwrap_or(u32::MAX) {
            let (fixture, umpire) = self.tournament.fixture(table, round, self.args.tables);
            self.play_match(&fixture, umpire)?;
            self.wait(20_000);
        }
        Ok(())
    }

    fn play_match(&self, fixture: &Fixture, mut umpire: Umpire) -> anyhow::Result<()> {
        let created = self.client.post("/v1/matches", &self.request(fixture))?.accepted("the match")?;
        let id = created["id"].as_str().context("the match has no id")?.to_owned();
        let mut facts = facts(&created)?;
        // A match found begun is played on; the umpire remembers nothing of its last rally.
        while let Some(press) = umpire.next(&facts) {
            self.wait(press.after_ms);
            let body = json!({"command_id": Uuid::new_v4(), "command": press.command});
            facts = match self.client.post(&format!("/v1/matches/{id}/commands"), &body)? {
                Answer::Accepted(answer) => self::facts(&answer["match"])?,
                Answer::Refused { status, problem } => {
                    eprintln!(
                        "table {}: {status} {}",
                        fixture.table,
                        problem["detail"].as_str().unwrap_or("refused")
                    );
                    self.wait(2_000);
                    self::facts(&self.client.get(&format!("/v1/matches/{id}"))?.accepted("the match")?)?
                }
            };
        }
        Ok(())
    }

    fn request(&self, fixture: &Fixture) -> Value {
        let seed = self.args.seed;
        let players = |players: &[Player]| -> Vec<Value> {
            players
                .iter()
                .map(|player| json!({"name": player.name, "external_ids": [format!("sim:{seed}-{}", player.key)]}))
                .collect()
        };
        json!({
            "external_ids": [format!("sim:{seed}-{}-{}", self.args.tables, fixture.key)],
            "competition_id": self.competition,
            "category": fixture.category(),
            "table": fixture.table.to_string(),
            "format": {"discipline": fixture.discipline, "best_of": fixture.best_of},
            "sides": {
                "home": {"players": players(&fixture.home)},
                "away": {"players": players(&fixture.away)},
            },
        })
    }

    fn wait(&self, simulated_ms: u64) {
        let real = Duration::from_millis(simulated_ms).div_f64(self.args.speed);
        thread::sleep(real);
    }
}

fn facts(resource: &Value) -> anyhow::Result<Facts> {
    serde_json::from_value(resource["state"].clone())
        .context("the match resource has no state that this version knows")
}
