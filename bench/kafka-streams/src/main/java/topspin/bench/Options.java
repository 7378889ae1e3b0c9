package topspin.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What stands on the command line as {@code name=value}. */
record Options(Map<String, String> values) {
    static Options read(String[] arguments) {
        return new Options(Arrays.stream(arguments)
                .skip(1)
                .map(argument -> argument.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1])));
    }

    String bootstrap() {
        return values.get("bootstrap");
    }

    String state() {
        return values.get("state");
    }

    long records() {
        return number("records", 5_000_000);
    }

    int partitions() {
        return (int) number("partitions", 4);
    }

    int threads() {
        return (int) number("threads", 2);
    }

    /** The topic whose longest rallies the driver waits for. */
    String output() {
        return values.getOrDefault("output", Workload.LONGEST);
    }

    /** Records a second of the paced driver. */
    long rate() {
        return number("rate", 2_000);
    }

    /** Seconds that the paced driver measures, after as many as it takes to warm up. */
    long seconds() {
        return number("seconds", 30);
    }

    /** The brokers' processes, to read their CPU time. */
    List<String> brokers() {
        String pids = values.getOrDefault("brokers", "");
        return pids.isEmpty() ? List.of() : List.of(pids.split(","));
    }

    private long number(String name, long otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : Long.parseLong(value);
    }
}
