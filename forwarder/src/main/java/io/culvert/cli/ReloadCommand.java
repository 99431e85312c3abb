package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert reload}: applies the configuration's difference to the running gateway. */
@Command(
        name = "reload",
        description = "Apply the difference between the running gateway and its configuration; a broken file changes"
                + " nothing. SIGHUP does the same.")
final class ReloadCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(
            names = "--confirm-within",
            paramLabel = "TIME",
            description =
                    "Take the change back unless `culvert confirm` comes within this time, such as 60s or 5m; also"
                            + " after a crash.")
    private @Nullable String confirmWithin;

    ReloadCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        Duration within = confirmWithin == null ? null : Quantity.parseDuration(confirmWithin);
        ReloadRequest request = ReloadRequest.of(culvert, config);
        if (request.hasProblems()) {
            return ExitCode.PROBLEMS;
        }
        ObjectNode arguments = request.arguments();
        if (within != null) {
            arguments.put("confirm-within-seconds", within.toSeconds());
        }
        ObjectNode difference = culvert.gateway().reload(arguments);
        PrintStream out = culvert.context().out();
        if (culvert.options().json()) {
            JsonOutput.print(culvert, JsonOutput.answer().setAll(difference));
            return ExitCode.OK;
        }
        out.print(DifferencePrinter.text(difference));
        if (within != null) {
            out.println("taken back in " + Quantity.duration(within.toSeconds()) + " unless `culvert confirm` comes");
        }
        return ExitCode.OK;
    }
}
