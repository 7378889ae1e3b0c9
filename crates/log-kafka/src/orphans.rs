//! Partitions that a group has forgotten.
//!
//! A static member (KIP-345) that is replaced while it gives partitions up, between the two steps of a cooperative
//! rebalance (KIP-429), gets the assignment of the first step back, without a second step: what it was to give up is
//! nobody's from then on, and nobody is told. So each member looks after its group, and one that sees that leaves and
//! joins again, which makes the group share everything anew.

use std::collections::BTreeSet;
use std::time::Instant;

use bytes::Buf;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaResult;
use rdkafka::groups::GroupInfo;

use crate::limits::{ORPHAN_LOOK, ORPHAN_LOOK_TIMEOUT, ORPHAN_LOOKS, ORPHAN_LOOKS_OF_OWNER};
use crate::member::Ears;

/// The state of a group in which everything should be assigned.
const STABLE: &str = "Stable";

/// What a member knows of its group's partitions.
pub(crate) struct Guard {
    group: String,
    /// All that the group shares: topics by their names on the cluster, and their partitions.
    all: BTreeSet<(String, i32)>,
    next_look: Instant,
    /// How often in a row something was assigned to nobody.
    seen: u32,
}

impl Guard {
    pub(crate) fn new(group: String, all: BTreeSet<(String, i32)>) -> Self {
        Self { group, all, next_look: Instant::now() + ORPHAN_LOOK, seen: 0 }
    }

    /// Looks, if it is time to; whether this member should join anew. One that owns something lets others go first.
    pub(crate) fn should_rejoin(&mut self, consumer: &BaseConsumer<Ears>, owns: bool) -> bool {
        if Instant::now() < self.next_look {
            return false;
        }
        self.seen = match self.look(consumer) {
            Ok(true) => self.seen + 1,
            Ok(false) | Err(_) => 0,
        };
        self.next_look = Instant::now() + ORPHAN_LOOK;
        self.seen >= if owns { ORPHAN_LOOKS_OF_OWNER } else { ORPHAN_LOOKS }
    }

    /// Whether something is assigned to nobody.
    fn look(&self, consumer: &BaseConsumer<Ears>) -> KafkaResult<bool> {
        let groups = consumer.client().fetch_group_list(Some(&self.group), ORPHAN_LOOK_TIMEOUT)?;
        let group = groups.groups().iter().find(|group| group.name() == self.group);
        let assigned = group.filter(|group| group.state() == STABLE).and_then(assigned);
        Ok(assigned.is_some_and(|assigned| !self.all.is_subset(&assigned)))
    }
}

/// What all members have; `None` if one of them does not say so in a form that is known.
fn assigned(group: &GroupInfo) -> Option<BTreeSet<(String, i32)>> {
    let mut all = BTreeSet::new();
    for member in group.members() {
        all.extend(parse(member.assignment()?)?);
    }
    Some(all)
}

/// Kafka's `ConsumerProtocolAssignment`, any version: the version, topics with their partitions, and data of the assignor.
fn parse(mut bytes: &[u8]) -> Option<Vec<(String, i32)>> {
    let mut assigned = Vec::new();
    if bytes.is_empty() {
        return Some(assigned);
    }
    bytes.try_get_i16().ok()?;
    for _ in 0..bytes.try_get_i32().ok()? {
        let length = usize::try_from(bytes.try_get_i16().ok()?).ok()?;
        let (name, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        let name = std::str::from_utf8(name).ok()?;
        for _ in 0..bytes.try_get_i32().ok()? {
            assigned.push((name.to_owned(), bytes.try_get_i32().ok()?));
        }
    }
    Some(assigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_is_read_as_kafka_writes_it_and_no_other_way() {
        let mut bytes = vec![0, 3, 0, 0, 0, 1, 0, 2, b't', b'1', 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7];
        bytes.extend([0xff; 4]);
        assert_eq!(parse(&bytes), Some(vec![("t1".to_owned(), 0), ("t1".to_owned(), 7)]));
        assert_eq!(parse(&[]), Some(Vec::new()));
        for end in 1..bytes.len() - 4 {
            assert_eq!(parse(&bytes[..end]), None, "{end} bytes");
        }
        let endless = [0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(parse(&endless), None);
    }
}
