//! Why the laws refuse a command.

use serde::Serialize;
use thiserror::Error;

use crate::event::Seq;
use crate::{Side, Status};

/// The number of a law (2.x) or regulation (3.x) of the ITTF Handbook, or of this project's rules of record (T.x).
///
/// The crate's documentation lists every number in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Law(pub &'static str);

/// A command refused. [`Rejection::law`] names the rule, [`Rejection::code`] is stable for programs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejection {
    /// The command does not fit the status of the match.
    #[error("a match that is {status} does not allow this")]
    WrongStatus {
        /// The status it has.
        status: Status,
    },
    /// The match is over.
    #[error("the match is over: undo, amend or set the score to correct it")]
    MatchOver,
    /// The result is official.
    #[error("the result is official: the referee must reopen it first")]
    ResultOfficial,
    /// Nobody has confirmed, so there is nothing to protest or reopen.
    #[error("the match has no result yet")]
    NoResult,
    /// The draw for serve and ends is missing.
    #[error("who serves first is not known: enter the choice of serve and ends")]
    ChoiceMissing,
    /// The draw was entered and a game has begun.
    #[error("the choice of serve and ends cannot change once the first game has begun")]
    ChoiceTooLate,
    /// The wrong pair or player would serve.
    #[error("{due} serves first in this game")]
    NotDueToServe {
        /// The side due.
        due: Side,
    },
    /// Doubles needs the player, not only the side.
    #[error("in doubles the serving pair names its first server, and in the first game the receivers theirs")]
    SeatMissing,
    /// The receiver follows from the previous game.
    #[error("the first receiver is the player who served to the server in the game before")]
    NotDueToReceive,
    /// A second player in singles, or server and receiver of one side.
    #[error("server and receiver must be players of opposite sides")]
    ImpossibleSeats,
    /// A rally is being played.
    #[error("the ball is in play")]
    BallInPlay,
    /// No rally was started.
    #[error("the ball is not in play")]
    BallNotInPlay,
    /// The game has not begun.
    #[error("the game has not been started")]
    GameNotStarted,
    /// An ace is won by the server.
    #[error("an ace is won by the server")]
    AceByReceiver,
    /// A service error is won by the receiver.
    #[error("a service error gives the point to the receiver")]
    ServiceErrorByReceiver,
    /// The thirteenth return counts under expedite only, for the receiver.
    #[error("a thirteenth return counts under expedite only, and for the receiver")]
    NoThirteenthReturn,
    /// Strokes out of bounds, or contradicting how the point was won.
    #[error("the number of strokes contradicts how the point was won")]
    ImpossibleStrokes,
    /// Expedite is in operation already.
    #[error("the expedite system is in operation already")]
    ExpediteAlready,
    /// Too many points for expedite.
    #[error("the expedite system is not introduced once {limit} points are scored in the game")]
    ExpediteTooLate {
        /// Points of both sides.
        limit: u16,
    },
    /// The time limit has not been reached.
    #[error("{limit_seconds} seconds of play in the game are not reached")]
    ExpediteTooEarly {
        /// The limit.
        limit_seconds: u16,
    },
    /// The format has no expedite by time.
    #[error("this format has no expedite system by time")]
    NoExpediteByTime,
    /// No time-out left.
    #[error("{side} has no time-out left")]
    NoTimeOutLeft {
        /// The side.
        side: Side,
    },
    /// A break is going on.
    #[error("a break is going on: resume play first")]
    BreakGoingOn,
    /// Nothing to resume.
    #[error("play is not interrupted")]
    NoBreak,
    /// Towelling is not allowed at this score.
    #[error("towelling is allowed after every {every} points and at the change of ends in the deciding game")]
    NoTowelNow {
        /// Points.
        every: u16,
    },
    /// The card does not follow from the cards shown before.
    #[error("the next card is {next}")]
    WrongCard {
        /// What may be shown.
        next: &'static str,
    },
    /// No challenge left, or the format has none.
    #[error("{side} has no challenge left")]
    NoChallengeLeft {
        /// The side.
        side: Side,
    },
    /// No review is going on.
    #[error("no review is going on")]
    NoReview,
    /// Nothing to undo.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// Nothing to redo.
    #[error("there is nothing to redo")]
    NothingToRedo,
    /// The position names no live rally.
    #[error("event {} is not a live rally", seq.0)]
    NotALiveRally {
        /// The position asked for.
        seq: Seq,
    },
    /// The amendment changes nothing.
    #[error("event {} has this outcome already", seq.0)]
    SameOutcome {
        /// The position asked for.
        seq: Seq,
    },
    /// With the amendment a later action could not have happened.
    #[error("event {} could not have happened then: retract back to it first", seq.0)]
    LaterImpossible {
        /// The first action that stands against it.
        seq: Seq,
        /// Why it could not have happened.
        why: Box<Rejection>,
    },
    /// No sequence of rallies leads to the score.
    #[error("game {game} cannot have this score")]
    UnreachableScore {
        /// Its number, from 1; 0: too few or too many games.
        game: u8,
    },
    /// The match holds as many actions as it may.
    #[error("a match holds at most {limit} actions")]
    TooManyActions {
        /// The bound.
        limit: usize,
    },
    /// The rally at the position was a let.
    #[error("event {} is a let: it has no strokes to record", seq.0)]
    RallyNotScored {
        /// The position asked for.
        seq: Seq,
    },
    /// A side made two strokes one after the other.
    #[error("strokes alternate, and stroke {stroke} is {due}'s")]
    StrokesNotAlternating {
        /// The number of the first wrong one, from 1.
        stroke: u16,
        /// Whose it has to be.
        due: Side,
    },
    /// The first stroke is not the server's.
    #[error("{server} served this rally, and the first stroke is the service")]
    FirstStrokeNotServers {
        /// Who served.
        server: Side,
    },
    /// A stroke of a player of the pair whose turn it was not, or of a second player in singles.
    #[error("stroke {stroke} was the turn of another player")]
    StrokeOfAnotherPlayer {
        /// The number of the first wrong one, from 1.
        stroke: u16,
    },
    /// More or fewer strokes than the rally was scored with.
    #[error("the rally was scored with {scored} strokes, and these are {given}")]
    StrokeCountDiffers {
        /// With the point.
        scored: u16,
        /// In the list.
        given: u16,
    },
    /// The record says it already.
    #[error("that is how it is recorded already")]
    NothingToCorrect {
        /// What was to be corrected.
        record: Record,
    },
}

/// A part of the record that can be corrected to what it says already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Who serves and receives (Law 2.14.1).
    Service,
    /// Who plays at which end (Law 2.14.2).
    Ends,
    /// The table and time of the match (rule of record T.7).
    Schedule,
    /// The result as reported from elsewhere (rule of record T.7).
    ReportedResult,
    /// The strokes of a rally (rule of record T.7).
    Strokes,
}

impl Record {
    const fn law(self) -> &'static str {
        match self {
            Record::Service => "2.14.1",
            Record::Ends => "2.14.2",
            Record::Schedule | Record::ReportedResult | Record::Strokes => "T.7",
        }
    }
}

impl Rejection {
    /// Every code that [`Rejection::code`] can give.
    pub const CODES: [&'static str; 41] = [
        "wrong_status",
        "match_over",
        "result_official",
        "no_result",
        "choice_missing",
        "choice_too_late",
        "not_due_to_serve",
        "seat_missing",
        "not_due_to_receive",
        "impossible_seats",
        "ball_in_play",
        "ball_not_in_play",
        "game_not_started",
        "ace_by_receiver",
        "service_error_by_receiver",
        "no_thirteenth_return",
        "impossible_strokes",
        "expedite_already",
        "expedite_too_late",
        "expedite_too_early",
        "no_expedite_by_time",
        "no_time_out_left",
        "break_going_on",
        "no_break",
        "no_towel_now",
        "wrong_card",
        "no_challenge_left",
        "no_review",
        "nothing_to_undo",
        "nothing_to_redo",
        "not_a_live_rally",
        "same_outcome",
        "later_impossible",
        "unreachable_score",
        "too_many_actions",
        "rally_not_scored",
        "strokes_not_alternating",
        "first_stroke_not_servers",
        "stroke_of_another_player",
        "stroke_count_differs",
        "nothing_to_correct",
    ];

    /// The law, regulation or rule of record that refuses the command.
    pub fn law(&self) -> Law {
        Law(self.ruling().1)
    }

    /// A stable code for programs, in `snake_case`.
    pub fn code(&self) -> &'static str {
        self.ruling().0
    }

    const fn ruling(&self) -> (&'static str, &'static str) {
        match self {
            Rejection::WrongStatus { .. } => ("wrong_status", "T.1"),
            Rejection::MatchOver => ("match_over", "2.12.1"),
            Rejection::ResultOfficial => ("result_official", "T.5"),
            Rejection::NoResult => ("no_result", "T.5"),
            Rejection::ChoiceMissing => ("choice_missing", "2.13.1"),
            Rejection::ChoiceTooLate => ("choice_too_late", "2.13.1"),
            Rejection::NotDueToServe { .. } => ("not_due_to_serve", "2.13.6"),
            Rejection::SeatMissing => ("seat_missing", "2.13.4"),
            Rejection::NotDueToReceive => ("not_due_to_receive", "2.13.4"),
            Rejection::ImpossibleSeats => ("impossible_seats", "2.13.5"),
            Rejection::BallInPlay => ("ball_in_play", "2.5.1"),
            Rejection::BallNotInPlay => ("ball_not_in_play", "2.5.1"),
            Rejection::GameNotStarted => ("game_not_started", "2.11.1"),
            Rejection::AceByReceiver => ("ace_by_receiver", "2.10.1.2"),
            Rejection::ServiceErrorByReceiver => ("service_error_by_receiver", "2.10.1.1"),
            Rejection::NoThirteenthReturn => ("no_thirteenth_return", "2.15.4"),
            Rejection::ImpossibleStrokes => ("impossible_strokes", "2.8.1"),
            Rejection::ExpediteAlready => ("expedite_already", "2.15.6"),
            Rejection::ExpediteTooLate { .. } => ("expedite_too_late", "2.15.2"),
            Rejection::ExpediteTooEarly { .. } => ("expedite_too_early", "2.15.1"),
            Rejection::NoExpediteByTime => ("no_expedite_by_time", "2.15.1"),
            Rejection::NoTimeOutLeft { .. } => ("no_time_out_left", "3.4.4.2"),
            Rejection::BreakGoingOn => ("break_going_on", "3.4.4.1"),
            Rejection::NoBreak => ("no_break", "3.4.4.1"),
            Rejection::NoTowelNow { .. } => ("no_towel_now", "3.4.4.1"),
            Rejection::WrongCard { .. } => ("wrong_card", "3.5.2"),
            Rejection::NoChallengeLeft { .. } => ("no_challenge_left", "T.6"),
            Rejection::NoReview => ("no_review", "T.6"),
            Rejection::NothingToUndo => ("nothing_to_undo", "T.2"),
            Rejection::NothingToRedo => ("nothing_to_redo", "T.2"),
            Rejection::NotALiveRally { .. } => ("not_a_live_rally", "T.3"),
            Rejection::SameOutcome { .. } => ("same_outcome", "T.3"),
            Rejection::LaterImpossible { .. } => ("later_impossible", "T.3"),
            Rejection::UnreachableScore { .. } => ("unreachable_score", "T.4"),
            Rejection::TooManyActions { .. } => ("too_many_actions", "T.2"),
            Rejection::RallyNotScored { .. } => ("rally_not_scored", "T.8"),
            Rejection::StrokesNotAlternating { .. } => ("strokes_not_alternating", "2.8.1"),
            Rejection::FirstStrokeNotServers { .. } => ("first_stroke_not_servers", "2.8.1"),
            Rejection::StrokeOfAnotherPlayer { .. } => ("stroke_of_another_player", "2.8.2"),
            Rejection::StrokeCountDiffers { .. } => ("stroke_count_differs", "T.8"),
            Rejection::NothingToCorrect { record } => ("nothing_to_correct", record.law()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rejection;

    #[test]
    fn the_list_of_codes_is_the_table_of_rulings() {
        let table = include_str!("rejection.rs").split_once("const fn ruling").expect("the table").1;
        let rows: Vec<&str> =
            table.lines().filter_map(|line| line.split_once("=> (\"")?.1.split('"').next()).collect();
        assert_eq!(rows, Rejection::CODES);
    }

    #[test]
    fn every_law_that_refuses_a_command_is_in_the_table_of_laws() {
        let listed: Vec<&str> = include_str!("lib.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | ")?.split(" | ").next())
            .flat_map(|numbers| numbers.split([',', '–']).map(str::trim))
            .collect();
        // A row names a law, those within it, or the ends of a range of them.
        let within = |law: &str, row: &str| law == row || law.starts_with(&format!("{row}."));
        let chapter =
            |law: &str| law.rsplit_once('.').map_or(String::new(), |(chapter, _)| chapter.to_owned());
        let ranged = ["2.15", "3.5.2"];
        let sources = [include_str!("rejection.rs"), include_str!("tie/rejection.rs")];
        let mut seen = 0;
        for source in sources {
            let code = source.split("#[cfg(test)]").next().expect("the code");
            for law in code.split('"').filter(|text| text.starts_with(['2', '3', 'T']) && text.contains('.'))
            {
                let named = listed.iter().any(|row| within(law, row) || within(row, law));
                assert!(named || ranged.contains(&chapter(law).as_str()), "{law} is not in the table");
                seen += 1;
            }
        }
        assert!(seen > 40, "{seen} numbers");
    }
}
