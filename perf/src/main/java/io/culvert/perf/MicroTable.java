package io.culvert.perf;

import io.culvert.perf.report.Spread;
import java.util.Collection;
import java.util.Locale;
import java.util.StringJoiner;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** The results as a table, one row a benchmark and its parameters: the spread is that of the JVMs' means. */
final class MicroTable {

    private static final String ALLOCATED_BYTES = "gc.alloc.rate.norm";

    private MicroTable() {}

    static String format(Collection<RunResult> results) {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                Locale.ROOT,
                "%-24s %-34s %9s %9s %9s %7s%n",
                "benchmark",
                "parameters",
                "ns/op",
                "min",
                "max",
                "B/op"));
        for (RunResult result : results) {
            double[] means = result.getBenchmarkResults().stream()
                    .mapToDouble(jvm -> jvm.getPrimaryResult().getScore())
                    .sorted()
                    .toArray();
            BenchmarkParams benchmark = result.getParams();
            table.append(String.format(
                    Locale.ROOT,
                    "%-24s %-34s %9.1f %9.1f %9.1f %7.1f%n",
                    name(benchmark.getBenchmark()),
                    parameters(benchmark),
                    Spread.median(means),
                    means[0],
                    means[means.length - 1],
                    allocatedBytes(result)));
        }
        return table.toString();
    }

    /** CLASS.METHOD without packages, and without the word that ends every class. */
    static String name(String method) {
        int classEnd = method.lastIndexOf('.');
        return method.substring(method.lastIndexOf('.', classEnd - 1) + 1).replace("Benchmark.", ".");
    }

    static String parameters(BenchmarkParams benchmark) {
        StringJoiner parameters = new StringJoiner(" ");
        for (String key : benchmark.getParamsKeys()) {
            parameters.add(key + "=" + benchmark.getParam(key));
        }
        return parameters.toString();
    }

    private static double allocatedBytes(RunResult result) {
        Result<?> allocated = result.getSecondaryResults().get(ALLOCATED_BYTES);
        return allocated == null ? Double.NaN : allocated.getScore();
    }
}
