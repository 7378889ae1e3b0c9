//! Tables that keep records as they are.

use bytes::{BufMut as _, Bytes, BytesMut};
use prost::Message as _;
use topspin_event::wire::v1;
use topspin_log::{Record, TopicPartition};
use topspin_runtime::{Rows, StoreError, Table};
use uuid::Uuid;

use super::bad_row;
use crate::topics::Kind;

/// `matches`. Key: match id (16). Value: `topspin.v1.MatchSnapshot`.
pub(crate) struct Matches;

/// `references`. Key: `<kind>/` and the id (16). Value: `topspin.v1.Reference`.
pub(crate) struct References;

/// `anomalies`. Key: `t`, time (8), id (16); value: `topspin.v1.Anomaly`. And key: `i`, id (16); value: time (8).
pub(crate) struct Anomalies;

impl Matches {
    pub(crate) const NAME: &'static str = "matches";
}

impl References {
    pub(crate) const NAME: &'static str = "references";

    pub(crate) fn key(kind: &str, id: Uuid) -> Bytes {
        Bytes::from([kind.as_bytes(), b"/", id.as_bytes()].concat())
    }
}

impl Anomalies {
    pub(crate) const NAME: &'static str = "anomalies";

    pub(crate) fn id_key(id: Uuid) -> Bytes {
        Bytes::from([b"i", id.as_bytes().as_slice()].concat())
    }
}

impl Table for Matches {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        if partition.topic.as_str() != Kind::Matches.name() {
            return Ok(());
        }
        let id = record.key.as_deref().and_then(|key| Uuid::try_parse_ascii(key).ok());
        let id = id.ok_or_else(|| bad_row(Self::NAME, "a bad key"))?;
        match &record.value {
            Some(value) => rows.put(Bytes::copy_from_slice(id.as_bytes()), value.clone()),
            None => rows.remove(Bytes::copy_from_slice(id.as_bytes())),
        }
        Ok(())
    }
}

impl Table for References {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        if partition.topic.as_str() != Kind::Reference.name() {
            return Ok(());
        }
        let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
        let (kind, id) =
            key.and_then(|key| key.split_once('/')).ok_or_else(|| bad_row(Self::NAME, "a bad key"))?;
        let key = Self::key(kind, id.parse().map_err(|error| bad_row(Self::NAME, error))?);
        match &record.value {
            Some(value) => rows.put(key, value.clone()),
            None => rows.remove(key),
        }
        Ok(())
    }
}

impl Table for Anomalies {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        if partition.topic.as_str() != Kind::Anomalies.name() {
            return Ok(());
        }
        let Some(value) = record.value.clone() else { return Ok(()) };
        let anomaly = v1::Anomaly::decode(value.clone()).map_err(|error| bad_row(Self::NAME, error))?;
        let id = Uuid::from_slice(&anomaly.id).map_err(|error| bad_row(Self::NAME, error))?;
        let mut key = BytesMut::with_capacity(25);
        key.put_u8(b't');
        key.put_i64(anomaly.recorded_at);
        key.put_slice(id.as_bytes());
        rows.put(key.freeze(), value);
        rows.put(Self::id_key(id), Bytes::copy_from_slice(&anomaly.recorded_at.to_be_bytes()));
        Ok(())
    }
}
