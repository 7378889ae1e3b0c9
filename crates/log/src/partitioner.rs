//! The one rule that maps a key to a partition: that of Kafka's Java client.

use crate::Partition;

/// The partition of a key in a topic with `partitions` partitions: `toPositive(murmur2(key)) % partitions`, as the
/// default partitioner of Kafka's Java client does it. librdkafka's default differs; its `murmur2` agrees.
///
/// # Panics
/// If `partitions` is 0, which no topic has.
pub fn partition_for(key: &[u8], partitions: u32) -> Partition {
    assert!(partitions > 0, "a topic has at least one partition");
    Partition((murmur2(key) & 0x7fff_ffff) % partitions)
}

/// The 32-bit `MurmurHash2` with the seed that Kafka uses.
pub fn murmur2(data: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const MULTIPLIER: u32 = 0x5bd1_e995;
    const SHIFT: u32 = 24;

    let mut hash = SEED ^ (data.len() as u32);
    let (words, tail) = data.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(MULTIPLIER);
        k ^= k >> SHIFT;
        hash = hash.wrapping_mul(MULTIPLIER) ^ k.wrapping_mul(MULTIPLIER);
    }
    if !tail.is_empty() {
        for (index, byte) in tail.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * index);
        }
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `UtilsTest.testMurmur2` of Apache Kafka.
    const KAFKA_VECTORS: &[(&str, i32)] = &[
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ];

    #[test]
    fn murmur2_agrees_with_kafkas_java_client() {
        for (key, hash) in KAFKA_VECTORS {
            assert_eq!(murmur2(key.as_bytes()).cast_signed(), *hash, "{key}");
        }
    }

    #[test]
    fn the_partition_of_a_key_is_pinned() {
        let partitions = ["21", "foobar", "abc", ""].map(|key| partition_for(key.as_bytes(), 12).0);
        assert_eq!(partitions, [0, 6, 3, 9]);
    }
}
