//! The laws' events, written.

use topspin_laws::{After, Both, Event, Outcome, Reason, Score, Seat, Side};

use super::enums::{WireEnum, number};
use super::v1::{self, recorded::Event as Wire};

/// An event of the laws as it goes on the log.
#[expect(clippy::too_many_lines, reason = "one arm an event")]
pub(super) fn write(event: &Event) -> Wire {
    match event {
        Event::Called {} => Wire::Called(v1::Nothing {}),
        Event::WarmUpStarted {} => Wire::WarmUpStarted(v1::Nothing {}),
        Event::Chosen { first_server, home_end } => {
            Wire::Chosen(v1::Chosen { first_server: first_server.number(), home_end: number(*home_end) })
        }
        Event::GameStarted { game, server, receiver } => Wire::GameStarted(v1::GameStarted {
            game: (*game).into(),
            server: Some(seat(*server)),
            receiver: Some(seat(*receiver)),
        }),
        Event::RallyStarted {} => Wire::RallyStarted(v1::Nothing {}),
        Event::PointScored { to, how, strokes, after } => Wire::PointScored(v1::PointScored {
            to: to.number(),
            how: number(*how),
            strokes: strokes.unwrap_or(0).into(),
            after: Some(write_after(*after)),
        }),
        Event::LetCalled { reason } => Wire::LetCalled(v1::LetCalled { reason: number(*reason) }),
        Event::ServiceCorrected { server, receiver } => Wire::ServiceCorrected(v1::ServiceCorrected {
            server: Some(seat(*server)),
            receiver: Some(seat(*receiver)),
        }),
        Event::EndsCorrected { home_end } => {
            Wire::EndsCorrected(v1::EndsCorrected { home_end: home_end.number() })
        }
        Event::ExpediteIntroduced { reason, ball_in_play } => {
            Wire::ExpediteIntroduced(v1::ExpediteIntroduced {
                reason: reason.number(),
                ball_in_play: ball_in_play.number(),
            })
        }
        Event::CardShown { side, to, card, penalty_points, after } => Wire::CardShown(v1::CardShown {
            side: side.number(),
            to: to.number(),
            card: card.number(),
            penalty_points: (*penalty_points).into(),
            after: Some(write_after(*after)),
        }),
        Event::TimeOutTaken { side } => Wire::TimeOutTaken(by(*side, None)),
        Event::TowelBreakTaken {} => Wire::TowelBreakTaken(v1::Nothing {}),
        Event::Resumed {} => Wire::Resumed(v1::Nothing {}),
        Event::Suspended { reason, side } => {
            Wire::Suspended(v1::Suspended { reason: reason.number(), side: number(*side) })
        }
        Event::ReviewRequested { side } => Wire::ReviewRequested(by(*side, None)),
        Event::ReviewDecided { side, outcome } => {
            Wire::ReviewDecided(v1::ReviewDecided { side: side.number(), outcome: outcome.number() })
        }
        Event::Retired { side, reason } => Wire::Retired(by(*side, reason.as_ref())),
        Event::WalkedOver { side } => Wire::WalkedOver(by(*side, None)),
        Event::Disqualified { side, reason } => Wire::Disqualified(by(*side, reason.as_ref())),
        Event::Postponed {} => Wire::Postponed(v1::Nothing {}),
        Event::Rescheduled {} => Wire::Rescheduled(v1::Nothing {}),
        Event::Cancelled {} => Wire::Cancelled(v1::Nothing {}),
        Event::Abandoned {} => Wire::Abandoned(v1::Nothing {}),
        Event::Retracted { seq } => Wire::Retracted(v1::OfEvent { seq: seq.0 }),
        Event::Reinstated { seq } => Wire::Reinstated(v1::OfEvent { seq: seq.0 }),
        Event::Amended { seq, outcome } => {
            Wire::Amended(v1::Amended { seq: seq.0, outcome: Some(write_outcome(*outcome)) })
        }
        Event::ScoreSet { games, server, receiver } => Wire::ScoreSet(v1::ScoreSet {
            games: games.iter().copied().map(points).collect(),
            server: server.map(seat),
            receiver: receiver.map(seat),
        }),
        Event::HandedOver { to } => Wire::HandedOver(v1::HandedOver { to: to.as_str().to_owned() }),
        Event::ResultConfirmed {} => Wire::ResultConfirmed(v1::Nothing {}),
        Event::ResultProtested { side, reason } => Wire::ResultProtested(by(*side, reason.as_ref())),
        Event::ResultReopened { reason } => {
            Wire::ResultReopened(v1::BecauseOf { reason: reason.as_str().to_owned() })
        }
    }
}

/// Points of each side.
pub(super) fn points(score: Score) -> v1::Score {
    v1::Score { home: score.home.into(), away: score.away.into() }
}

fn seat(seat: Seat) -> v1::Seat {
    v1::Seat { side: seat.side.number(), place: seat.place.number() }
}

fn by(side: Side, reason: Option<&Reason>) -> v1::BySide {
    v1::BySide { side: side.number(), reason: reason.map(|reason| reason.as_str().to_owned()) }
}

fn write_after(after: After) -> v1::After {
    let After { game, score, games: Both { home, away } } = after;
    v1::After {
        game: game.into(),
        score: Some(points(score)),
        games: Some(v1::Score { home: home.into(), away: away.into() }),
    }
}

fn write_outcome(outcome: Outcome) -> v1::amended::Outcome {
    match outcome {
        Outcome::Point { to, how, strokes } => v1::amended::Outcome::Point(v1::PointOutcome {
            to: to.number(),
            how: number(how),
            strokes: strokes.unwrap_or(0).into(),
        }),
        Outcome::Let { reason } => v1::amended::Outcome::Let(v1::LetCalled { reason: number(reason) }),
    }
}
