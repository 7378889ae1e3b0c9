package topspin.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a process has used. */
final class Usage {
    /** Of the counters in /proc/PID/stat: `getconf CLK_TCK`, which is 100 on every Linux that runs Java. */
    private static final double TICKS_PER_SECOND = 100;

    private Usage() {}

    /** Since this process began. */
    static double wallSeconds() {
        return ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
    }

    /** Of all threads of this process, user and system, since it began. */
    static double cpuSeconds() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1e9;
    }

    static double cpuSeconds(List<String> pids) throws IOException {
        double seconds = 0;
        for (String pid : pids) {
            String stat = Files.readString(Path.of("/proc", pid, "stat"));
            // Behind the name, which may hold anything, user and system time are the twelfth and thirteenth field.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            seconds += (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
        }
        return seconds;
    }

    static double peakRssMb() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(0);
    }
}
