//! What reference data says of a match, beside its events: whose calendar counts for it, and for which associations its
//! players play. It may come before the match or after it, and change.

use serde::{Deserialize, Serialize};
use topspin_event::{Reference, ReferenceKind, wire};
use topspin_laws::{Both, Side};
use topspin_stream::{Broadcast, Builder, Input, Reason, Stream, Value};
use uuid::Uuid;

use crate::facts::{Id, Subject};
use crate::records::ScopeKind;
use crate::settings::Settings;
use crate::zones::{DEFAULT_ZONE, Zones};

/// The topic of reference data, keyed by `<kind>/<id>`.
const REFERENCE: &str = "reference";

/// What a match refers to: kind and id.
type Referent = (u8, Id);

const COMPETITION: u8 = 1;
const VENUE: u8 = 2;
const PLAYER: u8 = 3;

/// What is said of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Said {
    /// Of a competition or venue: the number of its zone, if it is known.
    zone: Option<u16>,
    /// Of a player: the code of the association.
    association: Option<String>,
}

/// A match with what is said of what it refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Referred {
    pub subject: Subject,
    /// The number of the zone whose calendar counts.
    pub zone: u16,
    /// Of the players of each side.
    pub associations: Both<Vec<String>>,
}

impl Referred {
    /// A match of whose referents nothing is said.
    pub fn unknown(subject: Subject) -> Self {
        Referred { subject, zone: DEFAULT_ZONE, associations: Both::default() }
    }
}

/// Adds the table of reference data to a topology: of competitions and venues, and of players if somebody asks for their
/// associations.
pub(crate) fn table(builder: &Builder, settings: &Settings) -> Broadcast<Referent, Said> {
    let with_players = settings.scopes.contains(&ScopeKind::Association);
    let zones = settings.zones.clone();
    builder.broadcast(
        REFERENCE,
        move |input| Ok(referent(input)?.filter(|(kind, _)| with_players || *kind != PLAYER)),
        move |input| read(input, &zones),
    )
}

/// The matches with what is said of what they refer to.
pub(crate) fn refer(
    subjects: &Stream<Id, Subject>,
    table: &Broadcast<Referent, Said>,
    settings: &Settings,
) -> Stream<Id, Referred> {
    let with_players = settings.scopes.contains(&ScopeKind::Association);
    let named = move |_: &Id, subject: &Subject| names(subject, with_players);
    subjects.lookup("referred", table, named, move |_, subject, said| referred(subject, said, with_players))
}

/// Rows of matches with the number of the zone whose calendar counts for them.
pub(crate) fn zoned<V: Value>(
    name: &str,
    rows: &Stream<Id, V>,
    zones: &Stream<Id, u16>,
) -> Stream<Id, (V, u16)> {
    rows.join(name, zones, |_, row, zone| (row.clone(), *zone))
}

/// Competition and venue, if there are any; then the players of home and of away.
fn names(subject: &Subject, with_players: bool) -> Vec<Referent> {
    let places = [(COMPETITION, subject.competition), (VENUE, subject.venue)];
    let places = places.into_iter().filter_map(|(kind, id)| Some((kind, id?)));
    let players = Side::BOTH.into_iter().flat_map(|side| subject.players(side)).filter(|_| with_players);
    places.chain(players.map(|id| (PLAYER, *id))).collect()
}

/// The competition's zone; where it says none, the venue's; where that says none, that of the settings.
fn referred(subject: &Subject, said: &[Option<Said>], with_players: bool) -> Referred {
    let places = usize::from(subject.competition.is_some()) + usize::from(subject.venue.is_some());
    let (places, players) = said.split_at(places);
    let zone = places.iter().flatten().find_map(|said| said.zone).unwrap_or(DEFAULT_ZONE);
    let (home, away) = players.split_at(if with_players { subject.home.len() } else { 0 });
    let of = |side: &[Option<Said>]| {
        let mut all: Vec<String> =
            side.iter().flatten().filter_map(|said| said.association.clone()).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    Referred { subject: subject.clone(), zone, associations: Both::new(of(home), of(away)) }
}

/// `None` for kinds that no match is asked about, also for those of later versions.
fn referent(input: &Input<'_>) -> Result<Option<Referent>, Reason> {
    let text = input.key.and_then(|key| std::str::from_utf8(key).ok());
    let (kind, id) = text.and_then(|text| text.split_once('/')).ok_or("the key is not <kind>/<id>")?;
    let kind = match kind.parse() {
        Ok(ReferenceKind::Competition) => COMPETITION,
        Ok(ReferenceKind::Venue) => VENUE,
        Ok(ReferenceKind::Player) => PLAYER,
        Ok(ReferenceKind::Organisation | ReferenceKind::Season | ReferenceKind::Category) | Err(_) => {
            return Ok(None);
        }
    };
    let id: Uuid = id.parse().map_err(|_| "the key is not <kind>/<id>")?;
    Ok(Some((kind, id.into_bytes())))
}

fn read(input: &Input<'_>, zones: &Zones) -> Result<Said, Reason> {
    let item: Reference = wire::decode_reference(input.value.unwrap_or_default())
        .map_err(|error| Reason::from(error.to_string()))?;
    let zone = item.details.zone.and_then(|name| zones.number(&name));
    Ok(Said { zone, association: item.details.country })
}
