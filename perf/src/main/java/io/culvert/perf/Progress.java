package io.culvert.perf;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** What JMH says while it runs: a line as each benchmark starts; the rest is kept in case one fails. One thread. */
final class Progress implements OutputFormat {

    private final PrintWriter terminal;
    private final StringBuilder log = new StringBuilder();
    private int started;

    Progress(PrintWriter terminal) {
        this.terminal = terminal;
    }

    /** What JMH said about the benchmark that was started last. */
    String log() {
        return log.toString();
    }

    @Override
    public void startBenchmark(BenchmarkParams parameters) {
        log.setLength(0);
        started++;
        terminal.printf(
                "%3d %-24s %s%n",
                started, MicroTable.name(parameters.getBenchmark()), MicroTable.parameters(parameters));
        terminal.flush();
    }

    @Override
    public void print(String text) {
        log.append(text);
    }

    @Override
    public void println(String text) {
        log.append(text).append(System.lineSeparator());
    }

    @Override
    public void write(int character) {
        log.append((char) character);
    }

    @Override
    public void write(byte[] bytes) {
        log.append(new String(bytes, StandardCharsets.UTF_8));
    }

    @Override
    public void verbosePrintln(String text) {}

    @Override
    public void iteration(BenchmarkParams benchmark, IterationParams parameters, int iteration) {}

    @Override
    public void iterationResult(
            BenchmarkParams benchmark, IterationParams parameters, int iteration, IterationResult result) {}

    @Override
    public void endBenchmark(BenchmarkResult result) {}

    @Override
    public void startRun() {}

    @Override
    public void endRun(Collection<RunResult> results) {}

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
