//! Who gets which partition: sticky and balanced.

use std::collections::{BTreeMap, BTreeSet};

use crate::{MemberId, TopicPartition};

/// What one member wants and has.
pub(super) struct Claim<'a> {
    pub subscribed: &'a BTreeSet<TopicPartition>,
    pub owned: &'a BTreeSet<TopicPartition>,
}

pub(super) type Plan = BTreeMap<MemberId, BTreeSet<TopicPartition>>;

/// Gives every subscribed partition to exactly one of its subscribers. Owners keep what they have where that leaves no
/// two members with the same subscription more than one partition apart.
pub(super) fn assign(claims: &BTreeMap<MemberId, Claim<'_>>) -> Plan {
    let mut plan: Plan = claims.keys().map(|member| (member.clone(), BTreeSet::new())).collect();
    let partitions: BTreeSet<&TopicPartition> = claims.values().flat_map(|claim| claim.subscribed).collect();
    for partition in partitions {
        let owner = claims
            .iter()
            .find(|(_, claim)| claim.owned.contains(partition) && claim.subscribed.contains(partition))
            .map(|(member, _)| member.clone());
        let receiver = owner.or_else(|| least_loaded(claims, &plan, partition));
        if let Some(member) = receiver {
            plan.entry(member).or_default().insert(partition.clone());
        }
    }
    while let Some((from, to, partition)) = imbalance(claims, &plan) {
        plan.entry(from).or_default().remove(&partition);
        plan.entry(to).or_default().insert(partition);
    }
    plan
}

fn least_loaded(
    claims: &BTreeMap<MemberId, Claim<'_>>,
    plan: &Plan,
    partition: &TopicPartition,
) -> Option<MemberId> {
    claims
        .iter()
        .filter(|(_, claim)| claim.subscribed.contains(partition))
        .min_by_key(|(member, _)| plan.get(*member).map_or(0, BTreeSet::len))
        .map(|(member, _)| member.clone())
}

/// A partition whose move brings two members closer together. Each move lowers the sum of squared loads, so moving
/// ends.
fn imbalance(
    claims: &BTreeMap<MemberId, Claim<'_>>,
    plan: &Plan,
) -> Option<(MemberId, MemberId, TopicPartition)> {
    let mut by_load: Vec<(&MemberId, &BTreeSet<TopicPartition>)> = plan.iter().collect();
    by_load.sort_by_key(|(_, partitions)| std::cmp::Reverse(partitions.len()));
    for (from, held) in &by_load {
        for (to, has) in by_load.iter().rev() {
            if held.len() < has.len() + 2 {
                break;
            }
            let wanted = claims.get(*to).map(|claim| claim.subscribed);
            let movable = held.iter().rev().find(|held| wanted.is_some_and(|wanted| wanted.contains(*held)));
            if let Some(partition) = movable {
                return Some(((*from).clone(), (*to).clone(), partition.clone()));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Partition, Topic};

    fn partitions(range: std::ops::Range<u32>) -> BTreeSet<TopicPartition> {
        let topic = Topic::new("t").expect("valid");
        range.map(|partition| TopicPartition::new(topic.clone(), Partition(partition))).collect()
    }

    fn loads(owned: &[(&str, std::ops::Range<u32>)], subscribed: u32) -> (Vec<usize>, usize) {
        let all = partitions(0..subscribed);
        let owned: BTreeMap<MemberId, BTreeSet<TopicPartition>> = owned
            .iter()
            .map(|(member, range)| (MemberId::new(member).expect("valid"), partitions(range.clone())))
            .collect();
        let claims =
            owned.iter().map(|(member, owned)| (member.clone(), Claim { subscribed: &all, owned })).collect();
        let plan = assign(&claims);
        let kept = plan.iter().map(|(member, plan)| plan.intersection(&owned[member]).count()).sum();
        assert_eq!(plan.values().flatten().collect::<BTreeSet<_>>().len(), subscribed as usize);
        (plan.values().map(BTreeSet::len).collect(), kept)
    }

    #[test]
    fn every_partition_has_one_owner_and_loads_differ_by_at_most_one() {
        assert_eq!(loads(&[("a", 0..0)], 5), (vec![5], 0));
        assert_eq!(loads(&[("a", 0..4), ("b", 0..0)], 4), (vec![2, 2], 2));
        assert_eq!(loads(&[("a", 0..2), ("b", 2..4), ("c", 0..0)], 4), (vec![1, 2, 1], 3));
        assert_eq!(loads(&[("a", 0..0), ("b", 0..0), ("c", 0..0)], 2), (vec![1, 1, 0], 0));
    }

    #[test]
    fn a_balanced_assignment_stays_as_it_is() {
        assert_eq!(loads(&[("a", 0..3), ("b", 3..5)], 5), (vec![3, 2], 5));
    }
}
