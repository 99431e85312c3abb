package io.culvert.perf;

import io.culvert.control.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert bench micro}: the JMH benchmarks, each in JVMs of its own, as one table. */
@Command(
        name = "micro",
        description = "Time and allocation of the packet path's steps, without network.",
        exitCodeOnInvalidInput = ExitCode.USAGE,
        exitCodeOnExecutionException = ExitCode.INTERNAL,
        mixinStandardHelpOptions = true)
public final class Micro implements Callable<Integer> {

    @Parameters(
            arity = "0..1",
            paramLabel = "FILTER",
            description = "Regular expression: only benchmarks in whose CLASS.METHOD it is found, in any case.")
    private String filter = "";

    @Option(
            names = "--quick",
            description = "One JVM and one second a benchmark, to see that it runs: no numbers to rely on.")
    private boolean quick;

    @Option(names = "--results", paramLabel = "FILE", description = "Write JMH's own JSON there too.")
    private @Nullable Path json;

    @Option(
            names = "--jvm",
            paramLabel = "FLAG",
            description =
                    "Flag for the JVMs that measure, besides the gateway's own, such as -Dagrona.disable.bounds.checks=true. Repeatable.")
    private List<String> jvmFlags = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs the command by itself, without the gateway's command line. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Micro()).execute(arguments));
    }

    @Override
    public Integer call() {
        CommandLine commandLine = spec.commandLine();
        Progress progress = new Progress(commandLine.getErr());
        ChainedOptionsBuilder options = options();
        selected(progress).forEach(name -> options.include("^" + Pattern.quote(name) + "$"));
        Machine.Load before = Machine.load();
        Collection<RunResult> results;
        try {
            results = new Runner(options.build(), progress).run();
        } catch (RunnerException e) {
            commandLine.getErr().print(progress.log());
            commandLine.getErr().println("culvert: bench micro: " + e.getMessage());
            return ExitCode.INTERNAL;
        }
        commandLine.getOut().println(Machine.describe(before, Machine.load()));
        commandLine.getOut().print(MicroTable.format(results));
        commandLine.getOut().flush();
        return ExitCode.OK;
    }

    private List<String> selected(Progress progress) {
        Pattern pattern;
        try {
            pattern = Pattern.compile(filter, Pattern.CASE_INSENSITIVE);
        } catch (PatternSyntaxException e) {
            String message = "FILTER \"" + filter + "\" is not a regular expression: " + e.getDescription();
            throw new ParameterException(spec.commandLine(), message, e);
        }
        List<String> all = BenchmarkList.defaultList().getAll(progress, List.of()).stream()
                .map(BenchmarkListEntry::getUsername)
                .sorted()
                .toList();
        List<String> selected = all.stream()
                .filter(name -> pattern.matcher(MicroTable.name(name)).find())
                .toList();
        if (selected.isEmpty()) {
            String names = all.stream().map(MicroTable::name).collect(Collectors.joining(", "));
            String message = "no benchmark matches \"" + filter + "\"; there are " + names;
            throw new ParameterException(spec.commandLine(), message);
        }
        return selected;
    }

    private ChainedOptionsBuilder options() {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .addProfiler(GCProfiler.class)
                // A gateway's slots are soon in the old generation, where storing a reference costs more.
                .shouldDoGC(true)
                .jvmArgsAppend(jvmFlags.toArray(String[]::new))
                .shouldFailOnError(true);
        if (json != null) {
            requireWritable(json);
            options.result(json.toString()).resultFormat(ResultFormatType.JSON);
        }
        if (quick) {
            TimeValue iteration = TimeValue.milliseconds(200);
            options.forks(1)
                    .warmupIterations(2)
                    .warmupTime(iteration)
                    .measurementIterations(3)
                    .measurementTime(iteration);
        }
        return options;
    }

    /** JMH would find out after all is measured. */
    private void requireWritable(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file) || !Files.isWritable(Files.exists(file) ? file : directory)) {
            throw new ParameterException(
                    spec.commandLine(), "cannot write " + file + ": name a file in a directory you may write to");
        }
    }
}
