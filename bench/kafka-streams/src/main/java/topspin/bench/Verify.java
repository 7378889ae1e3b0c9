package topspin.bench;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import topspin.bench.Workload.Longest;
import topspin.bench.Workload.Rally;

/** Compares the last value of every key in the outputs with a plain fold over the records. */
final class Verify {
    private Verify() {}

    record PlayerWindow(int player, long startMs) {}

    static void outputs(Options options) {
        Map<Integer, Long> counts = new HashMap<>();
        Map<PlayerWindow, Longest> longest = new HashMap<>();
        for (long number = 0; number < options.records(); number++) {
            counts.merge(Workload.match(number), 1L, Long::sum);
            Rally rally = Workload.rally(number);
            PlayerWindow key = new PlayerWindow(rally.player(), Workload.windowStart(rally.atMs()));
            longest.merge(key, Longest.NONE.with(rally), (before, own) -> before.with(rally));
        }
        Map<Integer, Long> foundCounts = new HashMap<>();
        try (Outputs outputs = new Outputs(options, Workload.COUNTS)) {
            outputs.all(record -> foundCounts.put(
                    ByteBuffer.wrap(record.key()).getInt(), ByteBuffer.wrap(record.value()).getLong()));
        }
        Map<PlayerWindow, Longest> foundLongest = new HashMap<>();
        try (Outputs outputs = new Outputs(options, Workload.LONGEST)) {
            outputs.all(record -> {
                ByteBuffer key = ByteBuffer.wrap(record.key());
                foundLongest.put(new PlayerWindow(key.getInt(), key.getLong()), Longest.read(record.value()));
            });
        }
        boolean correct = counts.equals(foundCounts) && longest.equals(foundLongest);
        System.out.printf(
                "{\"correct\":%b,\"matches\":%d,\"player_windows\":%d}%n", correct, counts.size(), longest.size());
    }
}
