package topspin.bench;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import topspin.bench.Workload.Rally;

/** The topics, and the records in the input. */
final class Topics {
    private Topics() {}

    static Admin admin(Options options) {
        return Admin.create(Map.of("bootstrap.servers", options.bootstrap()));
    }

    static int replication(Options options) throws InterruptedException, ExecutionException {
        try (Admin admin = admin(options)) {
            return Math.min(3, admin.describeCluster().nodes().get().size());
        }
    }

    static int partitions(Options options) throws InterruptedException, ExecutionException {
        try (Admin admin = admin(options)) {
            return admin.describeTopics(List.of(Workload.INPUT))
                    .allTopicNames()
                    .get()
                    .get(Workload.INPUT)
                    .partitions()
                    .size();
        }
    }

    /** Creates the topics and writes the records. */
    static void fill(Options options) throws InterruptedException, ExecutionException {
        short replication = (short) replication(options);
        String inSync = replication == 3 ? "2" : "1";
        Map<String, String> kept = Map.of("retention.ms", "-1", "min.insync.replicas", inSync);
        Map<String, String> compacted = Map.of("cleanup.policy", "compact", "min.insync.replicas", inSync);
        try (Admin admin = admin(options)) {
            admin.createTopics(List.of(
                            new NewTopic(Workload.INPUT, options.partitions(), replication).configs(kept),
                            new NewTopic(Workload.COUNTS, options.partitions(), replication).configs(compacted),
                            new NewTopic(Workload.LONGEST, options.partitions(), replication).configs(compacted)))
                    .all()
                    .get();
        }
        try (KafkaProducer<Integer, byte[]> producer = producer(options, 20)) {
            for (long number = 0; number < options.records(); number++) {
                producer.send(record(number));
            }
        }
        System.out.printf("{\"filled\":%d,\"fill_s\":%.2f}%n", options.records(), Usage.wallSeconds());
    }

    static KafkaProducer<Integer, byte[]> producer(Options options, int lingerMs) {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrap());
        properties.put(ProducerConfig.LINGER_MS_CONFIG, lingerMs);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
        return new KafkaProducer<>(properties, new IntegerSerializer(), new ByteArraySerializer());
    }

    static ProducerRecord<Integer, byte[]> record(long number) {
        Rally rally = Workload.rally(number);
        return new ProducerRecord<>(Workload.INPUT, null, rally.atMs(), Workload.match(number), rally.bytes());
    }
}
