package topspin.bench;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** The topology in a process of its own: once over what is there, once to restore, once to serve. */
final class Application implements AutoCloseable {
    private static final String ID = "bench";
    private static final String REPARTITION = ID + "-by-player-repartition";
    private static final Duration POLL = Duration.ofMillis(20);

    private final Options options;
    private final int partitions;
    private final Progress progress;
    private final KafkaStreams streams;
    private final CountDownLatch running = new CountDownLatch(1);
    private volatile double runningSeconds;
    private final Restored restored = new Restored();

    Application(Options options) throws Exception {
        this.options = options;
        partitions = Topics.partitions(options);
        progress = new Progress(partitions);
        streams = new KafkaStreams(Views.topology(partitions, progress), configuration());
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                runningSeconds = Usage.wallSeconds();
                running.countDown();
            }
        });
        streams.setGlobalStateRestoreListener(restored);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
    }

    /** Everything is Kafka's default but what is named here. */
    private Properties configuration() throws Exception {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, ID);
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrap());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.threads());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, options.state());
        properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, Topics.replication(options));
        // Else the next process waits until the broker has missed the last one for 45 seconds.
        properties.put(StreamsConfig.consumerPrefix("internal.leave.group.on.close"), true);
        // The records' times are old, and the broker must not take the windows' changelog for expired.
        properties.put(
                StreamsConfig.WINDOW_STORE_CHANGE_LOG_ADDITIONAL_RETENTION_MS_CONFIG,
                Duration.ofDays(3650).toMillis());
        return properties;
    }

    /** Processes all there is, until it is committed. */
    void run() throws Exception {
        double brokersBefore = Usage.cpuSeconds(options.brokers());
        streams.start();
        try (Admin admin = Topics.admin(options)) {
            while (progress.processed() < options.records() || !isCommitted(admin)) {
                Thread.sleep(POLL.toMillis());
            }
        }
        double seconds = Usage.wallSeconds();
        double cpu = Usage.cpuSeconds();
        double brokers = Usage.cpuSeconds(options.brokers()) - brokersBefore;
        System.out.printf(
                "{\"records\":%d,\"partitions\":%d,\"threads\":%d,\"running_after_s\":%.2f,"
                        + "\"seconds\":%.2f,\"records_per_s\":%.0f,"
                        + "\"cpu_s\":%.2f,\"records_per_core_s\":%.0f,\"broker_cpu_s\":%.2f,\"peak_rss_mb\":%.0f,"
                        + "\"processed\":%d}%n",
                options.records(),
                partitions,
                options.threads(),
                runningSeconds,
                seconds,
                options.records() / seconds,
                cpu,
                options.records() / cpu,
                brokers,
                Usage.peakRssMb(),
                progress.processed());
    }

    /** Whether the group stands behind the last record of the input and of the repartition. */
    private boolean isCommitted(Admin admin) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> committed =
                admin.listConsumerGroupOffsets(ID).partitionsToOffsetAndMetadata().get();
        for (int partition = 0; partition < partitions; partition++) {
            TopicPartition input = new TopicPartition(Workload.INPUT, partition);
            TopicPartition repartition = new TopicPartition(REPARTITION, partition);
            long end = admin.listOffsets(Map.of(input, OffsetSpec.latest())).partitionResult(input).get().offset();
            if (!isBehind(committed.get(input), end - 1)
                    || !isBehind(committed.get(repartition), progress.lastOffset(partition))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBehind(OffsetAndMetadata committed, long offset) {
        return offset < 0 || committed != null && committed.offset() > offset;
    }

    /** Starts with an empty state folder, until every task runs. */
    void restore() throws Exception {
        streams.start();
        running.await();
        System.out.printf(
                "{\"restored_records\":%d,\"restore_s\":%.2f,\"restore_running_after_s\":%.2f,\"restore_cpu_s\":%.2f,"
                        + "\"restore_peak_rss_mb\":%.0f}%n",
                restored.records.get(),
                restored.seconds(),
                runningSeconds,
                Usage.cpuSeconds(),
                Usage.peakRssMb());
    }

    /** Until the process is told to end. */
    void serve() throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        streams.start();
        new CountDownLatch(1).await();
    }

    @Override
    public void close() {
        streams.close(Duration.ofSeconds(30));
    }

    /** From the first restore's start to the last one's end. */
    private static final class Restored implements StateRestoreListener {
        final AtomicLong records = new AtomicLong();
        private long startedNs;
        private long endedNs;

        synchronized double seconds() {
            return (endedNs - startedNs) / 1e9;
        }

        @Override
        public synchronized void onRestoreStart(TopicPartition partition, String store, long start, long end) {
            if (startedNs == 0) {
                startedNs = System.nanoTime();
            }
        }

        @Override
        public void onBatchRestored(TopicPartition partition, String store, long end, long count) {}

        @Override
        public synchronized void onRestoreEnd(TopicPartition partition, String store, long total) {
            records.addAndGet(total);
            endedNs = System.nanoTime();
        }
    }
}
