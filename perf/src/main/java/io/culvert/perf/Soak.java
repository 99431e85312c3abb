package io.culvert.perf;

import io.culvert.lab.LabGateway;
import io.culvert.lab.WireMode;
import io.culvert.perf.load.CheckedTcp;
import io.culvert.perf.load.Iperf;
import io.culvert.perf.peer.Bed;
import io.culvert.perf.peer.CulvertPeer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Full load through two gateways for a while, and what their JVMs allocated and stopped for meanwhile. One thread. */
final class Soak {

    private static final int WARM_UP_SECONDS = 5;

    /**
     * Warm means that a whole round of warm-up allocated nothing: until the JVM has compiled a system call, each call
     * allocates the object that its errno is sliced from, and on a busy machine the rarer calls are compiled late.
     */
    private static final int WARM_UP_ROUNDS = 12;

    private static final Pattern SAFEPOINT = Pattern.compile("\\[safepoint *].*Total: +(\\d+) ns");
    private static final Pattern PAUSE = Pattern.compile("\\[gc *].*Pause.* ([0-9.]+)ms");

    private final WireMode mode;
    private final Consumer<String> progress;

    Soak(WireMode mode, Consumer<String> progress) {
        this.mode = mode;
        this.progress = progress;
    }

    /**
     * What a gateway's JVM did under load, or both of them.
     *
     * @param packets packets that their paths received, a super-packet being one
     * @param allocatedBytes what the paths' threads allocated
     * @param collections pauses for garbage collection
     * @param safepoints stops of all threads, for whatever reason
     * @param longestNanos the longest of them
     * @param warmUpSeconds how long it was under load before that
     */
    record Result(
            double gigabits,
            long packets,
            long allocatedBytes,
            int collections,
            int safepoints,
            long longestNanos,
            int warmUpSeconds) {

        String text() {
            return String.format(
                    Locale.ROOT,
                    "after %d s of warm-up: %.2f Gb/s; %,d packets through both gateways%n"
                            + "allocated by their paths: %,d bytes, %.4f a packet%n"
                            + "pauses for garbage collection: %d%nsafepoints: %d, the longest %.3f ms%n",
                    warmUpSeconds,
                    gigabits,
                    packets,
                    allocatedBytes,
                    (double) allocatedBytes / Math.max(1, packets),
                    collections,
                    safepoints,
                    longestNanos / 1e6);
        }
    }

    /** Runs it for that many seconds, once it is warm. */
    Result run(int seconds) {
        Path logs = makeDirectory();
        try {
            String flag = "-Xlog:safepoint,gc:file=" + logs + "/%p.log:uptime,tags";
            CulvertPeer peer = CulvertPeer.withDatapath("culvert-soak", "", List.of(flag));
            try (Bed bed = Bed.open(peer, mode)) {
                CheckedTcp.prove(bed);
                int warmUpSeconds = warmUp(bed, peer);
                Map<Path, Integer> read = lengths(logs);
                long packets = packets(peer);
                long allocated = allocated(peer);
                progress.accept("full load, " + seconds + " s");
                Iperf.Result run = load(bed, seconds);
                return read(
                        gained(logs, read),
                        run.gigabits(),
                        packets(peer) - packets,
                        allocated(peer) - allocated,
                        warmUpSeconds);
            }
        } finally {
            delete(logs);
        }
    }

    /** Reads the lines that the JVMs' logs have gained. */
    static Result read(List<String> lines, double gigabits, long packets, long allocated, int warmUpSeconds) {
        int collections = 0;
        int safepoints = 0;
        long longest = 0;
        for (String line : lines) {
            Matcher safepoint = SAFEPOINT.matcher(line);
            if (safepoint.find()) {
                safepoints++;
                longest = Math.max(longest, Long.parseLong(safepoint.group(1)));
            } else if (PAUSE.matcher(line).find()) {
                collections++;
            }
        }
        return new Result(gigabits, packets, allocated, collections, safepoints, longest, warmUpSeconds);
    }

    /** Returns how long it took. */
    private int warmUp(Bed bed, CulvertPeer peer) {
        int seconds = 0;
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            long before = allocated(peer);
            load(bed, WARM_UP_SECONDS);
            seconds += WARM_UP_SECONDS;
            long bytes = allocated(peer) - before;
            progress.accept("warm-up, " + seconds + " s: the paths allocated " + bytes + " bytes in the last "
                    + WARM_UP_SECONDS);
            if (bytes == 0) {
                break;
            }
        }
        return seconds;
    }

    private static Iperf.Result load(Bed bed, int seconds) {
        return Iperf.run(bed.left(), bed.right(), bed.ends().right(), seconds, 1);
    }

    private static long packets(CulvertPeer peer) {
        long packets = 0;
        for (LabGateway gateway : peer.gateways()) {
            for (JsonNode path : gateway.show().path("paths")) {
                packets += path.path("received").asLong(0);
            }
        }
        return packets;
    }

    private static long allocated(CulvertPeer peer) {
        long bytes = 0;
        for (LabGateway gateway : peer.gateways()) {
            for (JsonNode thread : gateway.show().path("threads")) {
                String name = thread.path("name").asString("");
                boolean isPath = name.startsWith("culvert-encap") || name.startsWith("culvert-decap");
                bytes += isPath ? thread.path("allocated-bytes").asLong(0) : 0;
            }
        }
        return bytes;
    }

    /** How many lines each log has. */
    private static Map<Path, Integer> lengths(Path logs) {
        Map<Path, Integer> lengths = new HashMap<>();
        lines(logs).forEach((file, lines) -> lengths.put(file, lines.size()));
        return lengths;
    }

    /** The lines that they have gained since. */
    private static List<String> gained(Path logs, Map<Path, Integer> lengths) {
        List<String> gained = new ArrayList<>();
        lines(logs).forEach((file, lines) -> gained.addAll(lines.subList(lengths.getOrDefault(file, 0), lines.size())));
        return gained;
    }

    private static Map<Path, List<String>> lines(Path logs) {
        Map<Path, List<String>> lines = new HashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(logs)) {
            for (Path file : files) {
                lines.put(file, Files.readAllLines(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }

    private static Path makeDirectory() {
        try {
            return Files.createTempDirectory("culvert-soak-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path logs) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(logs)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(logs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
