//! Whether strokes can be those of a rally.

use topspin_event::{RallyStrokes, Stroke};
use topspin_laws::{Discipline, How, Outcome, Place, Rejection, Seat, Side, State};

/// Strokes belong to a rally that stands and was scored (rule of record T.8); they alternate, the service first (Law
/// 2.8.1), in doubles each player in turn (Law 2.8.2), and are as many as the rally was scored with.
pub(crate) fn check(state: &State, recorded: &RallyStrokes) -> Result<(), Rejection> {
    let (seq, strokes) = (recorded.rally, recorded.strokes.as_slice());
    let (how, scored) = match state.outcome(seq) {
        Some(Outcome::Point { how, strokes, .. }) => (how, strokes),
        Some(Outcome::Let { .. }) => return Err(Rejection::RallyNotScored { seq }),
        None => return Err(Rejection::NotALiveRally { seq }),
    };
    let line = state.sheet().into_iter().find(|line| line.seq == seq);
    let seats = line.and_then(|line| line.before.server.zip(line.before.receiver));
    check_sides(strokes, seats.map(|(server, _)| server.side))?;
    check_players(strokes, state.format().discipline, seats)?;
    check_count(strokes, how, scored)
}

fn check_sides(strokes: &[Stroke], server: Option<Side>) -> Result<(), Rejection> {
    let Some(first) = strokes.first() else { return Ok(()) };
    if let Some(server) = server.filter(|server| *server != first.side) {
        return Err(Rejection::FirstStrokeNotServers { server });
    }
    for (number, stroke) in (1..).zip(strokes) {
        let due = if number % 2 == 1 { first.side } else { first.side.other() };
        if stroke.side != due {
            return Err(Rejection::StrokesNotAlternating { stroke: number, due });
        }
    }
    Ok(())
}

/// Who of a pair made a stroke, where that is said: in singles there is one, in doubles the order of striking gives who.
fn check_players(
    strokes: &[Stroke],
    discipline: Discipline,
    seats: Option<(Seat, Seat)>,
) -> Result<(), Rejection> {
    for (number, stroke) in (1_u16..).zip(strokes) {
        let Some(place) = stroke.place else { continue };
        let due = match (discipline, seats) {
            (Discipline::Singles, _) => Some(Place::First),
            (Discipline::Doubles, Some((server, receiver))) => Some(striker(number, server, receiver).place),
            (Discipline::Doubles, None) => None,
        };
        if due.is_some_and(|due| due != place) {
            return Err(Rejection::StrokeOfAnotherPlayer { stroke: number });
        }
    }
    Ok(())
}

/// Who strikes in doubles: server, receiver, the server's partner, the receiver's, and so on.
fn striker(number: u16, server: Seat, receiver: Seat) -> Seat {
    match number % 4 {
        1 => server,
        2 => receiver,
        3 => server.partner(),
        _ => receiver.partner(),
    }
}

/// An ace and a service error are one stroke, whether or not the point said so.
fn check_count(strokes: &[Stroke], how: Option<How>, scored: Option<u16>) -> Result<(), Rejection> {
    let scored = scored.or(match how {
        Some(How::Ace | How::ServiceError) => Some(1),
        Some(How::Ordinary | How::NetRoller | How::Edge | How::NetOrEdge | How::ThirteenthReturn) | None => {
            None
        }
    });
    let given = u16::try_from(strokes.len()).unwrap_or(u16::MAX);
    match scored.filter(|scored| *scored != given) {
        Some(scored) => Err(Rejection::StrokeCountDiffers { scored, given }),
        None => Ok(()),
    }
}
