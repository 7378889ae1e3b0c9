//! A command against the fold of its match.

use topspin_event::{MatchCommand, MatchEvent, Move, RallyStrokes, Refusal, ReportedResult};
use topspin_laws::{Command, Record, Rejection, decide};

use crate::fold::MatchFold;
use crate::strokes;

/// What happens, or why it may not. At least one event.
pub(crate) fn decide_command(fold: &MatchFold, command: &MatchCommand) -> Result<Vec<MatchEvent>, Refusal> {
    match command {
        MatchCommand::Law(command) => decide(&fold.state, command)
            .map(|events| events.into_iter().map(MatchEvent::Law).collect())
            .map_err(|rejection| refusal(&rejection)),
        MatchCommand::Move(to) => decide_move(fold, to).map_err(|rejection| refusal(&rejection)),
        MatchCommand::ReportResult(result) => {
            decide_report(fold, result).map_err(|rejection| refusal(&rejection))
        }
        MatchCommand::RecordStrokes(strokes) => {
            decide_strokes(fold, strokes).map_err(|rejection| refusal(&rejection))
        }
    }
}

/// Whether a command gives the match to another tablet.
pub(crate) fn raises_lease(command: &MatchCommand) -> bool {
    matches!(command, MatchCommand::Law(Command::HandOver { .. }))
}

fn decide_move(fold: &MatchFold, to: &Move) -> Result<Vec<MatchEvent>, Rejection> {
    if fold.state.facts().status.is_over() {
        return Err(Rejection::MatchOver);
    }
    if fold.meta.as_ref().clone().moved(to) == *fold.meta {
        return Err(Rejection::NothingToCorrect { record: Record::Schedule });
    }
    Ok(vec![MatchEvent::Moved(to.clone())])
}

fn decide_report(fold: &MatchFold, result: &ReportedResult) -> Result<Vec<MatchEvent>, Rejection> {
    if fold.reported_result.as_ref() == Some(result) {
        return Err(Rejection::NothingToCorrect { record: Record::ReportedResult });
    }
    Ok(vec![MatchEvent::ResultReported(result.clone())])
}

/// Whatever the status of the match and of its result: strokes decide nothing, and are often told apart much later.
fn decide_strokes(fold: &MatchFold, recorded: &RallyStrokes) -> Result<Vec<MatchEvent>, Rejection> {
    strokes::check(&fold.state, recorded)?;
    if fold.strokes.get(&recorded.rally) == Some(&recorded.strokes) {
        return Err(Rejection::NothingToCorrect { record: Record::Strokes });
    }
    Ok(vec![MatchEvent::StrokesRecorded(recorded.clone())])
}

fn refusal(rejection: &Rejection) -> Refusal {
    Refusal::Law {
        code: rejection.code().to_owned(),
        law: rejection.law().0.to_owned(),
        detail: rejection.to_string(),
    }
}
