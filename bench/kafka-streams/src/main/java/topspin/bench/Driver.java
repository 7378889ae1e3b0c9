package topspin.bench;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import topspin.bench.Workload.Longest;

/**
 * Sends records at an even pace and waits for the longest rally that they change, behind the repartition. It knows
 * nothing of the engine: a record is recognised by its time, which is its number.
 */
final class Driver {
    private static final long GIVE_UP_NS = 120_000_000_000L;
    private static final long TAIL_NS = 5_000_000_000L;

    private final Options options;
    private final int warmUp;
    private final int most;
    private final AtomicLongArray sentNs;
    private final AtomicLongArray latencyNs;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean answered;

    Driver(Options options) {
        this.options = options;
        warmUp = (int) (options.rate() * options.seconds());
        most = (int) (options.rate() * GIVE_UP_NS / 1_000_000_000L) + 2 * warmUp;
        sentNs = new AtomicLongArray(most);
        latencyNs = new AtomicLongArray(most);
    }

    void drive() throws Exception {
        try (Outputs outputs = new Outputs(options, options.output())) {
            outputs.seekToEnd();
            Thread reader = new Thread(() -> read(outputs));
            reader.start();
            int first = 0;
            int sent = 0;
            try (KafkaProducer<Integer, byte[]> producer = Topics.producer(options, 0)) {
                long started = System.nanoTime();
                // Measured are the last `seconds`; as many seconds before, from the first answer on, warm it up.
                while (sent < most && (!answered || sent < first + 2 * warmUp)) {
                    if (!answered) {
                        first = sent;
                    }
                    LockSupport.parkNanos(started + sent * 1_000_000_000L / options.rate() - System.nanoTime());
                    sentNs.set(sent, System.nanoTime());
                    producer.send(Topics.record(options.records() + sent));
                    sent++;
                }
            }
            Thread.sleep(TAIL_NS / 1_000_000);
            ended.set(true);
            reader.join();
            if (!answered) {
                throw new IllegalStateException("no answer within two minutes");
            }
            print(sent);
        }
    }

    private void read(Outputs outputs) {
        while (!ended.get()) {
            var records = outputs.poll();
            long now = System.nanoTime();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                long number = Longest.read(record.value()).latestMs() - Workload.EPOCH_MS - options.records();
                if (number >= 0 && latencyNs.compareAndSet((int) number, 0, now - sentNs.get((int) number))) {
                    answered = true;
                }
            }
        }
    }

    private void print(int sent) {
        long[] latencies = new long[warmUp];
        int count = 0;
        for (int number = sent - warmUp; number < sent; number++) {
            if (latencyNs.get(number) > 0) {
                latencies[count++] = latencyNs.get(number);
            }
        }
        latencies = Arrays.copyOf(latencies, count);
        Arrays.sort(latencies);
        System.out.printf(
                "{\"e2e_rate\":%d,\"e2e_sent\":%d,\"e2e_samples\":%d,\"e2e_p50_ms\":%.1f,\"e2e_p99_ms\":%.1f,"
                        + "\"e2e_max_ms\":%.1f}%n",
                options.rate(),
                sent,
                count,
                latencies[(count - 1) / 2] / 1e6,
                latencies[(int) ((count - 1) * 0.99)] / 1e6,
                latencies[count - 1] / 1e6);
    }
}
