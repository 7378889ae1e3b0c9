//! What a match refers to, with ids that follow from the source's.

use topspin_event::{
    CreateMatch, ExternalId, MatchId, NewEntry, NewPlayer, NewReference, PlayerId, ReferenceDetails,
    ReferenceId, ReferenceKind,
};
use topspin_laws::{Both, Format};
use uuid::Uuid;

use super::SOURCE;

/// The space of ids derived from the source's.
fn space() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, SOURCE.as_bytes())
}

/// The id of a match.
pub(crate) fn match_id(number: i64) -> MatchId {
    MatchId::derived(space(), &format!("match/{number}"))
}

fn player_id(number: i64) -> PlayerId {
    PlayerId::derived(space(), &format!("player/{number}"))
}

fn player_name(number: i64) -> String {
    format!("Player {number} (AI CUP)")
}

fn external(value: &str) -> Vec<ExternalId> {
    ExternalId::try_from(format!("{SOURCE}:{value}")).into_iter().collect()
}

/// The players of a match.
pub(crate) fn references(players: &Both<i64>) -> Vec<(ReferenceKind, NewReference)> {
    let player = |number: i64| {
        let details = ReferenceDetails { name: player_name(number), ..ReferenceDetails::default() };
        let id = Some(ReferenceId::from(player_id(number)));
        let external_ids = external(&format!("player:{number}"));
        (ReferenceKind::Player, NewReference { id, external_ids, details })
    };
    vec![player(players.home), player(players.away)]
}

/// How to create a match.
pub(crate) fn creation(number: i64, sex: i64, players: &Both<i64>, format: Format) -> CreateMatch {
    let entry = |number: i64| NewEntry {
        name: None,
        players: vec![NewPlayer {
            id: Some(player_id(number)),
            name: Some(player_name(number)),
            external_ids: external(&format!("player:{number}")),
        }],
    };
    CreateMatch {
        id: Some(match_id(number)),
        external_ids: external(&format!("match:{number}")),
        competition_id: None,
        category: category(sex).map(str::to_owned),
        tie_id: None,
        venue_id: None,
        table: None,
        scheduled_at: None,
        format,
        sides: Both::new(entry(players.home), entry(players.away)),
        carried_cards: Both::default(),
    }
}

const fn category(sex: i64) -> Option<&'static str> {
    match sex {
        1 => Some("Men"),
        2 => Some("Women"),
        _ => None,
    }
}
