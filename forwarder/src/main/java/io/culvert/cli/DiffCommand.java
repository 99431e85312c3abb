package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert diff}: what a reload would change. */
@Command(
        name = "diff",
        description = "Print what `culvert reload` would change in the running gateway; touches nothing.")
final class DiffCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    DiffCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        ReloadRequest request = ReloadRequest.of(culvert, config);
        if (request.hasProblems()) {
            return ExitCode.PROBLEMS;
        }
        ObjectNode difference = culvert.gateway().diff(request.arguments());
        if (culvert.options().json()) {
            JsonOutput.print(culvert, JsonOutput.answer().setAll(difference));
        } else {
            culvert.context().out().print(DifferencePrinter.text(difference));
        }
        return ExitCode.OK;
    }
}
