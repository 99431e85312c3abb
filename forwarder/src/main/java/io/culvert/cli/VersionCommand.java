package io.culvert.cli;

import io.culvert.control.ExitCode;
import io.culvert.gateway.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code culvert version}: of Culvert, the JDK and the kernel. */
@Command(name = "version", description = "Print the version.")
final class VersionCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    VersionCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() {
        return print(culvert);
    }

    static int print(CulvertCommand culvert) {
        String jdk = Runtime.version().toString();
        String kernel = System.getProperty("os.version");
        if (culvert.options().json()) {
            JsonOutput.print(
                    culvert,
                    JsonOutput.answer()
                            .put("version", Version.current())
                            .put("jdk", jdk)
                            .put("kernel", kernel));
        } else {
            culvert.context().out().println("culvert " + Version.current() + ", JDK " + jdk + ", Linux " + kernel);
        }
        return ExitCode.OK;
    }
}
