package io.culvert.perf;

import io.culvert.perf.peer.Bed;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;

/** Progress, a line at a time, each with the time since the start; silent once the run was interrupted. */
final class Lines {

    private Lines() {}

    static Consumer<String> to(PrintWriter writer) {
        long start = System.nanoTime();
        return line -> {
            if (!Bed.isEnding()) {
                long seconds = (System.nanoTime() - start) / 1_000_000_000L;
                writer.printf(Locale.ROOT, "%3d:%02d %s%n", seconds / 60, seconds % 60, line);
                writer.flush();
            }
        };
    }
}
