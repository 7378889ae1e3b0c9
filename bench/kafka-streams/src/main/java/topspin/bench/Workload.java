package topspin.bench;

import java.nio.ByteBuffer;

/** The records, by number: README.md defines them for every side of the comparison. */
final class Workload {
    static final String INPUT = "rallies";
    static final String COUNTS = "rallies-per-match";
    static final String LONGEST = "longest-rally";
    static final int MATCHES = 100_000;
    static final int PLAYERS = 10_000;
    /** The time of record 0, in milliseconds since 1970: 2026-01-01T00:00:00Z. Each record is a millisecond later. */
    static final long EPOCH_MS = 1_767_225_600_000L;
    static final long WINDOW_MS = 600_000;
    private static final long SEED = 1;

    private Workload() {}

    /** A value of the input: 14 bytes, big-endian. */
    record Rally(int player, int strokes, long atMs) {
        byte[] bytes() {
            return ByteBuffer.allocate(14).putInt(player).putShort((short) strokes).putLong(atMs).array();
        }

        static Rally read(byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Rally(buffer.getInt(), Short.toUnsignedInt(buffer.getShort()), buffer.getLong());
        }
    }

    /** A value of the longest rallies: 10 bytes, big-endian. */
    record Longest(int strokes, long latestMs) {
        static final Longest NONE = new Longest(0, Long.MIN_VALUE);

        Longest with(Rally rally) {
            return new Longest(Math.max(strokes, rally.strokes()), Math.max(latestMs, rally.atMs()));
        }

        byte[] bytes() {
            return ByteBuffer.allocate(10).putShort((short) strokes).putLong(latestMs).array();
        }

        static Longest read(byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Longest(Short.toUnsignedInt(buffer.getShort()), buffer.getLong());
        }
    }

    /** The key of a record. */
    static int match(long number) {
        return (int) ((random(number) & 0xffff_ffffL) % MATCHES);
    }

    static Rally rally(long number) {
        long random = random(number);
        int player = (int) (((random >>> 32) & 0xff_ffff) % PLAYERS);
        return new Rally(player, 1 + (int) ((random >>> 56) % 100), EPOCH_MS + number);
    }

    static long windowStart(long atMs) {
        return Math.floorDiv(atMs, WINDOW_MS) * WINDOW_MS;
    }

    /** SplitMix64: the output after {@code number + 1} steps from the seed. */
    private static long random(long number) {
        long z = SEED + (number + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
