//! What is worth telling of the course of a match: a pure function of its chronicle.

use topspin_laws::{Event, How, Line, Side, Status};

use super::candidate::{Happened, Kind};
use crate::chronicle::Chronicle;
use crate::limits::{
    CARD_ACES, CARD_GAME_POINTS, CARD_GAME_TURNED, CARD_LONG_GAME, CARD_MATCH_POINTS, CARD_MATCH_TURNED,
    CARD_RUN, CARD_TIME_OUT, TIME_OUT_RALLIES,
};
use crate::mark::{Mark, ends_match, game_winner};
use crate::metric::Metric;
use crate::rally::{Rally, Stake};

/// Of a match with these marks.
pub(crate) fn happened(chronicle: &Chronicle, marks: &[Mark]) -> Vec<Happened> {
    let course = Course { chronicle };
    let mut happened: Vec<Happened> = marks.iter().filter_map(|mark| course.of_mark(mark)).collect();
    let won = |line: &&Line| game_winner(line).is_some();
    happened.extend(chronicle.lines().iter().filter(won).flat_map(|line| course.of_game(line)));
    happened.extend(Side::BOTH.into_iter().flat_map(|side| course.of_side(side)));
    happened.extend(chronicle.lines().iter().filter_map(|line| course.time_out(line)));
    happened
}

struct Course<'a> {
    chronicle: &'a Chronicle,
}

impl Course<'_> {
    fn of_mark(&self, mark: &Mark) -> Option<Happened> {
        let side = mark.side?;
        let value = u32::try_from(mark.value).ok()?;
        match mark.metric {
            Metric::PointsInARow if value >= CARD_RUN => {
                let seqs = self.run(side, mark.seq, value);
                let (kind, side) = (Kind::PointsInARow, Some(side));
                Some(Happened { kind, side, game: mark.game, value, beside: 0, seqs })
            }
            Metric::LargestComeback if mark.value >= CARD_GAME_TURNED => {
                let behind = |line: &&Line| {
                    let (own, other) = (*line.after.score.of(side), *line.after.score.of(side.other()));
                    line.after.game == mark.game && u32::from(own) + value == u32::from(other)
                };
                let line = self.chronicle.lines().iter().find(behind)?;
                let beside = u32::from(*line.after.score.of(side));
                let (kind, side, seqs) = (Kind::GameTurned, Some(side), vec![line.seq.0, mark.seq]);
                Some(Happened { kind, side, game: mark.game, value, beside, seqs })
            }
            _ => None,
        }
    }

    /// The events of a run of so many points, which one completed.
    fn run(&self, side: Side, last: u64, value: u32) -> Vec<u64> {
        let upto = self.chronicle.lines().iter().rev().skip_while(|line| line.seq.0 > last);
        let (mut seqs, mut left) = (Vec::new(), value);
        for line in upto.filter(|line| gained(line, side) > 0) {
            if left == 0 {
                break;
            }
            // A penalty can be two points.
            left = left.saturating_sub(gained(line, side));
            seqs.push(line.seq.0);
        }
        seqs.reverse();
        seqs
    }

    /// Of a game, by the line that won it.
    fn of_game(&self, line: &Line) -> Vec<Happened> {
        let Some((side, format)) = game_winner(line).zip(self.chronicle.format()) else { return Vec::new() };
        let (game, score) = (line.after.game, line.after.score);
        let (own, other) = (*score.of(side), *score.of(side.other()));
        let one = |kind, value: u32, beside: u32, seqs| Happened {
            kind,
            side: Some(side),
            game,
            value,
            beside,
            seqs,
        };
        let mut happened = Vec::new();
        if other == 0 && own >= format.points_to_win(game.into()) {
            happened.push(one(Kind::GameToLove, own.into(), 0, vec![line.seq.0]));
        }
        if own >= format.points_to_win(game.into()) + CARD_LONG_GAME {
            happened.push(one(Kind::LongGame, own.into(), other.into(), vec![line.seq.0]));
        }
        let saved =
            self.won(side, |rally| rally.game == game && *rally.stake.of(side.other()) == Stake::Game);
        if saved.len() >= CARD_GAME_POINTS {
            happened.push(one(Kind::GamePointsSaved, saved.len() as u32, 0, saved));
        }
        happened
    }

    fn of_side(&self, side: Side) -> Vec<Happened> {
        let mut happened = Vec::new();
        let one =
            |kind, value, beside, seqs| Happened { kind, side: Some(side), game: 0, value, beside, seqs };
        let aces = self.won(side, |rally| rally.how == Some(How::Ace));
        if aces.len() >= CARD_ACES {
            happened.push(one(Kind::Aces, aces.len() as u32, 0, aces));
        }
        let saved = self.won(side, |rally| *rally.stake.of(side.other()) == Stake::Match);
        let (end, winner) = (self.end(), self.chronicle.state().and_then(|state| state.moment().winner));
        match end.filter(|_| winner == Some(side)) {
            Some(_) if !saved.is_empty() => {
                happened.push(one(Kind::WonAfterMatchPoints, saved.len() as u32, 0, saved));
            }
            None if saved.len() >= CARD_MATCH_POINTS => {
                happened.push(one(Kind::MatchPointsSaved, saved.len() as u32, 0, saved));
            }
            Some(_) | None => {}
        }
        let behind =
            |line: &Line| line.after.games.of(side.other()).saturating_sub(*line.after.games.of(side));
        let most = self.chronicle.lines().iter().map(behind).max().unwrap_or_default();
        if let Some(end) = end.filter(|_| winner == Some(side) && most >= CARD_MATCH_TURNED) {
            let turn = self.chronicle.lines().iter().find(|line| behind(line) == most);
            happened.extend(turn.map(|turn| {
                let own = u32::from(*turn.after.games.of(side));
                one(Kind::MatchTurned, most.into(), own, vec![turn.seq.0, end.seq.0])
            }));
        }
        happened
    }

    /// The line that decided the match by play, if it stands at the end.
    fn end(&self) -> Option<&Line> {
        let finished = self.chronicle.state().is_some_and(|state| state.moment().status == Status::Finished);
        self.chronicle.lines().iter().rev().find(|line| ends_match(line)).filter(|_| finished)
    }

    /// The rallies that a side has won, of those that are meant.
    fn won(&self, side: Side, meant: impl Fn(&Rally) -> bool) -> Vec<u64> {
        let rallies = self.chronicle.rallies().iter();
        rallies.filter(|rally| rally.winner == side && meant(rally)).map(|rally| rally.seq).collect()
    }

    fn time_out(&self, line: &Line) -> Option<Happened> {
        let Event::TimeOutTaken { side } = line.event else { return None };
        let (game, rallies) = (line.after.game, self.chronicle.rallies());
        let (before, after) = rallies.split_at(rallies.partition_point(|rally| rally.seq < line.seq.0));
        let before: Vec<&Rally> =
            before.iter().rev().filter(|rally| rally.game == game).take(TIME_OUT_RALLIES).collect();
        let after: Vec<&Rally> =
            after.iter().filter(|rally| rally.game == game).take(TIME_OUT_RALLIES).collect();
        if before.len() < TIME_OUT_RALLIES || after.len() < TIME_OUT_RALLIES {
            return None;
        }
        let won = |rallies: &[&Rally]| rallies.iter().filter(|rally| rally.winner == side).count() as u32;
        let (value, beside) = (won(&after), won(&before));
        if value < CARD_TIME_OUT.0 || beside > CARD_TIME_OUT.1 {
            return None;
        }
        let seqs =
            std::iter::once(line.seq.0).chain(before.iter().rev().chain(&after).map(|rally| rally.seq));
        let (kind, side, seqs) = (Kind::TimeOut, Some(side), seqs.collect());
        Some(Happened { kind, side, game, value, beside, seqs })
    }
}

fn gained(line: &Line, side: Side) -> u32 {
    let (before, after) = (line.before, line.after);
    let so_far = if before.game == after.game { *before.score.of(side) } else { 0 };
    u32::from(after.score.of(side).saturating_sub(so_far))
}
