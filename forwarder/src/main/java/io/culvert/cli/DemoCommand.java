package io.culvert.cli;

import io.culvert.control.ExitCode;
import io.culvert.lab.Demo;
import io.culvert.lab.LabException;
import io.culvert.lab.MissingRequirementException;
import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert demo}: pings and TCP through a tunnel of every mode, between two network namespaces of its own. */
@Command(
        name = "demo",
        description = {
            "Show every tunnel mode at work: makes two network namespaces, runs a gateway in each, sends pings and TCP"
                    + " through a tunnel of every mode, and removes everything again.",
            "Needs root."
        })
final class DemoCommand implements Callable<Integer> {

    private static final String ERASE_LINE = "\r\033[K";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "1.5",
            description = "How long TCP runs through each tunnel, in seconds; ${DEFAULT-VALUE} if left out.")
    private double seconds;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        boolean showsProgress = isTerminal();
        out.println(String.format(Locale.ROOT, "%-20s %8s %7s  %s", "mode", "rtt(ms)", "Gb/s", "wire format"));
        out.flush();
        Demo demo = new Demo(
                doing -> {
                    if (showsProgress) {
                        err.print(ERASE_LINE + doing + " ...");
                        err.flush();
                    }
                },
                Duration.ofNanos((long) (seconds * 1e9)));
        try {
            boolean allRight = demo.run(row -> {
                erase(err, showsProgress);
                out.println(format(row));
                out.flush();
            });
            return allRight ? ExitCode.OK : ExitCode.REFUSED;
        } catch (MissingRequirementException e) {
            erase(err, showsProgress);
            err.println("culvert demo: " + e.getMessage());
            return ExitCode.PRIVILEGE;
        } catch (LabException e) {
            erase(err, showsProgress);
            err.println("culvert demo: " + e.getMessage());
            return ExitCode.REFUSED;
        } finally {
            erase(err, showsProgress);
        }
    }

    private static String format(Demo.Row row) {
        if (!row.word().ok()) {
            return String.format(
                    Locale.ROOT,
                    "%-20s %8s %7s  %s",
                    row.label(),
                    "-",
                    "-",
                    row.word().text());
        }
        return String.format(
                Locale.ROOT,
                "%-20s %8.3f %7.2f  %s",
                row.label(),
                row.rttMillis(),
                row.gigabitsPerSecond(),
                row.word().text());
    }

    @SuppressWarnings("SystemConsoleNull") // from JDK 25 on it is null again where there is no terminal
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private static void erase(PrintWriter err, boolean showsProgress) {
        if (showsProgress) {
            err.print(ERASE_LINE);
            err.flush();
        }
    }
}
