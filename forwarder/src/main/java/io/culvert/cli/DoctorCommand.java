package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.doctor.Doctor;
import io.culvert.doctor.Finding;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert doctor}: what on this host is right, wrong or slow, each with what mends it. */
@Command(name = "doctor", description = "Tell what on this host is right, wrong or slow, and what mends it.")
final class DoctorCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    DoctorCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        Path file = config.file(culvert.context());
        boolean hasFile = config.isNamed(culvert.context()) || Files.exists(file);
        List<Finding> findings =
                Doctor.examine(file.toString(), hasFile ? config.load(culvert) : null, runningGateway());
        if (culvert.options().json()) {
            JsonOutput.print(culvert, json(findings));
        } else {
            print(findings);
        }
        boolean isFine = findings.stream().noneMatch(finding -> finding.state() == Finding.State.FAIL);
        return isFine ? ExitCode.OK : ExitCode.PROBLEMS;
    }

    private @Nullable ObjectNode runningGateway() throws ControlException {
        try {
            return culvert.gateway().show();
        } catch (ControlException e) {
            if (e.exitCode() == ExitCode.NO_GATEWAY) {
                return null;
            }
            throw e;
        }
    }

    private static ObjectNode json(List<Finding> findings) {
        ObjectNode answer = JsonOutput.answer();
        ArrayNode checks = answer.putArray("checks");
        for (Finding finding : findings) {
            ObjectNode node = checks.addObject()
                    .put("check", finding.check())
                    .put("state", finding.state().word())
                    .put("detail", finding.detail());
            if (finding.remedy() != null) {
                node.put("remedy", finding.remedy());
            }
        }
        return answer;
    }

    private void print(List<Finding> findings) {
        PrintStream out = culvert.context().out();
        for (Finding finding : findings) {
            String state = String.format(Locale.ROOT, "%-4s", finding.state().word());
            out.println((finding.state() == Finding.State.OK
                            ? state
                            : culvert.style().bold(state)) + "  " + finding.check() + ": " + finding.detail());
            if (finding.remedy() != null) {
                out.println("      mend it with: " + finding.remedy());
            }
        }
    }
}
