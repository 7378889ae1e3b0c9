package topspin.bench;

import java.time.Duration;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.WindowStore;
import topspin.bench.Workload.Longest;
import topspin.bench.Workload.Rally;

/** The topology: rallies of each match, and, by way of a repartition, the longest rally of each player and window. */
final class Views {
    /** Longer than the records' times span, so that no record is too late however far partitions run apart. */
    private static final Duration GRACE = Duration.ofDays(1);

    private static final Serde<Rally> RALLY =
            Serdes.serdeFrom((topic, rally) -> rally.bytes(), (topic, bytes) -> Rally.read(bytes));
    private static final Serde<Longest> LONGEST =
            Serdes.serdeFrom((topic, longest) -> longest.bytes(), (topic, bytes) -> Longest.read(bytes));

    private Views() {}

    static Topology topology(int partitions, Progress progress) {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<Integer, Rally> rallies = builder.stream(Workload.INPUT, Consumed.with(Serdes.Integer(), RALLY));
        rallies.groupByKey(Grouped.with(Serdes.Integer(), RALLY))
                .count(Materialized.as("per-match"))
                .toStream()
                .to(Workload.COUNTS, Produced.with(Serdes.Integer(), Serdes.Long()));

        TimeWindows windows = TimeWindows.ofSizeAndGrace(Duration.ofMillis(Workload.WINDOW_MS), GRACE);
        rallies.selectKey((match, rally) -> rally.player())
                .repartition(Repartitioned.with(Serdes.Integer(), RALLY)
                        .withName("by-player")
                        .withNumberOfPartitions(partitions))
                .processValues(progress)
                .groupByKey(Grouped.with(Serdes.Integer(), RALLY))
                .windowedBy(windows)
                .aggregate(
                        () -> Longest.NONE,
                        (player, rally, longest) -> longest.with(rally),
                        Materialized.<Integer, Longest, WindowStore<Bytes, byte[]>>as("longest")
                                .withKeySerde(Serdes.Integer())
                                .withValueSerde(LONGEST))
                .toStream()
                .to(
                        Workload.LONGEST,
                        Produced.with(
                                WindowedSerdes.timeWindowedSerdeFrom(Integer.class, Workload.WINDOW_MS), LONGEST));
        return builder.build();
    }
}
