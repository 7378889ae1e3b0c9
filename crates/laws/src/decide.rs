//! Deciding a command: what happens, or the law that forbids it.

use crate::board::Board;
use crate::history::MAX_ACTIONS;
use crate::rejection::Rejection;
use crate::state::{State, Word};
use crate::{Card, CardTo, Command, Discipline, Event, ExpediteReason, Outcome, Seat, Seq, Side};

/// Decides a command against the state: what happens, or why it may not.
///
/// Pure: the same state and command give the same answer. The events follow the state's last event in order.
///
/// # Errors
/// A [`Rejection`] naming the law; nothing has happened then.
pub fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
    require_unofficial(state, command)?;
    let mut event = proposed(state, command)?;
    let board = state.with(&event)?;
    if let Event::PointScored { after, .. } | Event::CardShown { after, .. } = &mut event {
        *after = board.after();
    }
    if event.is_action() && state.history.live().len() >= MAX_ACTIONS {
        return Err(Rejection::TooManyActions { limit: MAX_ACTIONS });
    }
    Ok(vec![event])
}

/// An official result changes only once the referee has reopened it, under protest or not (rule of record T.5).
fn require_unofficial(state: &State, command: &Command) -> Result<(), Rejection> {
    let allowed = matches!(
        command,
        Command::HandOver { .. } | Command::ProtestResult { .. } | Command::ReopenResult { .. }
    );
    // A protest that the referee does not uphold ends with another confirmation.
    let confirmed_again = matches!(command, Command::ConfirmResult {});
    match state.word {
        Word::Confirmed if !allowed => Err(Rejection::ResultOfficial),
        Word::OfficialProtested if !allowed && !confirmed_again => Err(Rejection::ResultOfficial),
        Word::Confirmed | Word::OfficialProtested | Word::Protested | Word::Reopened | Word::None => Ok(()),
    }
}

/// The referee's word needs a match that is over, and no review of its last point going on.
fn result(state: &State, event: Event) -> Result<Event, Rejection> {
    if !state.board.status.is_over() {
        Err(Rejection::NoResult)
    } else if state.board.pause.is_some() {
        Err(Rejection::BreakGoingOn)
    } else {
        Ok(event)
    }
}

/// An amendment stands if every later action still could have happened (rule of record T.3).
fn amendment(state: &State, seq: Seq, outcome: Outcome) -> Result<Event, Rejection> {
    let now = state.history.outcome(seq).ok_or(Rejection::NotALiveRally { seq })?;
    if now == outcome {
        return Err(Rejection::SameOutcome { seq });
    }
    match state.history.fold(&state.setup, Some((seq, outcome))) {
        Ok(_) => Ok(Event::Amended { seq, outcome }),
        Err((at, why)) if at == seq => Err(why),
        Err((at, why)) => Err(Rejection::LaterImpossible { seq: at, why: Box::new(why) }),
    }
}

/// What the command would have happen, before the board has judged it.
fn proposed(state: &State, command: &Command) -> Result<Event, Rejection> {
    let board = &state.board;
    Ok(match command {
        Command::Call {} => Event::Called {},
        Command::StartWarmUp {} => Event::WarmUpStarted {},
        Command::Choose { first_server, home_end } => {
            Event::Chosen { first_server: *first_server, home_end: *home_end }
        }
        Command::StartGame { server, receiver } => start(state, *server, *receiver)?,
        Command::StartRally {} => Event::RallyStarted {},
        Command::Point { to, how, strokes } => {
            Event::PointScored { to: *to, how: *how, strokes: *strokes, after: board.after() }
        }
        Command::Let { reason } => Event::LetCalled { reason: *reason },
        Command::CorrectService { server, receiver } => {
            let receiver = opponent(state, *server, *receiver)?;
            Event::ServiceCorrected { server: *server, receiver }
        }
        Command::CorrectEnds { home_end } => Event::EndsCorrected { home_end: *home_end },
        Command::IntroduceExpedite { reason, ball_in_play, played_ms } => {
            require_time_reached(state, *reason, *played_ms)?;
            Event::ExpediteIntroduced { reason: *reason, ball_in_play: *ball_in_play }
        }
        Command::ShowCard { side, to, card } => shown(state, *side, *to, *card)?,
        Command::DecideReview { outcome } => {
            let side = challenger(board)?;
            Event::ReviewDecided { side, outcome: *outcome }
        }
        Command::SetScore { games, server, receiver } => {
            Event::ScoreSet { games: games.clone(), server: *server, receiver: *receiver }
        }
        Command::TakeTimeOut { side } => Event::TimeOutTaken { side: *side },
        Command::TakeTowelBreak {} => Event::TowelBreakTaken {},
        Command::Resume {} => Event::Resumed {},
        Command::Suspend { reason, side } => Event::Suspended { reason: *reason, side: *side },
        Command::RequestReview { side } => Event::ReviewRequested { side: *side },
        Command::Retire { side, reason } => Event::Retired { side: *side, reason: reason.clone() },
        Command::WalkOver { side } => Event::WalkedOver { side: *side },
        Command::Disqualify { side, reason } => Event::Disqualified { side: *side, reason: reason.clone() },
        Command::Postpone {} => Event::Postponed {},
        Command::Reschedule {} => Event::Rescheduled {},
        Command::Cancel {} => Event::Cancelled {},
        Command::Abandon {} => Event::Abandoned {},
        Command::Undo {} => Event::Retracted { seq: state.history.latest().ok_or(Rejection::NothingToUndo)? },
        Command::Redo {} => Event::Reinstated { seq: state.history.next().ok_or(Rejection::NothingToRedo)? },
        Command::Amend { seq, outcome } => amendment(state, *seq, *outcome)?,
        Command::HandOver { to } => Event::HandedOver { to: to.clone() },
        Command::ConfirmResult {} => result(state, Event::ResultConfirmed {})?,
        Command::ProtestResult { side, reason } => {
            result(state, Event::ResultProtested { side: *side, reason: reason.clone() })?
        }
        Command::ReopenResult { reason } => result(state, Event::ResultReopened { reason: reason.clone() })?,
    })
}

/// Who serves and receives first: as the command says, or as the laws give (Laws 2.13.4 and 2.13.6).
fn start(state: &State, server: Option<Seat>, receiver: Option<Seat>) -> Result<Event, Rejection> {
    let (board, format) = (&state.board, &state.setup.format);
    board.require_startable()?;
    let server = match (server, format.discipline) {
        (Some(server), _) => server,
        (None, Discipline::Doubles) => return Err(Rejection::SeatMissing),
        (None, Discipline::Singles) => Seat::first(board.due_to_serve().ok_or(Rejection::ChoiceMissing)?),
    };
    let receiver = receiver.or_else(|| board.receiver_for(format, server)).ok_or(Rejection::SeatMissing)?;
    Ok(Event::GameStarted { game: board.games.len() as u8 + 1, server, receiver })
}

fn opponent(state: &State, server: Seat, receiver: Option<Seat>) -> Result<Seat, Rejection> {
    match (receiver, state.setup.format.discipline) {
        (Some(receiver), _) => Ok(receiver),
        (None, Discipline::Singles) => Ok(Seat::first(server.side.other())),
        (None, Discipline::Doubles) => Err(Rejection::SeatMissing),
    }
}

/// The timekeeper's clock, where given, must have reached the limit (Law 2.15.1).
fn require_time_reached(
    state: &State,
    reason: ExpediteReason,
    played_ms: Option<u64>,
) -> Result<(), Rejection> {
    let limit_seconds = state.setup.format.expedite_after_seconds;
    let early = played_ms.is_some_and(|played| played < u64::from(limit_seconds) * 1000);
    if reason == ExpediteReason::TimeLimit && early {
        Err(Rejection::ExpediteTooEarly { limit_seconds })
    } else {
        Ok(())
    }
}

fn shown(state: &State, side: Side, to: CardTo, card: Card) -> Result<Event, Rejection> {
    let penalty_points = state.board.penalty_of(&state.setup.format, side, to, card)?;
    Ok(Event::CardShown { side, to, card, penalty_points, after: state.board.after() })
}

fn challenger(board: &Board) -> Result<Side, Rejection> {
    match board.pause {
        Some(crate::Break::Review { side }) => Ok(side),
        Some(crate::Break::TimeOut { .. } | crate::Break::Towel {} | crate::Break::Suspension { .. })
        | None => Err(Rejection::NoReview),
    }
}
