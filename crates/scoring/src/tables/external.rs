//! `external`: the id that an external id stands for.

use bytes::Bytes;
use prost::Message as _;
use topspin_event::wire::v1;
use topspin_log::{Record, TopicPartition};
use topspin_runtime::{Rows, StoreError, Table};

use super::bad_row;
use crate::topics::Kind;

/// Key: `<kind>/<scheme>:<value>`, the kind `match`, `tie` or one of reference data. Value: the id (16).
///
/// That no two items have the same external id is the writer's promise; here the last one wins.
pub(crate) struct External;

impl External {
    pub(crate) const NAME: &'static str = "external";
}

impl Table for External {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        let topic = partition.topic.as_str();
        let Some(value) = record.value.clone() else { return Ok(()) };
        let (kind, id, external_ids) = if topic == Kind::Matches.name() {
            let snapshot = v1::MatchSnapshot::decode(value).map_err(|error| bad_row(Self::NAME, error))?;
            let meta = snapshot.meta.unwrap_or_default();
            ("match".to_owned(), meta.id, meta.external_ids)
        } else if topic == Kind::Ties.name() {
            let snapshot = v1::TieSnapshot::decode(value).map_err(|error| bad_row(Self::NAME, error))?;
            let meta = snapshot.meta.unwrap_or_default();
            ("tie".to_owned(), meta.id, meta.external_ids)
        } else if topic == Kind::Reference.name() {
            let item = v1::Reference::decode(value).map_err(|error| bad_row(Self::NAME, error))?;
            (item.kind, item.id, item.external_ids)
        } else {
            return Ok(());
        };
        for external in external_ids {
            let key = external_key(&kind, &external);
            if rows.get(&key)?.as_ref() != Some(&id) {
                rows.put(key, id.clone());
            }
        }
        Ok(())
    }
}

/// The key of an external id.
pub(crate) fn external_key(kind: &str, external: &str) -> Bytes {
    Bytes::from(format!("{kind}/{external}"))
}
