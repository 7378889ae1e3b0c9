//! What the state of records is kept for.

use topspin_stream::Key as _;

use super::entry::RecordKey;
use super::scope::ScopeKind;

/// The operators whose stores are kept by list: what the names of their stores begin with.
const BY_LIST: [&str; 5] = ["best", "best-runs", "best-upsets", "lists", "news"];

/// The kind of scopes for which a row of the topology's state is kept, by the name of its store; `None` if it would be
/// there without any.
pub fn kept_for(store: &str, mut key: &[u8]) -> Option<ScopeKind> {
    let operator = store.split('.').next().unwrap_or_default();
    if !BY_LIST.contains(&operator) {
        return None;
    }
    RecordKey::decode(&mut key).ok().map(|list| list.scope.kind())
}
