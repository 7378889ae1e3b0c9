//! What comes in, checked; and the players of a new match.

use topspin_event::limits::{MAX_ANOMALY_RAW_BYTES, MAX_EXTERNAL_IDS, MAX_TEXT_CHARS};
use topspin_event::{
    CreateMatch, CreateTie, Entry, Heartbeat, MatchId, MatchMeta, NewAnomaly, NewEntry, NewPlayer,
    NewReference, PlayerId, ReferenceDetails, ReferenceId, ReferenceKind, Timestamp,
};
use topspin_laws::{Both, Side};

use crate::answer::{CreateError, RecordError};
use crate::claims;
use crate::home::Home;
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
    check_count("external_ids", new.external_ids.len())?;
    check_text("category", new.category.as_deref())?;
    check_text("table", new.table.as_deref())?;
    for side in Side::BOTH {
        let name = match side {
            Side::Home => "sides.home",
            Side::Away => "sides.away",
        };
        check_entry(name, new.sides.of(side), new.format.players_a_side())?;
    }
    Ok(())
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
        check_count(&format!("{field}.external_ids"), player.external_ids.len())?;
        if player.id.is_none() && player.name.is_none() && player.external_ids.is_empty() {
            return Err(Problem { field, problem: "needs an id, an external id or a name".to_owned() });
        }
    }
    Ok(())
}

/// Whether a tie can be created like this.
pub(crate) fn check_tie(new: &CreateTie) -> Result<(), TieCreateError> {
    check_count("external_ids", new.external_ids.len())?;
    check_text("category", new.category.as_deref())?;
    check_text("sides.home.name", Some(&new.sides.home.name))?;
    check_text("sides.away.name", Some(&new.sides.away.name))?;
    Ok(())
}

/// Whether an item of reference data can be created like this.
pub(crate) fn check_reference(new: &NewReference) -> Result<(), RecordError> {
    let details = &new.details;
    check_count("external_ids", new.external_ids.len())?;
    check_text("name", Some(&details.name))?;
    check_text("short_name", details.short_name.as_deref())?;
    check_text("zone", details.zone.as_deref())?;
    let country = details.country.as_deref();
    if country.is_some_and(|code| code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
        let problem = "must be three upper-case letters".to_owned();
        return Err(RecordError::Invalid { field: "country".to_owned(), problem });
    }
    Ok(())
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

fn check_count(field: &str, count: usize) -> Result<(), Problem> {
    if count <= MAX_EXTERNAL_IDS {
        return Ok(());
    }
    Err(Problem { field: field.to_owned(), problem: format!("at most {MAX_EXTERNAL_IDS}") })
}

/// What a new match is. Players that are not known yet are recorded first.
pub(crate) async fn meta(home: &Home, id: MatchId, new: CreateMatch) -> Result<MatchMeta, CreateError> {
    let Both { home: home_entry, away: away_entry } = new.sides;
    let sides =
        Both::new(enter(home, id, ("home", home_entry)).await?, enter(home, id, ("away", away_entry)).await?);
    Ok(MatchMeta {
        id,
        org: home.0.config.org,
        external_ids: new.external_ids,
        competition_id: new.competition_id,
        category: new.category,
        tie_id: new.tie_id,
        venue_id: new.venue_id,
        table: new.table,
        scheduled_at: new.scheduled_at,
        format: new.format,
        sides,
        carried_cards: new.carried_cards,
        created_at: Timestamp::EPOCH,
    })
}

async fn enter(home: &Home, id: MatchId, (side, entry): (&str, NewEntry)) -> Result<Entry, CreateError> {
    let mut players = Vec::with_capacity(entry.players.len());
    for (place, player) in entry.players.into_iter().enumerate() {
        // A player of whom nothing but the name is known is a player of this match only.
        let alone = PlayerId::derived(id.0, &format!("{side}/{place}"));
        players.push(player_id(home, player, alone).await?);
    }
    Ok(Entry { name: entry.name, players })
}

async fn player_id(home: &Home, player: NewPlayer, alone: PlayerId) -> Result<PlayerId, CreateError> {
    let store = &home.0.store;
    for external in &player.external_ids {
        let found = claims::find(store, ReferenceKind::Player.as_str(), external)?.map(PlayerId);
        match (found, player.id) {
            (Some(found), Some(id)) if found != id => {
                let problem = format!("{external} is player {found}, not {id}");
                return Err(CreateError::Invalid { field: "sides".to_owned(), problem });
            }
            (Some(found), _) => return Ok(found),
            (None, _) => {}
        }
    }
    let derived = player.external_ids.first().map(|external| {
        PlayerId(claims::derived(home.0.config.org, ReferenceKind::Player.as_str(), external))
    });
    let id = player.id.or(derived).unwrap_or(alone);
    let Some(name) = player.name else { return Ok(id) };
    let new = NewReference {
        id: Some(ReferenceId::from(id)),
        external_ids: player.external_ids,
        details: ReferenceDetails { name, ..ReferenceDetails::default() },
    };
    let recorded = Box::pin(home.create_reference(ReferenceKind::Player, new)).await;
    recorded.map(|(item, _)| PlayerId::from(item.id)).map_err(|error| match error {
        RecordError::Call(error) => CreateError::Call(error),
        RecordError::Store(error) => CreateError::Store(error),
        RecordError::Invalid { field, problem } => CreateError::Invalid { field, problem },
        RecordError::TooLarge => CreateError::TooLarge,
        RecordError::AlreadyExists { existing } => CreateError::Invalid {
            field: "sides".to_owned(),
            problem: format!("{existing} has this external id"),
        },
        RecordError::IdMissing => CreateError::IdMissing,
    })
}
