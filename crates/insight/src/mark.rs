//! Marks: what a match sets that could be a record.

use serde::{Deserialize, Serialize};
use topspin_event::{MatchId, RecordEntry, Seq, Timestamp};
use topspin_laws::{Both, Event, Format, Line, Score, Side, Status};

use crate::chronicle::{Chronicle, Stamp};
use crate::limits::SHORTEST_RUN;
use crate::metric::Metric;
use crate::rally::Rally;
use crate::statistics::Course;

/// Something that could be a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// What is measured.
    pub metric: Metric,
    /// How much of it, in the unit of the metric.
    pub value: i64,
    /// Whose it is; `None`: both sides'.
    pub side: Option<Side>,
    /// The game in which it was set; 0 where it is of the whole match.
    pub game: u8,
    /// The position of the event that completed it.
    pub seq: u64,
    /// When that was, in milliseconds since 1970, if it is known to the millisecond or at least to the day.
    pub at: Option<i64>,
}

/// All marks of a match, as entries of lists.
pub fn marks(chronicle: &Chronicle) -> Vec<(Metric, RecordEntry)> {
    let Some(meta) = chronicle.meta() else { return Vec::new() };
    let of_rallies = chronicle.rallies().iter().flat_map(of_rally);
    of_rallies.chain(of_match(chronicle)).map(|mark| (mark.metric, mark.entry(meta.id))).collect()
}

impl Mark {
    /// As an entry of a list.
    pub(crate) fn entry(&self, match_id: MatchId) -> RecordEntry {
        RecordEntry {
            value: self.value,
            at: self.at.and_then(Timestamp::from_millis),
            match_id,
            seq: Seq(self.seq),
            side: self.side,
            game: self.game,
        }
    }
}

/// The marks of single rallies: all of them, as each could be the longest.
pub(crate) fn of_rally(rally: &Rally) -> impl Iterator<Item = Mark> + use<> {
    let mark = |metric, value: i64| Mark {
        metric,
        value,
        side: None,
        game: rally.game,
        seq: rally.seq,
        at: rally.at,
    };
    let strokes = rally.strokes.map(|strokes| mark(Metric::LongestRallyStrokes, strokes.into()));
    let lasted = rally.lasted_ms.map(|lasted| mark(Metric::LongestRallyTime, lasted.into()));
    strokes.into_iter().chain(lasted)
}

/// The marks of games, runs and the match. Rallies, runs and deuces count at once; games, comebacks and matches when they
/// are won.
pub(crate) fn of_match(chronicle: &Chronicle) -> Vec<Mark> {
    let Some(format) = chronicle.format() else { return Vec::new() };
    let mut marking =
        Marking { chronicle, format, all: Course::default(), game: Course::default(), marks: Vec::new() };
    for line in chronicle.lines() {
        marking.take(line);
    }
    marking.marks
}

/// Who won a game with this line, if one was won by play.
pub(crate) fn game_winner(line: &Line) -> Option<Side> {
    let (before, after) = (line.before, line.after);
    let is_set = matches!(line.event, Event::ScoreSet { .. });
    let won = |side: &Side| after.games.of(*side) > before.games.of(*side);
    Side::BOTH.into_iter().find(won).filter(|_| after.game == before.game && !is_set)
}

/// Whether the match is played to its end with this line.
pub(crate) fn ends_match(line: &Line) -> bool {
    line.after.status == Status::Finished && line.before.status != Status::Finished
}

struct Marking<'a> {
    chronicle: &'a Chronicle,
    format: &'a Format,
    /// Of the whole match, and of the game that is being played.
    all: Course,
    game: Course,
    marks: Vec<Mark>,
}

impl Marking<'_> {
    fn take(&mut self, line: &Line) {
        let is_set = matches!(line.event, Event::ScoreSet { .. });
        if line.after.game != line.before.game || is_set {
            self.game = Course::default();
        }
        let before = self.all.longest_run;
        self.all.take(line);
        self.game.take(line);
        if is_set {
            // Nobody knows how the games before it came about.
            self.marks.retain(|mark| mark.metric == Metric::PointsInARow);
            return;
        }
        self.runs(line, before);
        self.deuce(line);
        if let Some(side) = game_winner(line) {
            self.game_won(line, side);
        }
        if ends_match(line) {
            self.match_won(line);
        }
    }

    fn runs(&mut self, line: &Line, before: Both<u32>) {
        for side in Side::BOTH {
            let longest = *self.all.longest_run.of(side);
            if longest > *before.of(side) && longest >= SHORTEST_RUN {
                let own = |mark: &Mark| mark.metric == Metric::PointsInARow && mark.side == Some(side);
                self.marks.retain(|mark| !own(mark));
                self.push(line, Metric::PointsInARow, longest, Some(side));
            }
        }
    }

    fn deuce(&mut self, line: &Line) {
        let (score, game) = (line.after.score, line.after.game);
        let to_win = self.format.points_to_win(usize::from(game));
        if score != line.before.score && score.home == score.away && score.home + 1 >= to_win {
            self.marks.retain(|mark| mark.metric != Metric::HighestDeuce || mark.game != game);
            self.push(line, Metric::HighestDeuce, score.home.into(), None);
        }
    }

    fn game_won(&mut self, line: &Line, by: Side) {
        self.push(line, Metric::LongestGamePoints, line.after.score.total(), None);
        if let Some(time) = self.since_start(line.after.game, line.seq) {
            self.push(line, Metric::LongestGameTime, time, None);
        }
        let behind = *self.game.overcome.of(by);
        if behind > 0 {
            self.push(line, Metric::LargestComeback, behind, Some(by));
        }
    }

    fn match_won(&mut self, line: &Line) {
        let game = self.marks.len();
        let points = self.chronicle.scores().iter().map(Score::total).sum();
        self.push(line, Metric::LongestMatchPoints, points, None);
        if let Some(time) = self.since_start(1, line.seq) {
            self.push(line, Metric::LongestMatchTime, time, None);
        }
        for mark in &mut self.marks[game..] {
            mark.game = 0;
        }
    }

    fn push(&mut self, line: &Line, metric: Metric, value: u32, side: Option<Side>) {
        let stamp = self.chronicle.stamp(line.seq);
        let at = stamp.and_then(|stamp| stamp.at).map(Timestamp::as_millis);
        let (value, game, seq) = (value.into(), line.after.game, line.seq.0);
        self.marks.push(Mark { metric, value, side, game, seq, at });
    }

    /// Milliseconds from the start of a game to an event, if both are known to the millisecond.
    fn since_start(&self, game: u8, until: Seq) -> Option<u32> {
        let started =
            |line: &&Line| line.after.game == game && matches!(line.event, Event::GameStarted { .. });
        let start = self.chronicle.lines().iter().find(started)?;
        let exactly = |seq| self.chronicle.stamp(seq).and_then(Stamp::exactly);
        u32::try_from(exactly(until)?.millis_since(exactly(start.seq)?)).ok()
    }
}
