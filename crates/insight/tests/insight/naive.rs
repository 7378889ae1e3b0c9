//! Everything counted anew, simply: the yardstick. It shares nothing with the views but the laws' score sheet.

use std::collections::BTreeMap;

use crate::courses::happened;
use crate::profiles::{Seen, Tonight, seen, tonight};
use crate::ratings::Contest;
use crate::references::References;
use crate::struck::{Struck, struck};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use topspin_event::{
    CourseCard, LengthCount, Lengths, MatchEvent, MatchMeta, MatchStatistics, Precision, Pressure,
    RecordEntry, RecordList, Recorded, SideStatistics, Statistics, Tally, TimeOutEffect, Timestamp,
};
use topspin_laws::{Both, Event, Facts, How, Line, Outcome, Setup, Side, State, replay};

/// What is counted of a match.
pub struct Counted {
    pub meta: MatchMeta,
    pub statistics: MatchStatistics,
    marks: Vec<(&'static str, RecordEntry)>,
    pub seen: Vec<Seen>,
    pub contest: Option<Contest>,
    pub struck: Vec<Struck>,
    /// Of a singles, whether it is over or not.
    pub tonight: Vec<Tonight>,
    pub happened: Vec<CourseCard>,
    pub rallies: usize,
    pub is_over: bool,
}

/// A match as its events leave it.
pub struct Match<'a> {
    events: &'a [Recorded],
    meta: &'a MatchMeta,
    pub sheet: Vec<Line>,
    facts: Facts,
}

/// Which lines of the sheet are meant.
type Within<'a> = &'a dyn Fn(&Line) -> bool;

#[derive(Clone, Copy)]
pub struct Rally<'a> {
    pub line: &'a Line,
    pub winner: Side,
    pub how: Option<How>,
    pub strokes: Option<u16>,
    lasted: Option<i64>,
}

impl<'a> Match<'a> {
    pub fn of(events: &'a [Recorded]) -> Self {
        let MatchEvent::Created(meta) = &events[0].event else { unreachable!("a match is created first") };
        let setup = Setup { format: meta.format.clone(), carried_cards: meta.carried_cards.clone() };
        let mut state = State::new(setup);
        for event in events {
            if let MatchEvent::Law(law) = &event.event {
                state = replay(state, event.seq, law, event.laws_version);
            }
        }
        Match { events, meta, sheet: state.sheet(), facts: state.facts() }
    }

    pub fn time(&self, line: &Line) -> (Option<i64>, bool) {
        let event = &self.events[line.seq.0 as usize - 1];
        match event.precision {
            Precision::Ms => (Some(event.occurred_at.unwrap_or(event.recorded_at).as_millis()), true),
            Precision::Day => (event.occurred_at.map(Timestamp::as_millis), false),
            Precision::Unknown => (None, false),
        }
    }

    fn exact(&self, line: &Line) -> Option<i64> {
        let (at, exact) = self.time(line);
        at.filter(|_| exact)
    }

    pub fn sheet(&self) -> &[Line] {
        &self.sheet
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    pub fn events(&self) -> &[Recorded] {
        self.events
    }

    pub fn meta(&self) -> &MatchMeta {
        self.meta
    }

    pub fn rallies(&self) -> Vec<Rally<'_>> {
        let mut rallies = Vec::new();
        for (index, line) in self.sheet.iter().enumerate() {
            let Some(Outcome::Point { to, how, strokes }) = line.event.outcome() else { continue };
            let start = index.checked_sub(1).map(|before| &self.sheet[before]);
            let start = start.filter(|line| line.event == Event::RallyStarted {});
            let lasted = match (start.and_then(|line| self.exact(line)), self.exact(line)) {
                (Some(start), Some(end)) if (0..=600_000).contains(&(end - start)) => Some(end - start),
                _ => None,
            };
            rallies.push(Rally { line, winner: to, how, strokes, lasted });
        }
        rallies
    }

    fn statistics(&self) -> MatchStatistics {
        let all = self.rallies();
        let last = self.events.last().expect("events");
        let games = self.facts.games.len() as u8;
        let weights: i32 = (1..=10).sum();
        let points = |games: &[Both<u16>], mut period: Statistics| {
            let of = |side| games.iter().map(|game| u32::from(*game.of(side))).sum();
            (period.sides.home.points, period.sides.away.points) = (of(Side::Home), of(Side::Away));
            period
        };
        let momentum: i32 = all
            .iter()
            .rev()
            .zip(0..10)
            .map(|(rally, age)| if rally.winner == Side::Home { 10 - age } else { age - 10 })
            .sum();
        MatchStatistics {
            match_id: last.match_id,
            epoch: last.epoch,
            seq: last.seq,
            whole: points(&self.facts.games, self.period(&all, &|_| true)),
            games: (1..=games)
                .map(|game| {
                    let period = self.period(&all, &|line| line.after.game == game);
                    points(&self.facts.games[usize::from(game) - 1..usize::from(game)], period)
                })
                .collect(),
            time_outs: self.time_outs(&all),
            momentum: 100 * momentum / weights,
        }
    }

    fn period(&self, all: &[Rally<'_>], within: &dyn Fn(&Line) -> bool) -> Statistics {
        let rallies: Vec<Rally<'_>> = all.iter().copied().filter(|rally| within(rally.line)).collect();
        let lets = self.sheet.iter().filter(|line| {
            within(line) && matches!(line.event, Event::LetCalled { .. }) || {
                within(line)
                    && matches!(line.event.outcome(), Some(Outcome::Let { .. }))
                    && !matches!(line.event, Event::LetCalled { .. })
            }
        });
        let pairs = rallies.windows(2).filter(|pair| pair[0].line.before.game == pair[1].line.before.game);
        let between = pairs.filter_map(|pair| {
            let seconds = (self.exact(pair[1].line)? - self.exact(pair[0].line)? + 500).div_euclid(1000);
            u32::try_from(seconds).ok()
        });
        Statistics {
            rallies: rallies.len() as u32,
            lets: lets.count() as u32,
            sides: Both::new(
                self.side(Side::Home, &rallies, (all, within)),
                self.side(Side::Away, &rallies, (all, within)),
            ),
            strokes: lengths(rallies.iter().filter_map(|rally| rally.strokes.map(u32::from)).collect()),
            seconds: lengths(
                rallies
                    .iter()
                    .filter_map(|rally| rally.lasted.map(|ms| ((ms + 500) / 1000) as u32))
                    .collect(),
            ),
            between_points: lengths(between.collect()),
        }
    }

    fn side(
        &self,
        side: Side,
        rallies: &[Rally<'_>],
        (all, within): (&[Rally<'_>], Within<'_>),
    ) -> SideStatistics {
        let count =
            |holds: &dyn Fn(&Rally<'_>) -> bool| rallies.iter().filter(|rally| holds(rally)).count() as u32;
        let tally = |holds: &dyn Fn(&Rally<'_>) -> bool| Tally {
            won: count(&|rally| holds(rally) && rally.winner == side),
            of: count(holds),
        };
        let serves =
            |rally: &Rally<'_>, by: Side| rally.line.before.server.is_some_and(|seat| seat.side == by);
        let known = rallies.iter().any(|rally| rally.line.before.server.is_some());
        let said = |ways: &[How]| all.iter().any(|rally| rally.how.is_some_and(|how| ways.contains(&how)));
        let luck = said(&[How::Ordinary, How::NetRoller, How::Edge, How::NetOrEdge]);
        let one = |how: How| said(&[How::Ordinary, how]);
        let won_by = |way: How| count(&|rally| rally.winner == side && rally.how == Some(way));
        let lost_by = |way: How| count(&|rally| rally.winner != side && rally.how == Some(way));
        let course = self.course(side, within);
        SideStatistics {
            points: 0,
            serve: known.then(|| tally(&|rally| serves(rally, side))),
            receive: known.then(|| tally(&|rally| serves(rally, side.other()))),
            points_in_a_row: course.run,
            largest_lead: course.lead,
            largest_deficit_overcome: course.overcome,
            game_points: self.pressure(side, rallies, false),
            match_points: self.pressure(side, rallies, true),
            deuce: tally(&|rally| {
                let (score, game) = (rally.line.before.score, rally.line.before.game);
                score.home.min(score.away) + 1 >= self.meta.format.points_to_win(game.into())
            }),
            aces: one(How::Ace).then(|| won_by(How::Ace)),
            service_errors: one(How::ServiceError).then(|| lost_by(How::ServiceError)),
            net_rollers: (one(How::NetRoller) && !said(&[How::NetOrEdge])).then(|| won_by(How::NetRoller)),
            edges: (one(How::Edge) && !said(&[How::NetOrEdge])).then(|| won_by(How::Edge)),
            lucky_points: luck.then(|| won_by(How::NetRoller) + won_by(How::Edge) + won_by(How::NetOrEdge)),
        }
    }

    /// Whether one point more wins the game: by the laws, applied to the score.
    pub fn wins_with_one(&self, rally: &Rally<'_>, side: Side, the_match: bool) -> bool {
        let before = rally.line.before;
        let target = self.meta.format.points_to_win(before.game.into());
        let (own, other) = (before.score.of(side) + 1, *before.score.of(side.other()));
        let game = own >= target && own >= other + self.meta.format.win_by;
        game && (!the_match || before.games.of(side) + 1 >= self.meta.format.games_to_win())
    }

    fn pressure(&self, side: Side, rallies: &[Rally<'_>], the_match: bool) -> Pressure {
        let count =
            |holds: &dyn Fn(&Rally<'_>) -> bool| rallies.iter().filter(|rally| holds(rally)).count() as u32;
        let needs = |rally: &Rally<'_>, by: Side| self.wins_with_one(rally, by, the_match);
        Pressure {
            had: count(&|rally| needs(rally, side)),
            converted: count(&|rally| needs(rally, side) && rally.winner == side),
            saved: count(&|rally| needs(rally, side.other()) && rally.winner == side),
        }
    }

    /// Points gained by each line, with the score of its game after it.
    fn gains<'s>(
        &'s self,
        within: &'s dyn Fn(&Line) -> bool,
    ) -> impl Iterator<Item = (Both<u32>, &'s Line)> + 's {
        let mut before = (0, Both::new(0, 0));
        self.sheet.iter().filter(move |line| within(line)).map(move |line| {
            let score = Both::new(u32::from(line.after.score.home), u32::from(line.after.score.away));
            if before.0 != line.after.game {
                before = (line.after.game, Both::new(0, 0));
            }
            let gain =
                Both::new(score.home.saturating_sub(before.1.home), score.away.saturating_sub(before.1.away));
            before.1 = score;
            (gain, line)
        })
    }

    fn course(&self, side: Side, within: &dyn Fn(&Line) -> bool) -> Course {
        let mut course = Course::default();
        let (mut run, mut behind, mut game) = (0, 0, 0);
        for (gain, line) in self.gains(within) {
            let set = matches!(line.event, Event::ScoreSet { .. });
            let (own, other) = (*gain.of(side), *gain.of(side.other()));
            // Two sides gain at once only between games: home's points are counted first.
            if set || (other > 0 && side == Side::Away) {
                run = 0;
            }
            if own > 0 && !set {
                run += own;
                course.run = course.run.max(run);
            }
            if other > 0 && side == Side::Home {
                run = 0;
            }
            if game != line.after.game {
                (game, behind) = (line.after.game, 0);
            }
            let lead = i64::from(*line.after.score.of(side)) - i64::from(*line.after.score.of(side.other()));
            course.lead = course.lead.max(u32::try_from(lead).unwrap_or(0));
            if lead < 0 {
                behind = behind.max(u32::try_from(-lead).expect("behind"));
            } else {
                course.overcome = course.overcome.max(behind);
                behind = 0;
            }
        }
        course
    }

    fn time_outs(&self, all: &[Rally<'_>]) -> Vec<TimeOutEffect> {
        let mut effects = Vec::new();
        for line in &self.sheet {
            let Event::TimeOutTaken { side } = line.event else { continue };
            let same = |rally: &&Rally<'_>| rally.line.before.game == line.after.game;
            let before: Vec<_> = all.iter().filter(same).filter(|rally| rally.line.seq < line.seq).collect();
            let after: Vec<_> = all.iter().filter(same).filter(|rally| rally.line.seq > line.seq).collect();
            let won = |rallies: &[&Rally<'_>]| {
                let by = |side| rallies.iter().filter(|rally| rally.winner == side).count() as u8;
                Both::new(by(Side::Home), by(Side::Away))
            };
            effects.push(TimeOutEffect {
                side,
                game: line.after.game,
                score: line.after.score,
                before: won(&before[before.len().saturating_sub(5)..]),
                after: won(&after[..after.len().min(5)]),
            });
        }
        effects
    }

    /// All that is counted of it.
    pub fn counted(&self) -> Counted {
        let mut meta = self.meta.clone();
        for event in self.events {
            if let MatchEvent::Moved(to) = &event.event {
                meta.venue_id = to.venue_id.or(meta.venue_id);
            }
        }
        let contest = Contest::of(self, &meta);
        Counted {
            meta,
            statistics: self.statistics(),
            marks: self.marks(),
            seen: seen(self),
            contest,
            struck: struck(self),
            tonight: tonight(self),
            happened: happened(self),
            rallies: self.rallies().len(),
            is_over: self.facts.status.is_over(),
        }
    }

    /// (metric, entry), all of them.
    pub fn marks(&self) -> Vec<(&'static str, RecordEntry)> {
        let mut marks = self.marks_of_games();
        let entry = |line: &Line, value: i64, side, game| self.entry(line, value, side, game);
        for rally in self.rallies() {
            let game = rally.line.before.game;
            marks.extend(
                rally
                    .strokes
                    .map(|strokes| ("longest_rally_strokes", entry(rally.line, strokes.into(), None, game))),
            );
            marks.extend(
                rally.lasted.map(|lasted| ("longest_rally_time", entry(rally.line, lasted, None, game))),
            );
        }
        for side in Side::BOTH {
            // The first moment at which the longest run was as long.
            let longest = self.course(side, &|_| true).run;
            let upto = |index: usize| {
                let last = self.sheet[index].seq;
                self.course(side, &move |line: &Line| line.seq <= last).run
            };
            if longest >= 3 {
                let index =
                    (0..self.sheet.len()).find(|index| upto(*index) == longest).expect("it was reached");
                let line = &self.sheet[index];
                marks.push(("points_in_a_row", entry(line, longest.into(), Some(side), line.after.game)));
            }
        }
        marks
    }

    fn entry(&self, line: &Line, value: i64, side: Option<Side>, game: u8) -> RecordEntry {
        RecordEntry {
            value,
            at: self.time(line).0.and_then(Timestamp::from_millis),
            match_id: self.meta.id,
            seq: line.seq,
            side,
            game,
        }
    }

    fn marks_of_games(&self) -> Vec<(&'static str, RecordEntry)> {
        let mut marks = Vec::new();
        let entry = |line: &Line, value: i64, side, game| self.entry(line, value, side, game);
        let started = |game: u8| {
            let is_start =
                |line: &&Line| line.after.game == game && matches!(line.event, Event::GameStarted { .. });
            self.sheet.iter().find(is_start)
        };
        let since = |game: u8, line: &Line| {
            let time = self.exact(line)? - self.exact(started(game)?)?;
            (0..=i64::from(u32::MAX)).contains(&time).then_some(time)
        };
        let mut deuces: BTreeMap<u8, RecordEntry> = BTreeMap::new();
        // Where a score was set, nobody knows how the games before came about.
        let set = self.sheet.iter().rposition(|line| matches!(line.event, Event::ScoreSet { .. }));
        for line in &self.sheet[set.map_or(0, |set| set + 1)..] {
            let (before, after) = (line.before, line.after);
            let level = after.score.home == after.score.away && after.score != before.score;
            if level && after.score.home + 1 >= self.meta.format.points_to_win(after.game.into()) {
                deuces.insert(after.game, entry(line, after.score.home.into(), None, after.game));
            }
            let winner = Side::BOTH.into_iter().find(|side| after.games.of(*side) > before.games.of(*side));
            if let Some(winner) = winner.filter(|_| before.game == after.game) {
                let game = after.game;
                marks.push(("longest_game_points", entry(line, i64::from(after.score.total()), None, game)));
                marks.extend(
                    since(game, line).map(|time| ("longest_game_time", entry(line, time, None, game))),
                );
                let last = line.seq;
                let first = set.map_or(topspin_laws::Seq(0), |set| self.sheet[set].seq);
                let of_game =
                    move |line: &Line| line.after.game == game && (first..=last).contains(&line.seq);
                let behind = self.course(winner, &of_game).overcome;
                if behind > 0 {
                    marks.push(("largest_comeback", entry(line, behind.into(), Some(winner), game)));
                }
            }
            let finished = topspin_laws::Status::Finished;
            if after.status == finished && before.status != finished {
                let points: u32 = self.facts.games.iter().map(Both::total).sum();
                marks.push(("longest_match_points", entry(line, points.into(), None, 0)));
                marks.extend(since(1, line).map(|time| ("longest_match_time", entry(line, time, None, 0))));
            }
        }
        marks.extend(deuces.into_values().map(|entry| ("highest_deuce", entry)));
        marks
    }
}

#[derive(Default)]
struct Course {
    run: u32,
    lead: u32,
    overcome: u32,
}

fn lengths(mut all: Vec<u32>) -> Option<Lengths> {
    all.sort_unstable();
    let longest = *all.last()?;
    let distribution = all.chunk_by(|a, b| a == b);
    Some(Lengths {
        count: all.len() as u32,
        total: all.iter().map(|length| u64::from(*length)).sum(),
        longest,
        distribution: distribution
            .map(|same| LengthCount { length: same[0], count: same.len() as u32 })
            .collect(),
    })
}

/// What lists rest on beside the marks of matches: places that a match alone does not tell, reference data, and the zone
/// where it says none.
pub struct Around<'a> {
    pub others: Vec<(&'static str, String, RecordEntry)>,
    pub references: &'a References,
    pub default: &'a TimeZone,
}

/// All lists of records, as of an instant; with a season from July on, where the match is played.
pub fn records(matches: &[Counted], now: Option<i64>, around: Around<'_>) -> BTreeMap<String, RecordList> {
    let mut lists = all_marks(matches, now, around);
    for list in lists.values_mut() {
        list.entries.truncate(10);
    }
    lists
}

/// All marks of each list, the best first.
pub fn all_marks(matches: &[Counted], now: Option<i64>, around: Around<'_>) -> BTreeMap<String, RecordList> {
    let Around { others, references, default } = around;
    let mut lists: BTreeMap<(String, String, String), Vec<RecordEntry>> = BTreeMap::new();
    let of_matches = matches.iter().flat_map(|one| {
        let scoped = |(metric, entry): &(&'static str, RecordEntry)| {
            let (metric, entry) = (*metric, *entry);
            scopes(&one.meta, entry.side, references).into_iter().map(move |scope| (metric, scope, entry))
        };
        one.marks.iter().flat_map(scoped)
    });
    for (metric, scope, entry) in of_matches.chain(others) {
        let one = matches.iter().find(|one| one.meta.id == entry.match_id).expect("the match of an entry");
        let zone = references.zone_of(&one.meta, default);
        let local =
            |millis: i64| jiff::Timestamp::from_millisecond(millis).expect("a time").to_zoned(zone.clone());
        let oldest =
            now.map(|now| local(now).checked_sub(24.months()).expect("a time").timestamp().as_millisecond());
        let mut windows = vec!["all_time".to_owned()];
        if let Some(at) = entry.at.map(Timestamp::as_millis) {
            let day = local(at);
            windows.push(format!("season:{}", day.year() - i16::from(day.month() < 7)));
            if oldest.is_some_and(|oldest| oldest < at) && now.is_some_and(|now| at <= now) {
                windows.push("24_months".to_owned());
            }
        }
        for window in windows {
            lists.entry((metric.to_owned(), scope.clone(), window)).or_default().push(entry);
        }
    }
    lists.into_iter().map(|((metric, scope, window), entries)| list(metric, scope, window, entries)).collect()
}

fn list(
    metric: String,
    scope: String,
    window: String,
    mut entries: Vec<RecordEntry>,
) -> (String, RecordList) {
    let when = |entry: &RecordEntry| (entry.at.is_none(), entry.at.map_or(0, Timestamp::as_millis));
    entries.sort_by_key(|entry| (-entry.value, when(entry), entry.match_id, entry.seq, entry.game));
    (format!("{metric}/{scope}/{window}"), RecordList { metric, scope, window, entries })
}

pub fn scopes(meta: &MatchMeta, of: Option<Side>, references: &References) -> Vec<String> {
    let mut scopes = vec!["everything".to_owned()];
    if let Some(competition) = meta.competition_id {
        scopes.push(format!("competition:{competition}"));
        scopes.extend(meta.category.as_ref().map(|name| format!("category:{competition}:{name}")));
    }
    for side in Side::BOTH.into_iter().filter(|side| of.is_none_or(|of| of == *side)) {
        let mut players: Vec<_> = meta.sides.of(side).players.clone();
        scopes.extend(players.iter().map(|player| format!("player:{player}")));
        let associations = players.iter().filter_map(|player| references.association(*player));
        scopes.extend(associations.map(|code| format!("association:{code}")));
        if let [first, second] = players.as_mut_slice() {
            let (first, second) = ((*first).min(*second), (*first).max(*second));
            scopes.push(format!("pair:{first}+{second}"));
        }
    }
    scopes.sort();
    scopes.dedup();
    scopes
}
