//! The umpire: which button is pressed next, and after how long.

use rand::RngExt;
use topspin_laws::{
    BallInPlay, Break, Card, CardTo, Certainty, Command, Discipline, End, Expedite, ExpediteReason, Facts,
    How, LetReason, Notice, Seat, Side, Status,
};

use crate::Chance;
use crate::draw::Fixture;
use crate::rally::Rally;

/// One press: wait, then send.
#[derive(Debug, Clone, PartialEq)]
pub struct Press {
    /// Time from the answer to the previous press, milliseconds at speed 1.
    pub after_ms: u64,
    /// What to send.
    pub command: Command,
}

/// The umpire of one match. Reads the facts, decides the next press; remembers only the rally being played, the
/// clock of the game and a slip to correct.
#[derive(Debug)]
pub struct Umpire {
    chance: Chance,
    fixture: Fixture,
    rally: Option<Rally>,
    slip: Slip,
    played_ms: u64,
    games_begun: usize,
}

/// A press for the wrong side, and how far its correction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slip {
    None,
    /// The point goes to the wrong side; it belongs to this one.
    Coming(Side),
    /// Noticed: to be undone.
    Noticed(Side),
    /// Undone: to be pressed again.
    Undone(Side),
}

impl Umpire {
    /// An umpire for one match, with a generator of its own.
    pub fn new(chance: Chance, fixture: Fixture) -> Self {
        Umpire { chance, fixture, rally: None, slip: Slip::None, played_ms: 0, games_begun: 0 }
    }

    /// The next press, or `None` once the result is official.
    pub fn next(&mut self, facts: &Facts) -> Option<Press> {
        if let Some(correction) = self.correct() {
            return Some(correction);
        }
        if facts.status.is_over() {
            let open = facts.certainty != Certainty::Official;
            return open.then(|| press(12_000, Command::ConfirmResult {}));
        }
        if facts.games.len() != self.games_begun {
            self.games_begun = facts.games.len();
            self.played_ms = 0;
        }
        Some(match facts.status {
            Status::Scheduled => press(1_500, Command::Call {}),
            Status::Called => press(20_000, Command::StartWarmUp {}),
            Status::WarmUp if facts.notices.contains(&Notice::Choose) => self.choose(),
            Status::WarmUp => self.start_game(30_000, facts),
            Status::Interval => {
                let pause = self.chance.random_range(35_000..60_000);
                self.start_game(pause, facts)
            }
            Status::Suspended => press(120_000, Command::Resume {}),
            _ => self.in_play(facts),
        })
    }

    /// A slip is undone at once, then the point given to whom it belongs.
    fn correct(&mut self) -> Option<Press> {
        match self.slip {
            Slip::None | Slip::Coming(_) => None,
            Slip::Noticed(to) => {
                self.slip = Slip::Undone(to);
                Some(press(1_800, Command::Undo {}))
            }
            Slip::Undone(to) => {
                self.slip = Slip::None;
                Some(press(1_200, Command::Point { to, how: None, strokes: None }))
            }
        }
    }

    fn choose(&mut self) -> Press {
        let first_server = if self.chance.random_bool(0.5) { Side::Home } else { Side::Away };
        let home_end = Some(if self.chance.random_bool(0.5) { End::Left } else { End::Right });
        press(60_000, Command::Choose { first_server, home_end })
    }

    fn start_game(&mut self, after_ms: u64, facts: &Facts) -> Press {
        let command = match self.fixture.discipline {
            Discipline::Singles => Command::StartGame { server: None, receiver: None },
            Discipline::Doubles => self.start_doubles(facts),
        };
        press(after_ms, command)
    }

    /// The serving pair chooses its server; the receivers choose only in the first game (Law 2.13.4).
    fn start_doubles(&mut self, facts: &Facts) -> Command {
        let side = facts.serves_first.unwrap_or(Side::Home);
        let seat = |side, first| if first { Seat::first(side) } else { Seat::second(side) };
        let receiver = facts.games.is_empty().then(|| seat(side.other(), self.chance.random_bool(0.5)));
        Command::StartGame { server: Some(seat(side, self.chance.random_bool(0.5))), receiver }
    }

    fn in_play(&mut self, facts: &Facts) -> Press {
        match &facts.pause {
            Some(Break::TimeOut { .. }) => {
                return press(self.chance.random_range(35_000..60_000), Command::Resume {});
            }
            Some(Break::Towel {}) => return press(12_000, Command::Resume {}),
            Some(Break::Suspension { .. } | Break::Review { .. }) | None => {}
        }
        match self.rally.take().filter(|_| facts.ball_in_play == BallInPlay::Yes) {
            Some(rally) => self.end_rally(rally),
            None => self.between_rallies(facts),
        }
    }

    fn between_rallies(&mut self, facts: &Facts) -> Press {
        if facts.ball_in_play == BallInPlay::Yes {
            // The tablet was restarted in a rally: nobody remembers it.
            return press(500, Command::Let { reason: Some(LetReason::Interrupted) });
        }
        if let Some(special) = self.special(facts) {
            return special;
        }
        let mut rally = Rally::played(&mut self.chance, facts, &self.fixture.home[0], &self.fixture.away[0]);
        if self.chance.random_bool(0.012) {
            // A press for the wrong side, noticed at once.
            self.slip = Slip::Coming(rally.to);
            rally.to = rally.to.other();
            rally.how = How::Ordinary;
        }
        self.rally = Some(rally);
        press(self.chance.random_range(5_000..11_000), Command::StartRally {})
    }

    fn end_rally(&mut self, rally: Rally) -> Press {
        self.played_ms += rally.lasted_ms + 8_000;
        if let Slip::Coming(to) = self.slip {
            self.slip = Slip::Noticed(to);
            return press(rally.lasted_ms, Command::Point { to: rally.to, how: None, strokes: None });
        }
        if self.chance.random_bool(0.025) {
            return press(900, Command::Let { reason: Some(LetReason::NetService) });
        }
        let how = (rally.how != How::Ordinary).then_some(rally.how);
        press(rally.lasted_ms, Command::Point { to: rally.to, how, strokes: Some(rally.strokes) })
    }

    /// Breaks, cards and expedite, now and then.
    fn special(&mut self, facts: &Facts) -> Option<Press> {
        let score = facts.games.last()?;
        let total = score.home + score.away;
        if facts.expedite == Expedite::Off && self.played_ms > 600_000 && total < 18 {
            return Some(press(1_000, expedite(self.played_ms)));
        }
        if facts.notices.contains(&Notice::Towel) && self.chance.random_bool(0.3) {
            return Some(press(1_000, Command::TakeTowelBreak {}));
        }
        let behind = if score.home + 3 <= score.away {
            Some(Side::Home)
        } else if score.away + 3 <= score.home {
            Some(Side::Away)
        } else {
            None
        };
        if let Some(side) = behind.filter(|side| *facts.time_outs_left.of(*side) > 0)
            && self.chance.random_bool(0.07)
        {
            return Some(press(2_000, Command::TakeTimeOut { side }));
        }
        if self.chance.random_bool(0.003) {
            return self.card(facts);
        }
        None
    }

    fn card(&mut self, facts: &Facts) -> Option<Press> {
        let side = if self.chance.random_bool(0.5) { Side::Home } else { Side::Away };
        let card = match facts.cards.of(side).len() {
            0 => Card::Yellow,
            1 => Card::YellowRed,
            _ => return None,
        };
        Some(press(4_000, Command::ShowCard { side, to: CardTo::Player, card }))
    }
}

fn expedite(played_ms: u64) -> Command {
    Command::IntroduceExpedite {
        reason: ExpediteReason::TimeLimit,
        ball_in_play: BallInPlay::No,
        played_ms: Some(played_ms),
    }
}

fn press(after_ms: u64, command: Command) -> Press {
    Press { after_ms, command }
}
