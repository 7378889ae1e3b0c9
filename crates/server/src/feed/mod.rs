//! `topspin feed`: matches as they happen, in the terminal.

mod json;
mod line;

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use topspin_client::{Feed, Kind, Notice, Selection, Wanted};
use topspin_event::{CompetitionId, MatchId, PlayerId, TieId, VenueId};
use uuid::Uuid;

use self::line::Lines;

/// Tail matches of a server in the terminal, as a partner receives them: in order, and checked.
///
/// It goes on over broken connections, resumes where it was, and says when what it shows may not be complete.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  topspin feed                                  everything that is being played\n  \
    topspin feed --match ID                       one match\n  topspin feed --venue ID --table 3 --json      a table, a JSON document a line"
)]
pub struct Args {
    /// The server.
    #[arg(long, env = "TOPSPIN_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: String,
    /// Only this match.
    #[arg(long = "match", value_name = "ID")]
    match_id: Option<Uuid>,
    /// Only the matches of this tie.
    #[arg(long, value_name = "ID")]
    tie: Option<Uuid>,
    /// Only those of this competition.
    #[arg(long, value_name = "ID")]
    competition: Option<Uuid>,
    /// Only those at this venue.
    #[arg(long, value_name = "ID")]
    venue: Option<Uuid>,
    /// Only those on this table.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// Only those of this player.
    #[arg(long, value_name = "ID")]
    player: Option<Uuid>,
    /// One JSON document a line, for other programs.
    #[arg(long)]
    json: bool,
    /// End after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let to = Selection {
        match_id: args.match_id.map(MatchId),
        tie_id: args.tie.map(TieId),
        competition_id: args.competition.map(CompetitionId),
        venue_id: args.venue.map(VenueId),
        table: args.table.clone(),
        player_id: args.player.map(PlayerId),
    };
    let wanted = Wanted { to, kinds: Kind::ALL.to_vec() };
    let mut feed = Feed::open(&args.url, concat!("topspin feed ", env!("CARGO_PKG_VERSION")), vec![wanted])?;
    let deadline = args.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut lines = Lines::new(io::stdout().is_terminal());
    loop {
        let left =
            deadline.map_or(Duration::from_hours(1), |at| at.saturating_duration_since(Instant::now()));
        if let Some(notice) = feed.next_within(left) {
            if let Notice::Refused(fault) = &notice {
                anyhow::bail!("the server refuses: {} ({})", fault.detail, fault.code);
            }
            let line = if args.json { Some(json::line(&notice)) } else { lines.line(&notice) };
            if let Some(line) = line {
                match writeln!(io::stdout(), "{line}") {
                    // Whoever read it has seen enough.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                    written => written.context("writing to the terminal")?,
                }
            }
        }
        if deadline.is_some_and(|at| Instant::now() >= at) {
            return Ok(());
        }
    }
}
