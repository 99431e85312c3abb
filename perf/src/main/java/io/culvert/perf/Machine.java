package io.culvert.perf;

import io.culvert.gateway.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** The machine a measurement ran on, and what else it had to do meanwhile. */
final class Machine {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final Path STAT = Path.of("/proc/stat");
    private static final Path LOAD_AVERAGE = Path.of("/proc/loadavg");
    private static final int STEAL_FIELD = 8;
    private static final int GUEST_FIELD = 9;

    private Machine() {}

    /**
     * The machine's load at one moment.
     *
     * @param runnable threads that ran or wanted to, mean of the last minute
     * @param total ticks of all processors since boot
     * @param stolen of these, ticks that the hypervisor gave to somebody else
     */
    record Load(double runnable, long total, long stolen) {}

    static Load load() {
        // "cpu  user nice system idle iowait irq softirq steal guest guest_nice", proc(5); user contains guest.
        String[] fields = firstLine(STAT).split(" +", -1);
        long total = 0;
        for (int i = 1; i < Math.min(fields.length, GUEST_FIELD); i++) {
            total += Long.parseLong(fields[i]);
        }
        double runnable = Double.parseDouble(firstLine(LOAD_AVERAGE).split(" ", 2)[0]);
        return new Load(runnable, total, Long.parseLong(fields[STEAL_FIELD]));
    }

    /** Two lines: hardware and software; load when the run started and processor time stolen while it went on. */
    static String describe(Load before, Load after) {
        double stolen = 100.0 * (after.stolen - before.stolen) / Math.max(1, after.total - before.total);
        return String.format(
                Locale.ROOT,
                "%s, %d processors; Linux %s; JDK %s; culvert %s%nload average at the start %.2f; stolen %.1f %%%n",
                cpuModel(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"),
                Runtime.version(),
                Version.current(),
                before.runnable,
                stolen);
    }

    private static String cpuModel() {
        try (Stream<String> lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String firstLine(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
