//! What a tie's matches refer to, with ids that follow from the source's.

use topspin_event::{
    self as event, CompetitionId, CreateMatch, CreateTie, ExternalId, MatchId, NewEntry, NewPlayer,
    NewReference, PlayerId, ReferenceDetails, ReferenceId, ReferenceKind, TieId, Timestamp, VenueId,
};
use topspin_laws::tie::{self, TieFormat};
use topspin_laws::{Both, Card, Format, Side};
use uuid::Uuid;

use super::SOURCE;
use super::document::{Game, Player, Tie};

/// The name of the competition.
const COMPETITION: &str = "TTBL";

/// The zone that its days are in.
const ZONE: &str = "Europe/Berlin";

/// Milliseconds of an average year and of half of one.
const YEAR_MS: i64 = 31_556_952_000;

/// The space of ids derived from the source's.
fn space() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, SOURCE.as_bytes())
}

pub(crate) fn match_id(game: &Game) -> MatchId {
    MatchId::derived(space(), &format!("match/{}", game.id))
}

pub(crate) fn tie_id(tie: &Tie) -> TieId {
    TieId::derived(space(), &format!("tie/{}", tie.id))
}

/// A player in the laws of ties: the permanent id as text.
pub(crate) fn tie_player_id(player: &Player) -> tie::PlayerId {
    let id = player_id(player).to_string();
    tie::PlayerId::try_from(id).expect("a UUID is 36 visible ASCII characters")
}

fn player_id(player: &Player) -> PlayerId {
    PlayerId::derived(space(), &format!("player/{}", player.id))
}

fn competition_id() -> CompetitionId {
    CompetitionId::derived(space(), "competition")
}

fn venue_id(tie: &Tie) -> Option<VenueId> {
    tie.venue.as_ref().map(|name| VenueId::derived(space(), &format!("venue/{name}")))
}

fn external(value: &str) -> Vec<ExternalId> {
    ExternalId::try_from(format!("{SOURCE}:{value}")).into_iter().collect()
}

/// Competition, season, venue, teams and players of a tie.
pub(crate) fn references(tie: &Tie) -> Vec<(ReferenceKind, NewReference)> {
    let competition = ReferenceId(competition_id().0);
    let named = |name: &str| ReferenceDetails { name: name.to_owned(), ..ReferenceDetails::default() };
    let mut references = vec![(
        ReferenceKind::Competition,
        NewReference {
            id: Some(competition),
            external_ids: external("competition"),
            details: ReferenceDetails { zone: Some(ZONE.to_owned()), ..named(COMPETITION) },
        },
    )];
    if let Some(season) = tie.time.map(season) {
        references.push((
            ReferenceKind::Season,
            NewReference {
                id: Some(ReferenceId::derived(space(), &format!("season/{season}"))),
                external_ids: external(&format!("season-{season}")),
                details: ReferenceDetails { parent_id: Some(competition), ..named(&season) },
            },
        ));
    }
    if let Some((id, name)) = venue_id(tie).zip(tie.venue.as_ref()) {
        let details = ReferenceDetails { zone: Some(ZONE.to_owned()), ..named(name) };
        let id = Some(ReferenceId(id.0));
        references.push((ReferenceKind::Venue, NewReference { id, external_ids: Vec::new(), details }));
    }
    for side in Side::BOTH {
        for player in &tie.teams.of(side).players {
            let id = Some(ReferenceId::from(player_id(player)));
            let details = named(&player.name);
            let external_ids = external(&player.id);
            references.push((ReferenceKind::Player, NewReference { id, external_ids, details }));
        }
    }
    references
}

/// The season that a time belongs to, such as `2023/24`: seasons change in the middle of a year.
fn season(time: Timestamp) -> String {
    let since_mid_1970 = time.as_millis() - YEAR_MS / 2;
    let first = 1970 + since_mid_1970.div_euclid(YEAR_MS);
    format!("{first}/{:02}", (first + 1).rem_euclid(100))
}

/// How to create the tie.
pub(crate) fn tie_creation(tie: &Tie, format: &TieFormat) -> CreateTie {
    let team = |side: Side, unnamed: &str| {
        let name = tie.teams.of(side).name.clone();
        event::Team { name: name.unwrap_or_else(|| unnamed.to_owned()), club_id: None }
    };
    CreateTie {
        id: Some(tie_id(tie)),
        external_ids: external(&tie.id),
        competition_id: Some(competition_id()),
        category: tie.gameday.clone(),
        venue_id: venue_id(tie),
        scheduled_at: tie.time,
        format: format.clone(),
        sides: Both::new(team(Side::Home, "Home"), team(Side::Away, "Away")),
    }
}

/// How to create the match of a game; `None` if its players are not known.
pub(crate) fn creation(
    tie: &Tie,
    game: &Game,
    format: &Format,
    carried_cards: Both<Vec<Card>>,
) -> Option<CreateMatch> {
    let entry = |side: Side| {
        let players = game.line_up.of(side);
        (players.len() == format.players_a_side()).then(|| NewEntry {
            name: tie.teams.of(side).name.clone(),
            players: players
                .iter()
                .map(|player| NewPlayer {
                    id: Some(player_id(player)),
                    name: Some(player.name.clone()),
                    external_ids: external(&player.id),
                })
                .collect(),
        })
    };
    Some(CreateMatch {
        id: Some(match_id(game)),
        external_ids: external(&game.id),
        competition_id: Some(competition_id()),
        category: tie.gameday.clone(),
        tie_id: Some(tie_id(tie)),
        venue_id: venue_id(tie),
        table: None,
        scheduled_at: tie.time,
        format: format.clone(),
        sides: Both::new(entry(Side::Home)?, entry(Side::Away)?),
        carried_cards,
    })
}
