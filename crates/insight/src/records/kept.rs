//! What the state of records is kept for.

use topspin_stream::Key as _;

use super::entry::RecordKey;
use super::scope::ScopeKind;

/// The operators whose stores are kept by list.
const BY_LIST: [&str; 7] =
    ["ever.matches", "lately.matches", "best.local", "best-runs", "best-upsets", "lists", "news"];

/// The kind of scopes for which a row of the topology's state is kept, by the name of its store; `None` if it would be
/// there without any, or is for several.
pub fn kept_for(store: &str, mut key: &[u8]) -> Option<ScopeKind> {
    BY_LIST.into_iter().find(|operator| is_of(operator, store))?;
    RecordKey::decode(&mut key).ok().map(|list| list.scope.kind())
}

fn is_of(operator: &str, store: &str) -> bool {
    store.strip_prefix(operator).is_some_and(|part| part.is_empty() || part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::{Settings, insight};

    #[test]
    fn every_operator_by_list_is_in_the_topology() {
        let topology =
            insight(&Settings { scopes: ScopeKind::ALL.into(), ..Settings::in_zone(TimeZone::UTC) });
        let mut stores = topology.subtopologies().iter().flat_map(topspin_stream::Subtopology::stores);
        for operator in BY_LIST {
            assert!(stores.clone().any(|store| is_of(operator, &store.name)), "{operator}");
        }
        assert!(stores.all(|store| kept_for(&store.name, b"no list").is_none()));
    }
}
