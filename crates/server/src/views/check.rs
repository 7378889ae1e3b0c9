//! What makes no sense before views start.

use topspin_runtime::StartFrom;
use topspin_stream::{SourceKind, Subtopology, Topology};

/// What a log can remember of positions is 65,536 ([`MAX_POSITIONS`](topspin_log::limits::MAX_POSITIONS)); views need the square of its
/// partitions, and some more.
const PARTITIONS: u32 = 250;

/// Says so if the embedded log has more partitions than views can have there: each of their tasks remembers a position in each partition
/// of reference data.
pub fn partitions(partitions: u32) -> anyhow::Result<()> {
    anyhow::ensure!(
        partitions < PARTITIONS,
        "views on this log need fewer than {PARTITIONS} partitions, and it has {partitions}: leave out --views, or begin a log with fewer"
    );
    Ok(())
}

/// Says so if a start makes no sense for a view.
pub fn start(topology: &Topology, from: &StartFrom) -> anyhow::Result<()> {
    let sources = topology.subtopologies().iter().flat_map(Subtopology::sources);
    let streams: Vec<_> = sources.filter(|source| source.kind == SourceKind::Stream).collect();
    let view = topology.name();
    match from {
        StartFrom::Beginning => {}
        StartFrom::Time(_) => anyhow::ensure!(
            !streams.is_empty(),
            "{view} reads tables only, which are always read whole: leave out --views-from"
        ),
        StartFrom::Offsets(offsets) => {
            let unknown =
                offsets.keys().find(|place| streams.iter().all(|one| one.topic != place.topic.as_str()));
            if let Some(place) = unknown {
                anyhow::bail!("{view} reads no stream {}: leave it out of --views-from", place.topic);
            }
        }
    }
    Ok(())
}
