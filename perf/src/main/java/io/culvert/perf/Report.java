package io.culvert.perf;

import io.culvert.control.ExitCode;
import io.culvert.lab.Lab;
import io.culvert.lab.LabException;
import io.culvert.lab.MissingRequirementException;
import io.culvert.perf.peer.Bed;
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
    private Report(Consumer<Boolean> writer) {
        this.writer = writer;
        hook = new Thread(
                () -> {
                    interrupted = true;
                    Bed.endAll();
                    write();
                },
                "bench-report");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Measures, and writes what was measured, however that ended.
     *
     * @param command the command below {@code culvert bench}, for messages
     * @param err gets why it failed, unless this JVM is ending
     * @return the exit status
     */
    static int run(String command, PrintWriter err, Consumer<Boolean> writer, Consumer<Report> measurement) {
        try (Report report = new Report(writer)) {
            try {
                measurement.accept(report);
            } catch (LabException e) {
                if (!report.isInterrupted()) {
                    return failed(command, err, e);
                }
            } catch (RuntimeException e) {
                // The hosts go while something is measured in them.
                if (!report.isInterrupted()) {
                    throw e;
                }
            }
        }
        return ExitCode.OK;
    }

    /** Says why a command failed, and returns its exit status. */
    static int failed(String command, PrintWriter err, LabException reason) {
        err.println("culvert bench " + command + ": " + reason.getMessage());
        return reason instanceof MissingRequirementException ? ExitCode.PRIVILEGE : ExitCode.REFUSED;
    }

    /** Whether this JVM is ending, so that what fails now fails for that reason. */
    boolean isInterrupted() {
        return interrupted || Lab.isEnding();
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
        if (isInterrupted()) {
            return;
        }
        write();
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
