package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code culvert confirm}: keeps what {@code reload --confirm-within} changed. */
@Command(name = "confirm", description = "Keep what `culvert reload --confirm-within` changed.")
final class ConfirmCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    ConfirmCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        culvert.gateway().confirm();
        return ExitCode.OK;
    }
}
