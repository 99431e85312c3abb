package io.culvert.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A running program and everything it has said so far, line by line. Any thread may call. */
public final class LabProcess implements AutoCloseable {

    /** How long a program may take to end after SIGTERM before it is killed, at close. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** How long the kernel may take to end a killed program: it removes its devices one by one. */
    private static final Duration DEATH = Duration.ofSeconds(60);

    private final List<String> command;
    private final Process process;
    private final Transcript out;
    private final Transcript err;

    private LabProcess(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.out = Transcript.of(process.inputReader(StandardCharsets.UTF_8));
        this.err = Transcript.of(process.errorReader(StandardCharsets.UTF_8));
    }

    /**
     * Starts a program with an empty standard input.
     *
     * @param environment added to this process's own
     * @throws LabException if it cannot be started
     */
    static LabProcess start(List<String> command, Map<String, String> environment) {
        List<String> located = new ArrayList<>(command);
        Path program = Programs.locate(command.getFirst());
        if (program != null) {
            located.set(0, program.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(located);
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("PATH", Programs.SEARCH_PATH);
        builder.environment().putAll(environment);
        try {
            return new LabProcess(List.copyOf(command), builder.start());
        } catch (IOException e) {
            throw new LabException("cannot start \"" + String.join(" ", command) + "\": " + e.getMessage(), e);
        }
    }

    /** Process ID. A program started in a namespace has the same one there. */
    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Whether it waits for something, so that all that came for it so far is done: proc_pid_stat(5). */
    boolean isAsleep() {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'S';
        } catch (IOException e) {
            throw new LabException(describe() + " is gone: " + e.getMessage(), e);
        }
    }

    /** Waits for a line on standard output; lines that came before the call count too. */
    public Matcher awaitOutput(String regex, Duration timeout) {
        return await(out, "standard output", regex, 1, timeout);
    }

    /** Waits for a line on standard error; lines that came before the call count too. */
    public Matcher awaitError(String regex, Duration timeout) {
        return awaitError(regex, 1, timeout);
    }

    /** Waits for the {@code count}-th such line on standard error. */
    Matcher awaitError(String regex, int count, Duration timeout) {
        return await(err, "standard error", regex, count, timeout);
    }

    /** Standard output so far, a string a line. */
    public List<String> outputLines() {
        return out.lines();
    }

    /** Standard error so far, a string a line. */
    public List<String> errorLines() {
        return err.lines();
    }

    /** Sends SIGTERM and waits for the end. Returns the exit code. */
    public int terminate(Duration timeout) {
        process.destroy();
        return exitCode(timeout);
    }

    /** Sends SIGKILL and waits for the end. */
    public void kill() {
        process.destroyForcibly();
        exitCode(DEATH);
    }

    /** Sends a signal by its name, such as {@code HUP}. */
    public void signal(String name) {
        Programs.run("sh", "-c", "kill -" + name + " " + pid());
    }

    /**
     * Waits for the end and for the last line. Returns the exit code; 128 plus the signal's number if a signal ended it.
     *
     * @throws LabException if it still runs after {@code timeout}
     */
    public int exitCode(Duration timeout) {
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LabException(describe() + " still runs after " + timeout.toMillis() + " ms");
            }
            out.join();
            err.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while waiting for " + describe(), e);
        }
        return process.exitValue();
    }

    /** Waits for the end and returns all that it said. */
    CommandResult result(Duration timeout) {
        int exit = exitCode(timeout);
        return new CommandResult(command, exit, out.text(), err.text());
    }

    /** Sends SIGTERM, unless it has ended. */
    void terminate() {
        process.destroy();
    }

    /** Ends it: SIGTERM, and SIGKILL if that is not enough. */
    @Override
    public void close() {
        terminate();
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private Matcher await(Transcript transcript, String stream, String regex, int count, Duration timeout) {
        Matcher found = transcript.await(Pattern.compile(regex), count, timeout);
        if (found == null) {
            String state = process.isAlive() ? "still runs" : "has ended with " + process.exitValue();
            throw new LabException("no line \"" + regex + "\" on " + stream + " of " + describe() + " within "
                    + timeout.toMillis() + " ms; it " + state + " and said:\n" + out.text() + err.text());
        }
        return found;
    }

    private String describe() {
        return "\"" + String.join(" ", command) + "\" (pid " + pid() + ")";
    }

    /** The lines of one stream, read by a thread of its own so that the program never blocks on a full pipe. */
    private static final class Transcript {
        private final List<String> lines = new ArrayList<>();
        private boolean ended;
        private final Thread reader;

        private Transcript(BufferedReader source) {
            // No virtual thread: each that waits for a pipe takes one of the few that carry them.
            reader = Thread.ofPlatform().daemon().unstarted(() -> read(source));
        }

        static Transcript of(BufferedReader source) {
            Transcript transcript = new Transcript(source);
            transcript.reader.start();
            return transcript;
        }

        private void read(BufferedReader source) {
            try (source) {
                for (String line = source.readLine(); line != null; line = source.readLine()) {
                    add(line);
                }
            } catch (IOException e) {
                add("(reading failed: " + e.getMessage() + ")");
            } finally {
                end();
            }
        }

        private synchronized void add(String line) {
            lines.add(line);
            notifyAll();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        synchronized List<String> lines() {
            return List.copyOf(lines);
        }

        String text() {
            StringBuilder text = new StringBuilder();
            lines().forEach(line -> text.append(line).append('\n'));
            return text.toString();
        }

        /** Waits until the stream has ended; not for long, as a grandchild may hold it open. */
        void join() throws InterruptedException {
            var _ = reader.join(Duration.ofSeconds(1));
        }

        /** The {@code count}-th line that matches; null if the stream ends or time runs out before. */
        synchronized @Nullable Matcher await(Pattern pattern, int count, Duration timeout) {
            long deadline = System.nanoTime() + timeout.toNanos();
            int found = 0;
            for (int next = 0; ; ) {
                for (; next < lines.size(); next++) {
                    Matcher matcher = pattern.matcher(lines.get(next));
                    if (matcher.find() && ++found == count) {
                        return matcher;
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (ended || left <= 0) {
                    return null;
                }
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return null;
                }
            }
        }
    }
}
