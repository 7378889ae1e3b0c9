//! A place in every partition at once, opaque to clients.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use topspin_log::{Offset, Partition};
use uuid::Uuid;

const VERSION: u8 = 1;
const ENTRY: usize = 12;

/// The last offset seen in each partition; one that is absent has none yet.
pub type Positions = BTreeMap<Partition, Offset>;

/// The text of a place in a log.
pub fn encode(log_id: Uuid, positions: &Positions) -> String {
    let mut bytes = Vec::with_capacity(17 + positions.len() * ENTRY);
    bytes.push(VERSION);
    bytes.extend_from_slice(log_id.as_bytes());
    for (partition, offset) in positions {
        bytes.extend_from_slice(&partition.0.to_be_bytes());
        bytes.extend_from_slice(&offset.get().to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place that a text names; `None` if it is no cursor, or one of another log.
pub fn decode(log_id: Uuid, text: &str) -> Option<Positions> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (head, rest) = bytes.split_at_checked(17)?;
    if head[0] != VERSION || head[1..] != *log_id.as_bytes() || rest.len() % ENTRY != 0 {
        return None;
    }
    let entries = rest.chunks_exact(ENTRY).map(|entry| {
        let (partition, offset) = entry.split_at(4);
        let partition = u32::from_be_bytes(partition.try_into().ok()?);
        let offset = u64::from_be_bytes(offset.try_into().ok()?);
        Some((Partition(partition), Offset::new(offset)))
    });
    entries.collect()
}

/// Whether a log that has come to `now` has the place `last`.
pub fn is_reached(last: &Positions, now: &Positions) -> bool {
    last.iter().all(|(partition, offset)| now.get(partition) >= Some(offset))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_and_only_to_its_log(
            entries in prop::collection::btree_map(any::<u32>(), any::<u64>(), 0..20),
        ) {
            let log = Uuid::from_u128(7);
            let positions: Positions =
                entries.into_iter().map(|(p, o)| (Partition(p), Offset::new(o))).collect();
            let text = encode(log, &positions);
            prop_assert_eq!(decode(log, &text), Some(positions));
            prop_assert_eq!(decode(Uuid::from_u128(8), &text), None);
        }

        #[test]
        fn any_text_is_a_cursor_or_none(text in "\\PC*") {
            let _ = decode(Uuid::nil(), &text);
        }
    }
}
