//! What an operator chooses of the views.

use std::collections::BTreeSet;
use std::hash::{Hash as _, Hasher};

use topspin_stream::Horizon;

use crate::limits::MONTHS;
use crate::records::{ScopeKind, Seasons};
use crate::zones::Zones;

/// What an operator chooses. What is stored depends on it: another choice is another version of the topology.
#[derive(Debug, Clone)]
pub struct Settings {
    /// When seasons begin, and whose calendar counts for them and the last 24 months where reference data names none.
    pub seasons: Seasons,
    /// The zones that reference data can name.
    pub zones: Zones,
    /// The scopes of records. Each costs state.
    pub scopes: BTreeSet<ScopeKind>,
}

impl Settings {
    /// What counts as lately: the last 24 months of their calendar.
    pub(crate) fn lately(&self) -> Horizon {
        Horizon { months: MONTHS, zones: self.zones.with_default(&self.seasons.zone) }
    }

    /// All matches, competitions and players, in seasons that begin in July.
    pub fn in_zone(zone: jiff::tz::TimeZone) -> Self {
        Settings {
            seasons: Seasons { first_month: 7, zone },
            zones: Zones::default(),
            scopes: [ScopeKind::Everything, ScopeKind::Competition, ScopeKind::Player].into(),
        }
    }

    /// The seasons of each zone, by its number.
    pub(crate) fn seasons_by_zone(&self) -> Vec<Seasons> {
        let zones = self.zones.with_default(&self.seasons.zone).into_iter();
        zones.map(|zone| Seasons { zone, ..self.seasons.clone() }).collect()
    }

    /// The version of a topology whose own version is `version`, with these settings.
    pub(crate) fn version(&self, version: u16) -> u32 {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        topspin_laws::LAWS_VERSION.hash(&mut hash);
        self.seasons.first_month.hash(&mut hash);
        self.seasons.zone.iana_name().unwrap_or("fixed").hash(&mut hash);
        for name in self.zones.names() {
            name.hash(&mut hash);
        }
        for scope in &self.scopes {
            scope.as_str().hash(&mut hash);
        }
        u32::from(version) << 16 | (hash.0 as u32 & 0xffff)
    }
}

/// Whether what topologies of these versions write for others has the same shape: with other settings it says other
/// things, in the same words.
pub fn same_shape(version: u32, other: u32) -> bool {
    version == other || (version >> 16 == other >> 16 && version >> 16 > 0)
}

/// FNV-1a: the same on every machine.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
