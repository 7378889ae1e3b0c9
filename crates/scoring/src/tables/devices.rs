//! `devices`: tablets as they were heard of last.

use bytes::{BufMut as _, Bytes, BytesMut};
use topspin_event::{Device, Label, wire};
use topspin_log::{Partition, Record, TopicPartition};
use topspin_runtime::{Rows, StoreError, Table};

use super::bad_row;
use crate::limits::{DEVICE_RETENTION_MS, DEVICES_FORGOTTEN_AT_ONCE};
use crate::topics::Kind;

/// Two kinds of rows:
/// - `d` number of the partition (4) label → time of the record (8), `topspin.v1.Device`.
/// - `t` number of the partition (4) time (8) label → nothing: who has been silent for longest comes first.
///
/// Whoever has been silent for longer than the topic keeps records is forgotten at the next sign of life of anybody in
/// the same partition. How late it is then, the record says.
pub(crate) struct Devices;

impl Devices {
    pub(crate) const NAME: &'static str = "devices";
    /// What the keys of the tablets start with.
    pub(crate) const PREFIX: &'static [u8] = b"d";

    /// The key of a tablet's row.
    pub(crate) fn key(partition: Partition, label: &Label) -> Bytes {
        device_key(partition.0, label.as_str().as_bytes())
    }

    /// Reads a tablet's row.
    pub(crate) fn read(stored: &Bytes) -> Result<Device, StoreError> {
        let device = stored.get(8..).ok_or_else(|| bad_row(Self::NAME, "too short"))?;
        wire::decode_device(device).map_err(|error| bad_row(Self::NAME, error))
    }
}

impl Table for Devices {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        if partition.topic.as_str() != Kind::Devices.name() {
            return Ok(());
        }
        let Some(label) = &record.key else { return Ok(()) };
        let number = partition.partition.0;
        forget(number, label, rows)?;
        if let Some(device) = &record.value {
            let time = record.timestamp.as_millis();
            let mut value = BytesMut::with_capacity(8 + device.len());
            value.put_u64(time);
            value.put_slice(device);
            rows.put(device_key(number, label), value.freeze());
            rows.put(silence_key(number, time, label), Bytes::new());
        }
        forget_silent(number, record.timestamp.as_millis(), rows)
    }
}

fn forget_silent(number: u32, now: u64, rows: &mut Rows<'_, '_>) -> Result<(), StoreError> {
    let earliest = now.saturating_sub(DEVICE_RETENTION_MS);
    for (key, _) in rows.scan(&silence_key(number, 0, b"")[..5], DEVICES_FORGOTTEN_AT_ONCE)? {
        let (time, label) =
            key[5..].split_first_chunk::<8>().ok_or_else(|| bad_row(Devices::NAME, "a bad key"))?;
        if u64::from_be_bytes(*time) >= earliest {
            break;
        }
        forget(number, label, rows)?;
    }
    Ok(())
}

fn forget(number: u32, label: &[u8], rows: &mut Rows<'_, '_>) -> Result<(), StoreError> {
    let key = device_key(number, label);
    let Some(stored) = rows.get(&key)? else { return Ok(()) };
    let time = stored.first_chunk::<8>().ok_or_else(|| bad_row(Devices::NAME, "too short"))?;
    rows.remove(silence_key(number, u64::from_be_bytes(*time), label));
    rows.remove(key);
    Ok(())
}

fn device_key(number: u32, label: &[u8]) -> Bytes {
    Bytes::from([b"d".as_slice(), &number.to_be_bytes(), label].concat())
}

fn silence_key(number: u32, time: u64, label: &[u8]) -> Bytes {
    Bytes::from([b"t".as_slice(), &number.to_be_bytes(), &time.to_be_bytes(), label].concat())
}
