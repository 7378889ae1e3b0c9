//! Reference data as it is now, and what it says of matches: the yardstick's.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use topspin_event::{
    MatchMeta, OrgId, PlayerId, Reference, ReferenceDetails, ReferenceId, ReferenceKind, Timestamp,
};
use topspin_insight::Zones;
use uuid::Uuid;

use crate::world::Chance;

/// Zones far from each other; the rules of each as POSIX writes them.
const ZONES: [(&str, &str); 3] = [
    ("America/Los_Angeles", "PST8PDT,M3.2.0,M11.1.0"),
    ("Asia/Kolkata", "IST-5:30"),
    ("Pacific/Auckland", "NZST-12NZDT,M9.5.0,M4.1.0/3"),
];

/// What may be said of a zone: also one that nobody knows.
const SAID: [Option<&str>; 5] = [
    Some("America/Los_Angeles"),
    Some("Asia/Kolkata"),
    Some("Pacific/Auckland"),
    Some("Mars/Olympus_Mons"),
    None,
];

/// The table that the views are given.
pub fn zones() -> Zones {
    let named = |(name, rules): (&str, &str)| (name.to_owned(), TimeZone::posix(rules).expect("rules"));
    Zones::new(ZONES.map(named))
}

/// The items that are there, by their keys on the topic.
#[derive(Default)]
pub struct References(BTreeMap<String, Reference>);

impl References {
    /// Something is said of an item, or it is taken away: its key, and what is there then.
    pub fn change(&mut self, chance: &mut Chance) -> (String, Option<Reference>) {
        let (kind, among) = match chance.below(8) {
            0 | 1 => (ReferenceKind::Competition, 3),
            2 | 3 => (ReferenceKind::Venue, 3),
            4 => (ReferenceKind::Organisation, 3),
            _ => (ReferenceKind::Player, 6),
        };
        let id = Uuid::from_u128(u128::from(chance.below(among)));
        let key = format!("{kind}/{id}");
        let details = ReferenceDetails {
            name: "any".to_owned(),
            zone: SAID[chance.below(SAID.len() as u64) as usize].map(str::to_owned),
            country: [Some("GER"), Some("JPN"), None][chance.below(3) as usize].map(str::to_owned),
            ..ReferenceDetails::default()
        };
        let item = (!chance.one_in(6)).then(|| Reference {
            kind,
            id: ReferenceId(id),
            org: OrgId(Uuid::nil()),
            external_ids: Vec::new(),
            details,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
        });
        match &item {
            Some(item) => self.0.insert(key.clone(), item.clone()),
            None => self.0.remove(&key),
        };
        (key, item)
    }

    fn zone(&self, key: &str) -> Option<TimeZone> {
        let name = self.0.get(key)?.details.zone.as_deref()?;
        let (_, rules) = ZONES.into_iter().find(|(known, _)| *known == name)?;
        Some(TimeZone::posix(rules).expect("rules"))
    }

    /// Whose calendar counts for a match.
    pub fn zone_of(&self, meta: &MatchMeta, default: &TimeZone) -> TimeZone {
        let of_competition = meta.competition_id.and_then(|id| self.zone(&format!("competition/{id}")));
        let of_venue = || meta.venue_id.and_then(|id| self.zone(&format!("venue/{id}")));
        of_competition.or_else(of_venue).unwrap_or_else(|| default.clone())
    }

    /// A player's association.
    pub fn association(&self, player: PlayerId) -> Option<&str> {
        self.0.get(&format!("player/{player}"))?.details.country.as_deref()
    }
}
