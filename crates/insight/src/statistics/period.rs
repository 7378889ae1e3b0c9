//! What is counted of a game, or of all games together.

use topspin_event::{Pressure, SideStatistics, Statistics, Tally};
use topspin_laws::{Both, How, Line, Outcome, Score, Side};

use super::course::Course;
use super::lengths::Distribution;
use super::recorded::Recorded;
use crate::rally::{Rally, Stake};

#[derive(Default)]
pub(crate) struct Period {
    pub course: Course,
    rallies: u32,
    lets: u32,
    sides: Both<Counts>,
    strokes: Distribution,
    seconds: Distribution,
    between: Distribution,
    /// The game and the end of the rally before.
    last: Option<(u8, i64)>,
}

/// What is counted of a side.
#[derive(Default)]
struct Counts {
    serve: Tally,
    receive: Tally,
    deuce: Tally,
    game_points: Pressure,
    match_points: Pressure,
    aces: u32,
    service_errors: u32,
    net_rollers: u32,
    edges: u32,
    net_or_edge: u32,
}

impl Period {
    pub(crate) fn lets(&mut self, line: &Line) {
        self.lets += u32::from(matches!(line.event.outcome(), Some(Outcome::Let { .. })));
    }

    pub(crate) fn rally(&mut self, rally: &Rally) {
        self.rallies += 1;
        for side in Side::BOTH {
            self.sides.of_mut(side).rally(side, rally);
        }
        self.how(rally);
        self.strokes.extend(rally.strokes.map(u32::from));
        self.seconds.extend(rally.lasted_ms.map(|lasted| (lasted + 500) / 1000));
        let before = self.last.filter(|(game, _)| *game == rally.game).map(|(_, at)| at);
        let between = before.zip(rally.ended_at()).map(|(before, at)| (at - before + 500).div_euclid(1000));
        self.between.extend(between.and_then(|seconds| u32::try_from(seconds).ok()));
        self.last = rally.ended_at().map(|at| (rally.game, at));
    }

    fn how(&mut self, rally: &Rally) {
        let (winner, loser) = (rally.winner, rally.winner.other());
        match rally.how {
            Some(How::Ace) => self.sides.of_mut(winner).aces += 1,
            Some(How::ServiceError) => self.sides.of_mut(loser).service_errors += 1,
            Some(How::NetRoller) => self.sides.of_mut(winner).net_rollers += 1,
            Some(How::Edge) => self.sides.of_mut(winner).edges += 1,
            Some(How::NetOrEdge) => self.sides.of_mut(winner).net_or_edge += 1,
            Some(How::Ordinary | How::ThirteenthReturn) | None => {}
        }
    }

    /// What was counted, of games with these scores: not all of their points need have been rallies.
    pub(crate) fn finish(self, scores: &[Score], recorded: Recorded) -> Statistics {
        let course = &self.course;
        let side = |side: Side, counts: Counts| SideStatistics {
            points: scores.iter().map(|score| u32::from(*score.of(side))).sum(),
            points_in_a_row: *course.longest_run.of(side),
            largest_lead: *course.largest_lead.of(side),
            largest_deficit_overcome: *course.overcome.of(side),
            ..counts.finish(recorded)
        };
        Statistics {
            rallies: self.rallies,
            lets: self.lets,
            sides: Both::new(side(Side::Home, self.sides.home), side(Side::Away, self.sides.away)),
            strokes: self.strokes.finish(),
            seconds: self.seconds.finish(),
            between_points: self.between.finish(),
        }
    }
}

impl Counts {
    fn rally(&mut self, side: Side, rally: &Rally) {
        let won = rally.winner == side;
        match rally.server {
            Some(server) if server.side == side => count(&mut self.serve, won),
            Some(_) => count(&mut self.receive, won),
            None => {}
        }
        if rally.deuce {
            count(&mut self.deuce, won);
        }
        let (own, other) = (*rally.stake.of(side), *rally.stake.of(side.other()));
        for (pressure, least) in
            [(&mut self.game_points, Stake::Game), (&mut self.match_points, Stake::Match)]
        {
            pressure.had += u32::from(own >= least);
            pressure.converted += u32::from(own >= least && won);
            pressure.saved += u32::from(other >= least && won);
        }
    }

    fn finish(self, recorded: Recorded) -> SideStatistics {
        let known = self.serve.of + self.receive.of > 0;
        let lucky = self.net_rollers + self.edges + self.net_or_edge;
        SideStatistics {
            serve: known.then_some(self.serve),
            receive: known.then_some(self.receive),
            deuce: self.deuce,
            game_points: self.game_points,
            match_points: self.match_points,
            aces: recorded.aces.then_some(self.aces),
            service_errors: recorded.service_errors.then_some(self.service_errors),
            net_rollers: recorded.net_rollers.then_some(self.net_rollers),
            edges: recorded.edges.then_some(self.edges),
            lucky_points: recorded.luck.then_some(lucky),
            ..SideStatistics::default()
        }
    }
}

fn count(tally: &mut Tally, won: bool) {
    tally.of += 1;
    tally.won += u32::from(won);
}
