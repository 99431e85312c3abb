package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.lab.Host;
import io.culvert.lab.LabGateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a gateway holds.
 *
 * @param heap bytes of live objects
 * @param descriptors open ones of each kind: sockets, devices, programs, and so on
 * @param resident KB of memory
 * @param devices of its host
 */
record Footprint(long heap, Map<String, Long> descriptors, long resident, long devices) {

    private static final int STABLE_READINGS = 10;
    private static final long HEAP_GROWTH = 4_000_000;

    /** The JIT compiler's work grows too. */
    private static final long RESIDENT_GROWTH = 64 * 1024;

    static Footprint of(Host host, LabGateway gateway) {
        // First the heap: the JVM keeps the socket that it is asked by.
        long heap = liveHeap(host, gateway);
        return new Footprint(heap, settledDescriptors(gateway), residentKilobytes(gateway), devices(host));
    }

    /** Fails if the gateway holds more now. */
    void assertNoLeak(Host host, LabGateway gateway) {
        Footprint now = of(host, gateway);
        assertThat(now.descriptors).isEqualTo(descriptors);
        assertThat(now.devices).as("devices").isEqualTo(devices);
        assertThat(now.heap - heap).as("bytes of heap in use").isLessThan(HEAP_GROWTH);
        assertThat(now.resident - resident).as("KB of memory").isLessThan(RESIDENT_GROWTH);
    }

    private static Map<String, Long> descriptors(LabGateway gateway) {
        try (Stream<Path> open = Files.list(proc(gateway, "fd"))) {
            return open.map(Footprint::kind)
                    .collect(Collectors.groupingBy(kind -> kind, TreeMap::new, Collectors.counting()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** When nothing comes and goes any more: a control connection is closed a moment after its answer. */
    private static Map<String, Long> settledDescriptors(LabGateway gateway) {
        Map<String, Long> now = descriptors(gateway);
        int equal = 0;
        while (equal < STABLE_READINGS) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            Map<String, Long> before = now;
            now = descriptors(gateway);
            equal = now.equals(before) ? equal + 1 : 0;
        }
        return now;
    }

    private static String kind(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().replaceAll("\\[\\d+]", "");
        } catch (NoSuchFileException e) {
            // Closed meanwhile: a control connection.
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path proc(LabGateway gateway, String file) {
        return Path.of("/proc", Long.toString(gateway.process().pid()), file);
    }

    private static long residentKilobytes(LabGateway gateway) {
        try {
            return Files.readAllLines(proc(gateway, "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of all objects that are left after a collection. */
    private static long liveHeap(Host host, LabGateway gateway) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String histogram = host.exec(jcmd, Long.toString(gateway.process().pid()), "GC.class_histogram")
                .orThrow()
                .out();
        String[] total =
                histogram.stripTrailing().lines().toList().getLast().trim().split("\\s+");
        assertThat(total[0]).isEqualTo("Total");
        return Long.parseLong(total[2]);
    }

    private static long devices(Host host) {
        return host.ipJson("link").size();
    }
}
