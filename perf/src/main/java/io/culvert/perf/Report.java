package io.culvert.perf;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Writes a run's results exactly once: at its end, or, when SIGINT or SIGTERM ends it before, from a shutdown hook with what
 * was measured until then. Any thread may call.
 */
final class Report implements AutoCloseable {

    private final AtomicBoolean written = new AtomicBoolean();
    private final Consumer<Boolean> writer;
    private final Thread hook;
    private volatile boolean interrupted;

    /** @param writer writes what was measured; is told whether the run was interrupted */
    Report(Consumer<Boolean> writer) {
        this.writer = writer;
        hook = new Thread(
                () -> {
                    interrupted = true;
                    write();
                },
                "bench-report");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Whether this JVM is ending, so that what fails now fails for that reason. */
    boolean isInterrupted() {
        return interrupted;
    }

    /** Makes the directory, or says why that cannot be, before anything is measured. */
    static Path directory(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the directory " + directory + " for the results", e);
        }
    }

    /** Writes a file of the report, or says why that cannot be. */
    static void writeFile(Path file, String text, PrintWriter err) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            err.println("culvert bench: cannot write " + file + ": " + e.getMessage());
        }
    }

    private void write() {
        if (!written.getAndSet(true)) {
            writer.accept(interrupted);
        }
    }

    @Override
    public void close() {
        if (interrupted) {
            return;
        }
        write();
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
