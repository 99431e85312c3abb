package io.culvert.perf;

import io.culvert.gateway.Version;
import io.culvert.perf.load.HostCpu;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The machine a measurement ran on, and what else it had to do meanwhile. */
final class Machine {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final Path LOAD_AVERAGE = Path.of("/proc/loadavg");

    private Machine() {}

    /**
     * The machine's load at one moment.
     *
     * @param runnable threads that ran or wanted to, mean of the last minute
     * @param cpu what its processors have done
     */
    record Load(double runnable, HostCpu cpu) {}

    static Load load() {
        return new Load(Double.parseDouble(firstLine(LOAD_AVERAGE).split(" ", 2)[0]), HostCpu.now());
    }

    /** The share of processor time that the hypervisor gave to somebody else between two moments, in percent. */
    static double stolenPercent(Load before, Load after) {
        return 100.0
                * (after.cpu.stolenTicks() - before.cpu.stolenTicks())
                / Math.max(1, after.cpu.totalTicks() - before.cpu.totalTicks());
    }

    /** The machine and its load, by key. */
    static Map<String, Object> facts(Load before, Load after) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("processor", processor());
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("kernel", System.getProperty("os.version"));
        facts.put("jdk", Runtime.version().toString());
        facts.put("culvert", Version.current());
        facts.put("load-average-at-start", before.runnable);
        facts.put("stolen-percent", stolenPercent(before, after));
        facts.put("command", "culvert " + String.join(" ", arguments()));
        facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        return facts;
    }

    /** This process's arguments behind the main class. */
    private static List<String> arguments() {
        String[] all = ProcessHandle.current().info().arguments().orElse(new String[0]);
        for (int i = 0; i < all.length; i++) {
            if (all[i].equals("bench")) {
                return List.of(all).subList(i, all.length);
            }
        }
        return List.of();
    }

    /** Two lines: hardware and software; load when the run started and processor time stolen while it went on. */
    static String describe(Load before, Load after) {
        return String.format(
                Locale.ROOT,
                "%s, %d processors; Linux %s; JDK %s; culvert %s%nload average at the start %.2f; stolen %.1f %%%n",
                processor(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"),
                Runtime.version(),
                Version.current(),
                before.runnable,
                stolenPercent(before, after));
    }

    /** The processor's name. */
    static String processor() {
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
