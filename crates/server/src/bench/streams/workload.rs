//! The workload: the same records and the same topology that `bench/kafka-streams/README.md` gives to Kafka Streams.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use topspin_log::{Record, Timestamp};
use topspin_stream::{Builder, Encoded, Facts, Input, Reason, Topology};

/// The topic that is read.
pub const RALLIES: &str = "rallies";
/// The view with the number of rallies.
pub const PER_MATCH: &str = "rallies-per-match";
/// The view with the longest rallies.
pub const LONGEST: &str = "longest-rally";
const EPOCH_MS: i64 = 1_767_225_600_000;
const WINDOW_MS: i64 = 600_000;

/// How much is processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub struct Workload {
    /// How many records.
    #[arg(long, default_value_t = 5_000_000)]
    pub records: u64,
    /// How many matches they are of: as many counts are kept.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub matches: u32,
    /// Partitions of every topic.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub partitions: u32,
}

/// One rally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rally {
    pub match_number: u32,
    pub player: u32,
    pub strokes: u16,
    pub at_ms: i64,
}

/// The longest rally of a window, and the latest of its rallies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Longest {
    pub strokes: u16,
    pub latest_ms: i64,
}

impl Workload {
    /// Record number `n`, from 0.
    pub fn rally(&self, n: u64) -> Rally {
        let r = split_mix(n);
        Rally {
            match_number: (r & 0xffff_ffff) as u32 % self.matches,
            player: ((r >> 32) % (1 << 24)) as u32 % 10_000,
            strokes: 1 + (r >> 56) as u16 % 100,
            at_ms: EPOCH_MS + n.cast_signed(),
        }
    }

    /// All of them.
    pub fn rallies(&self) -> impl Iterator<Item = Rally> + '_ {
        (0..self.records).map(|n| self.rally(n))
    }
}

impl Rally {
    /// As it is on the topic.
    pub fn record(&self) -> Record {
        let mut value = Vec::with_capacity(14);
        value.extend_from_slice(&self.player.to_be_bytes());
        value.extend_from_slice(&self.strokes.to_be_bytes());
        value.extend_from_slice(&self.at_ms.to_be_bytes());
        let key = Bytes::copy_from_slice(&self.match_number.to_be_bytes());
        Record::new(key, value, Timestamp::from_millis(self.at_ms.cast_unsigned()))
    }

    /// The start of its window.
    pub fn window_ms(&self) -> i64 {
        window_ms(self.at_ms)
    }
}

/// The start of the window of a time.
const fn window_ms(at_ms: i64) -> i64 {
    at_ms - at_ms.rem_euclid(WINDOW_MS)
}

impl Longest {
    /// The window with one more rally.
    pub fn add(&mut self, strokes: u16, at_ms: i64) {
        self.strokes = self.strokes.max(strokes);
        self.latest_ms = self.latest_ms.max(at_ms);
    }
}

/// The output of `SplitMix64` after `n` + 1 steps from the state 1.
fn split_mix(n: u64) -> u64 {
    let state = 1_u64.wrapping_add(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(n.wrapping_add(1)));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Counts by match, and, over a repartition, the longest rally of each player in each window.
pub fn topology() -> anyhow::Result<Topology> {
    let builder = Builder::new("bench-streams", 1);
    let rallies = builder.stream(RALLIES, |input| Ok(Some(read(input)?)));
    rallies.count("count").to_view(PER_MATCH, |key: &u32, count, record: &mut Encoded| {
        record.key.extend_from_slice(&key.to_be_bytes());
        record.value.extend_from_slice(&count.copied().unwrap_or_default().to_be_bytes());
    });
    let by_player = rallies.map("players", |_, value: &(u32, u16, i64)| (value.0, (value.1, value.2)));
    let windows = by_player
        .repartition("by-player")
        .refine("window", |player: &u32, rally: &(u16, i64)| ((*player, window_ms(rally.1)), *rally));
    let longest =
        windows.machine("longest", |state: &mut Option<Longest>, _, rally, facts: &mut Facts<Longest>| {
            if let Some(before) = *state {
                facts.goes(before);
            }
            let now = state.get_or_insert_default();
            now.add(rally.0, rally.1);
            facts.comes(*now);
            Ok(())
        });
    longest.to_view(LONGEST, |(player, window), longest, record| {
        record.key.extend_from_slice(&player.to_be_bytes());
        record.key.extend_from_slice(&window.to_be_bytes());
        let longest = longest.copied().unwrap_or_default();
        record.value.extend_from_slice(&longest.strokes.to_be_bytes());
        record.value.extend_from_slice(&longest.latest_ms.to_be_bytes());
    });
    Ok(builder.build()?)
}

type Read = (u32, (u32, u16, i64));

fn read(input: &Input<'_>) -> Result<Read, Reason> {
    let short = || Reason::from("the record is too short");
    let key = input.key.and_then(|key| key.first_chunk()).ok_or_else(short)?;
    let (player, rest) = input.value.and_then(|value| value.split_first_chunk()).ok_or_else(short)?;
    let (strokes, rest) = rest.split_first_chunk().ok_or_else(short)?;
    let at_ms = rest.first_chunk().ok_or_else(short)?;
    let rally = (u32::from_be_bytes(*player), u16::from_be_bytes(*strokes), i64::from_be_bytes(*at_ms));
    Ok((u32::from_be_bytes(*key), rally))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_are_those_of_the_published_table() {
        for (n, r, match_number, player, strokes) in [
            (0, 0x910a_2dec_8902_5cc1, 33_409, 7_116, 46),
            (1, 0xbeeb_8da1_658e_ec67, 65_447, 7_217, 91),
            (2, 0xf893_a2ee_fb32_555e, 79_870, 5_502, 49),
            (4_999_999, 0x553f_7c76_88ce_d602, 56_578, 630, 86),
        ] {
            assert_eq!(split_mix(n), r, "{n}");
            let at_ms = EPOCH_MS + n.cast_signed();
            let workload = Workload { records: 5_000_000, matches: 100_000, partitions: 4 };
            assert_eq!(workload.rally(n), Rally { match_number, player, strokes, at_ms });
        }
    }
}
