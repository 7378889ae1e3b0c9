//! The laws' events, read.

use topspin_laws::{After, BallInPlay, Both, Event, Outcome, Reason, Score, Seat, Seq, Side};

use super::enums::WireEnum;
use super::read::{DecodeError, Read, each, fit, need, text};
use super::v1::{self, recorded::Event as Wire};

/// An event of the laws from the log; `None` for the events that are not the laws'.
#[expect(clippy::too_many_lines, reason = "one arm an event")]
pub(super) fn read(event: Wire) -> Read<Option<Event>> {
    Ok(Some(match event {
        Wire::Created(_) | Wire::Moved(_) | Wire::ResultReported(_) | Wire::StrokesRecorded(_) => {
            return Ok(None);
        }
        Wire::Called(_) => Event::Called {},
        Wire::WarmUpStarted(_) => Event::WarmUpStarted {},
        Wire::Chosen(wire) => Event::Chosen {
            first_server: WireEnum::need(wire.first_server, "first_server")?,
            home_end: WireEnum::read(wire.home_end)?,
        },
        Wire::GameStarted(wire) => Event::GameStarted {
            game: fit(wire.game, "game")?,
            server: read_seat(wire.server, "server")?,
            receiver: read_seat(wire.receiver, "receiver")?,
        },
        Wire::RallyStarted(_) => Event::RallyStarted {},
        Wire::PointScored(wire) => Event::PointScored {
            to: WireEnum::need(wire.to, "to")?,
            how: WireEnum::read(wire.how)?,
            strokes: read_strokes(wire.strokes)?,
            after: read_after(need(wire.after, "after")?)?,
        },
        Wire::LetCalled(wire) => Event::LetCalled { reason: WireEnum::read(wire.reason)? },
        Wire::ServiceCorrected(wire) => Event::ServiceCorrected {
            server: read_seat(wire.server, "server")?,
            receiver: read_seat(wire.receiver, "receiver")?,
        },
        Wire::EndsCorrected(wire) => {
            Event::EndsCorrected { home_end: WireEnum::need(wire.home_end, "home_end")? }
        }
        Wire::ExpediteIntroduced(wire) => Event::ExpediteIntroduced {
            reason: WireEnum::need(wire.reason, "reason")?,
            ball_in_play: <BallInPlay as WireEnum>::need(wire.ball_in_play, "ball_in_play")?,
        },
        Wire::TimeOutTaken(wire) => Event::TimeOutTaken { side: side(&wire)? },
        Wire::TowelBreakTaken(_) => Event::TowelBreakTaken {},
        Wire::Resumed(_) => Event::Resumed {},
        Wire::Suspended(wire) => Event::Suspended {
            reason: WireEnum::need(wire.reason, "reason")?,
            side: WireEnum::read(wire.side)?,
        },
        Wire::CardShown(wire) => Event::CardShown {
            side: WireEnum::need(wire.side, "side")?,
            to: WireEnum::need(wire.to, "to")?,
            card: WireEnum::need(wire.card, "card")?,
            penalty_points: fit(wire.penalty_points, "penalty_points")?,
            after: read_after(need(wire.after, "after")?)?,
        },
        Wire::ReviewRequested(wire) => Event::ReviewRequested { side: side(&wire)? },
        Wire::ReviewDecided(wire) => Event::ReviewDecided {
            side: WireEnum::need(wire.side, "side")?,
            outcome: WireEnum::need(wire.outcome, "outcome")?,
        },
        Wire::Retired(wire) => Event::Retired { side: side(&wire)?, reason: reason(wire.reason)? },
        Wire::WalkedOver(wire) => Event::WalkedOver { side: side(&wire)? },
        Wire::Disqualified(wire) => Event::Disqualified { side: side(&wire)?, reason: reason(wire.reason)? },
        Wire::Postponed(_) => Event::Postponed {},
        Wire::Rescheduled(_) => Event::Rescheduled {},
        Wire::Cancelled(_) => Event::Cancelled {},
        Wire::Abandoned(_) => Event::Abandoned {},
        Wire::Retracted(wire) => Event::Retracted { seq: Seq(wire.seq) },
        Wire::Reinstated(wire) => Event::Reinstated { seq: Seq(wire.seq) },
        Wire::Amended(wire) => {
            Event::Amended { seq: Seq(wire.seq), outcome: read_outcome(need(wire.outcome, "outcome")?)? }
        }
        Wire::ScoreSet(wire) => Event::ScoreSet {
            games: each(wire.games, read_points)?,
            server: wire.server.map(|seat| read_seat(Some(seat), "server")).transpose()?,
            receiver: wire.receiver.map(|seat| read_seat(Some(seat), "receiver")).transpose()?,
        },
        Wire::HandedOver(wire) => Event::HandedOver { to: text(wire.to, "to")? },
        Wire::ResultConfirmed(_) => Event::ResultConfirmed {},
        Wire::ResultProtested(wire) => {
            Event::ResultProtested { side: side(&wire)?, reason: reason(wire.reason)? }
        }
        Wire::ResultReopened(wire) => Event::ResultReopened { reason: text(wire.reason, "reason")? },
    }))
}

/// Points of each side.
pub(super) fn read_points(score: v1::Score) -> Result<Score, DecodeError> {
    Ok(Both::new(fit(score.home, "home")?, fit(score.away, "away")?))
}

fn side(wire: &v1::BySide) -> Read<Side> {
    WireEnum::need(wire.side, "side")
}

fn reason(text_or_none: Option<String>) -> Result<Option<Reason>, DecodeError> {
    text_or_none.map(|reason| text(reason, "reason")).transpose()
}

fn read_seat(seat: Option<v1::Seat>, field: &'static str) -> Read<Seat> {
    let seat = need(seat, field)?;
    Ok(Seat { side: WireEnum::need(seat.side, field)?, place: WireEnum::need(seat.place, field)? })
}

fn read_strokes(strokes: u32) -> Result<Option<u16>, DecodeError> {
    let strokes: u16 = fit(strokes, "strokes")?;
    Ok((strokes > 0).then_some(strokes))
}

fn read_after(after: v1::After) -> Read<After> {
    let games = need(after.games, "after.games")?;
    Ok(After {
        game: fit(after.game, "after.game")?,
        score: read_points(need(after.score, "after.score")?)?,
        games: Both::new(fit(games.home, "after.games.home")?, fit(games.away, "after.games.away")?),
    })
}

fn read_outcome(outcome: v1::amended::Outcome) -> Read<Outcome> {
    Ok(match outcome {
        v1::amended::Outcome::Point(point) => Outcome::Point {
            to: WireEnum::need(point.to, "to")?,
            how: WireEnum::read(point.how)?,
            strokes: read_strokes(point.strokes)?,
        },
        v1::amended::Outcome::Let(wire) => Outcome::Let { reason: WireEnum::read(wire.reason)? },
    })
}
