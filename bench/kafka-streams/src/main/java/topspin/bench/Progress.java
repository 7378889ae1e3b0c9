package topspin.bench;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import topspin.bench.Workload.Rally;

/** Passes records on behind the repartition and notes how many there were and where the last one stood. */
final class Progress implements FixedKeyProcessorSupplier<Integer, Rally, Rally> {
    private final AtomicLong processed = new AtomicLong();
    private final AtomicLongArray lastOffsets;

    Progress(int partitions) {
        lastOffsets = new AtomicLongArray(partitions);
        for (int partition = 0; partition < partitions; partition++) {
            lastOffsets.set(partition, -1);
        }
    }

    long processed() {
        return processed.get();
    }

    long lastOffset(int partition) {
        return lastOffsets.get(partition);
    }

    @Override
    public FixedKeyProcessor<Integer, Rally, Rally> get() {
        return new FixedKeyProcessor<>() {
            private FixedKeyProcessorContext<Integer, Rally> context;

            @Override
            public void init(FixedKeyProcessorContext<Integer, Rally> context) {
                this.context = context;
            }

            @Override
            public void process(FixedKeyRecord<Integer, Rally> rally) {
                context.recordMetadata().ifPresent(at -> lastOffsets.set(at.partition(), at.offset()));
                processed.incrementAndGet();
                context.forward(rally);
            }
        };
    }
}
