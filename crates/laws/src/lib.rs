//! The laws of rally sports as pure [`decide`] and [`evolve`]: no IO, no clock, no randomness.
//!
//! A [`Command`] is decided against the [`State`] of a match: the laws answer with [`Event`]s or a [`Rejection`] that
//! names the law. The state is the fold of the events and of nothing else; its [`Facts`] are what a scoreboard shows.
//!
//! ```
//! use topspin_laws::{Command, Discipline, Format, Seq, Setup, Side, State, decide, evolve};
//!
//! let format = Format::ittf(Discipline::Singles, 5);
//! let mut state = State::new(Setup { format, carried_cards: Default::default() });
//! let commands = [
//!     Command::Choose { first_server: Side::Home, home_end: None },
//!     Command::StartGame { server: None, receiver: None },
//!     Command::Point { to: Side::Away, how: None, strokes: None },
//! ];
//! let mut seq = Seq(0);
//! for command in &commands {
//!     for event in decide(&state, command)? {
//!         seq = Seq(seq.0 + 1);
//!         state = evolve(state, seq, &event);
//!     }
//! }
//! assert_eq!(state.facts().games[0].away, 1);
//! # Ok::<(), topspin_laws::Rejection>(())
//! ```
//!
//! # The laws implemented
//!
//! Numbers are those of the ITTF Handbook: 2.x the Laws of Table Tennis, 3.x the Regulations for International
//! Competitions. T.x are this project's rules of record: the Handbook says how to play, not how to keep a record.
//!
//! | Law | What it says | Where |
//! |---|---|---|
//! | 2.5.1 | the ball is in play from the service to the end of the rally | `play` |
//! | 2.8.1 | strokes alternate, the service first | `play`, the scorer |
//! | 2.8.2 | doubles: each player of the four strikes in turn | the scorer |
//! | 2.9.1 | lets | `play` |
//! | 2.10.1 | how a point is won: ace, service error, thirteenth return | `play` |
//! | 2.11.1 | a game is won at 11, or with two points' lead | `score` |
//! | 2.12.1 | a match is best of any odd number of games | `format`, `board` |
//! | 2.13.1 | choice of serving, receiving and ends | `preparation` |
//! | 2.13.3 | two services in turn, one from 10-10 and under expedite | `board`, `service` |
//! | 2.13.4 | doubles: who serves and receives first in each game | `preparation`, `service` |
//! | 2.13.5 | doubles: the order of serving | `service` |
//! | 2.13.6 | who served first receives first in the next game; receivers change in the deciding game | `board` |
//! | 2.13.7 | change of ends between games and in the deciding game | `board`, `preparation` |
//! | 2.14.1, 2.14.3 | wrong server or receiver: corrected, the points stand; the record was wrong, the rally before included | `play` |
//! | 2.14.2, 2.14.3 | wrong ends: corrected, the points stand | `play` |
//! | 2.15.1 – 2.15.6 | the expedite system; the order of service stays as it is | `play`, `board`, `setting` |
//! | 3.3.3 | appeals: protest against a result | `decide` |
//! | 3.4.3 | practice before the match | `preparation` |
//! | 3.4.4.1 | intervals between games; towelling | `interruption` |
//! | 3.4.4.2 | time-outs | `interruption` |
//! | 3.4.4.5 | suspension of play | `interruption` |
//! | 3.5.2.2 – 3.5.2.8 | warnings, penalty points, pairs, advisers, disqualification | `misbehaviour` |
//! | 3.7.6 | team matches: formats, line-ups, substitutions, pairs | [`tie`] |
//! | T.1 | the status of a match says which commands fit | `board` |
//! | T.2 | undo retracts the latest live action; redo reinstates it until something else is done | `history` |
//! | T.3 | an amendment changes one rally; later rallies must still be possible | `history`, `decide` |
//! | T.4 | only reachable scores can be set; later rows restart from them | `setting` |
//! | T.5 | a result is unofficial, official when confirmed, changeable when reopened; a protest does not reopen it | `decide`, `facts` |
//! | T.6 | video review: a challenge is lost only when the decision stands | `interruption` |
//! | T.7 | a change of the schedule, of a reported result or of the strokes of a rally says something new | the scorer |
//! | T.8 | strokes are recorded of a rally that stands and was scored, as many as it was scored with | the scorer |
//!
//! Penalty points awarded between games open the next game; those beyond the end of a game are void.
//!
//! # Out of scope on purpose
//!
//! Whether a service, return or racket was good (2.1 – 2.7) is the umpire's judgement; so is time: the timekeeper's
//! clock comes in as an argument. Para classes, draws, seeding, ranking points and what a result means for a
//! competition belong to others.
#![deny(missing_docs)]

mod board;
mod command;
mod decide;
mod edition;
mod ending;
mod event;
mod facts;
mod format;
mod history;
mod interruption;
mod misbehaviour;
mod play;
mod preparation;
mod rejection;
mod score;
mod service;
mod setting;
mod sheet;
mod side;
mod state;
pub mod tie;

pub use command::{
    BallInPlay, Card, CardTo, Command, ExpediteReason, How, LetReason, Outcome, Reason, ReasonError,
    ReviewOutcome, SuspensionReason,
};
pub use decide::decide;
pub use event::{After, Event, Seq};
pub use facts::{Break, Certainty, Expedite, Facts, Notice, Status};
#[cfg(feature = "openapi")]
pub use format::Unvalidated as NewFormat;
pub use format::{CardsPolicy, Discipline, Format, FormatError};
pub use rejection::{Law, Record, Rejection};
pub use score::{Score, Standing, standing};
pub use sheet::{Line, Moment};
pub use side::{Both, End, Place, Seat, Side};
pub use state::{Setup, State, evolve, replay};

/// The version of these laws, recorded with every event. [`replay`] folds an event by the version it was decided under.
pub const LAWS_VERSION: u32 = 2;
