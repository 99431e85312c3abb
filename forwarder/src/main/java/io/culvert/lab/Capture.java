package io.culvert.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;

/** A running tcpdump. One thread. */
public final class Capture implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** Room for a burst that tcpdump is too late for, in KiB. */
    private static final String BUFFER_KIB = "65536";

    /** Longer than tcpdump waits between two looks at its buffer. */
    private static final Duration QUIET = Duration.ofMillis(30);

    private static final String REPORT = "\\d+ packets? captured, .*";

    private final LabProcess tcpdump;
    private final Path file;
    private int reports;

    private Capture(LabProcess tcpdump, Path file) {
        this.tcpdump = tcpdump;
        this.file = file;
    }

    static Capture start(Host host, String device, String filter, Path file) {
        Requirements.requireProgram("tcpdump", "it captures packets");
        // Debian's tcpdump becomes another user before it opens the file, unless told otherwise.
        List<String> command = new ArrayList<>(List.of(
                "tcpdump",
                "-i",
                device,
                "-n",
                "-U",
                "--immediate-mode",
                "-B",
                BUFFER_KIB,
                "-Z",
                "root",
                "-w",
                file.toString()));
        if (!filter.isEmpty()) {
            command.add(filter);
        }
        LabProcess tcpdump = host.start(command, Map.of());
        tcpdump.awaitError("listening on", TIMEOUT);
        return new Capture(tcpdump, file);
    }

    /**
     * Stops when every packet that has passed is in the file. Returns the file, in pcap format.
     *
     * @throws LabException if the kernel dropped some of them
     */
    public Path stop() {
        awaitQuiet();
        tcpdump.signal("INT");
        tcpdump.exitCode(TIMEOUT);
        Matcher dropped = tcpdump.awaitError("^(\\d+) packets? dropped by kernel", TIMEOUT);
        if (!dropped.group(1).equals("0")) {
            throw new LabException("the capture is incomplete: " + dropped.group());
        }
        return file;
    }

    /**
     * SIGINT would leave in the kernel what tcpdump has not read yet, so wait until two reports in a row are equal. It reports whenever it
     * is asked, also before it reads on: asleep it has read everything, as each packet wakes it.
     */
    private void awaitQuiet() {
        String before;
        String now = report();
        do {
            before = now;
            pause();
            now = report();
        } while (!now.equals(before) || !tcpdump.isAsleep());
    }

    /** What tcpdump says to SIGUSR1: packets captured, received by the filter, dropped by the kernel. */
    private String report() {
        reports++;
        tcpdump.signal("USR1");
        return tcpdump.awaitError(REPORT, reports, TIMEOUT).group();
    }

    private static void pause() {
        try {
            Thread.sleep(QUIET);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while a capture ends", e);
        }
    }

    @Override
    public void close() {
        tcpdump.close();
    }
}
