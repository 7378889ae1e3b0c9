//! The script of one match: its rallies in order, the laws led to the score before each.

use topspin_event::limits::MAX_STROKES;
use topspin_event::{CommandEnvelope, CommandId, MatchCommand, MatchId, Precision, RallyStrokes};
use topspin_laws::{Command, Facts, Format, Rejection, Score, Seat, Side, Standing, Status, standing};

use super::format::{Winners, nearest_end, winners};
use super::rally::Rally;
use super::service::turns_here;
use crate::record::Record;
use crate::{Entry, Expected, Fault, Kind};

/// A script being written.
pub(crate) struct Script {
    match_id: MatchId,
    record: Record,
    winners: Winners,
    pub entries: Vec<Entry>,
    pub faults: Vec<Fault>,
}

/// Why a rally is left out.
type LeftOut = (Kind, String);

impl Script {
    /// A match before its first rally.
    pub fn new(match_id: MatchId, format: Format) -> Self {
        Script {
            match_id,
            record: Record::new(format),
            winners: Winners::new(),
            entries: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Where the script leaves the match.
    pub fn facts(&self) -> Facts {
        self.record.state().facts()
    }

    /// Takes over the rallies of a match, in the order of play.
    pub fn play(&mut self, rallies: &[Rally], first_server: Side) {
        self.winners = winners(rallies);
        for (at, rally) in rallies.iter().enumerate() {
            if let Err((kind, why)) = self.take(rally, &rallies[at + 1..], first_server) {
                self.faults.push((kind, format!("rally left out: {why}"), rally.raw.clone()));
            }
        }
        if let Some(last) = rallies.last().filter(|_| !self.record.state().moment().status.is_over()) {
            let detail = "the match is not over after the last rally of the file".to_owned();
            self.faults.push((Kind::EndedEarly, detail, last.raw.clone()));
        }
    }

    fn take(&mut self, rally: &Rally, later: &[Rally], first_server: Side) -> Result<(), LeftOut> {
        self.require_possible(rally, later)?;
        self.open(rally, first_server)?;
        self.reach(rally, later)?;
        let strokes = rally.strokes.as_ref().and_then(|strokes| u16::try_from(strokes.len()).ok());
        let point = Command::Point { to: rally.winner, how: None, strokes };
        self.ask(&format!("rally/{}", rally.uid), point).map_err(|why| refused(&why))?;
        self.describe(rally);
        Ok(())
    }

    /// A rally is played in a game that goes on, and the next one has the score that it leads to.
    fn require_possible(&self, rally: &Rally, later: &[Rally]) -> Result<(), LeftOut> {
        let format = self.record.state().format();
        if standing(format, usize::from(rally.game), rally.claim) != Standing::Open {
            let why = format!("game {} is over at {}", rally.game, shown(rally.claim));
            return Err((Kind::ImpossibleClaim, why));
        }
        let next = later.first().filter(|next| next.game == rally.game);
        let Some(next) = next.filter(|next| next.claim.total() == rally.claim.total() + 1) else {
            return Ok(());
        };
        if next.claim == rally.after() {
            return Ok(());
        }
        let why = format!("{} won it, and the next is played at {}", rally.winner, shown(next.claim));
        Err((Kind::ContradictoryUpdate, why))
    }

    /// Begins the rally's game where it has not begun, after the end of the one before.
    fn open(&mut self, rally: &Rally, first_server: Side) -> Result<(), LeftOut> {
        let now = self.record.state().moment();
        if rally.game == now.game {
            return Ok(());
        }
        if rally.game != now.game + 1 {
            let why = format!("nobody knows how game {} ended, which is not in the file", now.game + 1);
            return Err((Kind::ImpossibleClaim, why));
        }
        if now.game == 0 && now.status == Status::Scheduled {
            let choose = Command::Choose { first_server, home_end: None };
            self.ask("choose", choose).map_err(|why| refused(&why))?;
        }
        if standing(self.record.state().format(), usize::from(now.game), now.score) == Standing::Open
            && now.game > 0
        {
            self.end_game(rally, now.game, now.score)?;
        }
        let start = Command::StartGame { server: None, receiver: None };
        self.ask(&format!("game/{}", rally.game), start).map_err(|why| refused(&why))
    }

    /// The last rallies of a game are missing: whoever was ahead in the file won it, by as few points as can be.
    fn end_game(&mut self, rally: &Rally, game: u8, open: Score) -> Result<(), LeftOut> {
        let end = self
            .winners
            .get(&game)
            .and_then(|winner| nearest_end(self.record.state().format(), usize::from(game), open, *winner));
        let end = end.ok_or_else(|| {
            let why = format!("nobody knows who won game {game}, which stood at {}", shown(open));
            (Kind::ImpossibleClaim, why)
        })?;
        self.set(&format!("end/{game}"), end, None).map_err(|why| refused(&why))?;
        let detail =
            format!("the end of game {game} is missing: from {}, {} is nearest", shown(open), shown(end));
        self.faults.push((Kind::GameEndInferred, detail, rally.raw.clone()));
        Ok(())
    }

    /// Brings score and server to what the rally says, or says why that cannot be.
    fn reach(&mut self, rally: &Rally, later: &[Rally]) -> Result<(), LeftOut> {
        let now = self.record.state().moment();
        let forward = now.score.home <= rally.claim.home && now.score.away <= rally.claim.away;
        if !forward {
            let why = format!("the score goes back from {} to {}", shown(now.score), shown(rally.claim));
            return Err((Kind::Restarted, why));
        }
        let jumps = now.score != rally.claim;
        let due = if jumps { self.server_at(rally.claim)? } else { now.server.map(|seat| seat.side) };
        let other_due = due.filter(|due| *due != rally.server);
        if let Some(due) = other_due.filter(|_| !turns_here(rally, later)) {
            let why = format!("{} serves, and {due} is due at {}", rally.server, shown(rally.claim));
            return Err((Kind::ServerDisagrees, why));
        }
        if !jumps && other_due.is_none() {
            return Ok(());
        }
        let server = other_due.map(|_| Seat::first(rally.server));
        self.set(&format!("score/{}", rally.uid), rally.claim, server).map_err(|why| refused(&why))?;
        if jumps {
            let (from, to) = (shown(now.score), shown(rally.claim));
            let detail = format!("rallies are missing in game {}: from {from} to {to}", rally.game);
            self.faults.push((Kind::MissingUpdates, detail, rally.raw.clone()));
        }
        if let Some(due) = other_due {
            let detail = format!("{} serves from here on, and {due} was due: corrected", rally.server);
            self.faults.push((Kind::ServiceOrderDiffers, detail, rally.raw.clone()));
        }
        Ok(())
    }

    /// Who would serve at a score of the game that goes on, or was just over.
    fn server_at(&self, score: Score) -> Result<Option<Side>, LeftOut> {
        let mut there = self.record.clone();
        there.apply(&self.setting(score, None)).map_err(|why| refused(&why))?;
        Ok(there.state().moment().server.map(|seat| seat.side))
    }

    /// What sets the score of the game begun last.
    fn setting(&self, score: Score, server: Option<Seat>) -> Command {
        let mut games = self.facts().games;
        if let Some(last) = games.last_mut() {
            *last = score;
        }
        Command::SetScore { games, server, receiver: None }
    }

    fn set(&mut self, name: &str, score: Score, server: Option<Seat>) -> Result<(), Rejection> {
        self.ask(name, self.setting(score, server))
    }

    /// Records the strokes of the rally scored last.
    fn describe(&mut self, rally: &Rally) {
        let Some(strokes) = &rally.strokes else {
            let detail = "strokes were not filmed: the point counts, without them".to_owned();
            self.faults.push((Kind::NotFilmed, detail, rally.raw.clone()));
            return;
        };
        if strokes.len() > MAX_STROKES {
            let detail = format!("more than {MAX_STROKES} strokes: the point counts, without them");
            self.faults.push((Kind::TooManyUpdates, detail, rally.raw.clone()));
            return;
        }
        let strokes = RallyStrokes { rally: self.record.seq(), strokes: strokes.clone() };
        self.record.pass();
        self.push(&format!("strokes/{}", rally.uid), MatchCommand::RecordStrokes(strokes));
    }

    /// Adds a command that the laws take; one that they refuse is not asked.
    fn ask(&mut self, name: &str, command: Command) -> Result<(), Rejection> {
        self.record.apply(&command)?;
        self.push(name, MatchCommand::Law(command));
        Ok(())
    }

    fn push(&mut self, name: &str, command: MatchCommand) {
        let mut envelope = CommandEnvelope::new(CommandId::derived(self.match_id.0, name), command);
        envelope.precision = Precision::Unknown;
        self.entries.push(Entry { envelope, expected: Expected::Accepted });
    }
}

fn refused(why: &Rejection) -> LeftOut {
    (Kind::RejectedByLaws, format!("{why} ({})", why.code()))
}

fn shown(score: Score) -> String {
    format!("{}:{}", score.home, score.away)
}
