package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code culvert stop}: ends the running gateway. */
@Command(name = "stop", description = "Stop the running gateway.")
final class StopCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    StopCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        culvert.gateway().stop();
        return ExitCode.OK;
    }
}
