//! The time zones that views count in.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::limits::ZONES;

/// The zones that reference data can name, in the order of their names. Views store a zone as its number: other names are
/// another version of the topology.
#[derive(Debug, Clone, Default)]
pub struct Zones(Arc<[(String, TimeZone)]>);

/// The number of the zone that counts where reference data names none, or none that is known.
pub(crate) const DEFAULT_ZONE: u16 = 0;

impl Zones {
    /// Zones by their IANA names, each once.
    ///
    /// # Panics
    /// If they are more than [`limits::ZONES`](crate::limits::ZONES), several times what there are on Earth.
    pub fn new(zones: impl IntoIterator<Item = (String, TimeZone)>) -> Self {
        let mut zones: Vec<(String, TimeZone)> = zones.into_iter().collect();
        zones.sort_by(|a, b| a.0.cmp(&b.0));
        zones.dedup_by(|next, kept| next.0 == kept.0);
        assert!(zones.len() <= ZONES, "more than {ZONES} time zones");
        Zones(zones.into())
    }

    /// The number of a zone, from 1; `None` if it is not known.
    pub(crate) fn number(&self, name: &str) -> Option<u16> {
        let place = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        u16::try_from(place + 1).ok()
    }

    /// All of them by their numbers, `default` at [`DEFAULT_ZONE`].
    pub(crate) fn with_default(&self, default: &TimeZone) -> Vec<TimeZone> {
        std::iter::once(default).chain(self.0.iter().map(|(_, zone)| zone)).cloned().collect()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_names_in_order_and_what_is_not_known_has_none() {
        let named = |name: &str, hours| (name.to_owned(), TimeZone::fixed(jiff::tz::offset(hours)));
        let zones = Zones::new([named("B/Two", 2), named("A/One", 1), named("B/Two", 2)]);
        let numbers = ["A/One", "B/Two", "a/one", "Mars/Olympus"].map(|name| zones.number(name));
        assert_eq!(numbers, [Some(1), Some(2), None, None]);
        let all = zones.with_default(&TimeZone::UTC);
        assert_eq!(all, [TimeZone::UTC, named("", 1).1, named("", 2).1]);
    }
}
