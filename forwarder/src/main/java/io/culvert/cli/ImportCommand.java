package io.culvert.cli;

import io.culvert.config.importer.HostImport;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code culvert import}: the tunnels of an existing host as a {@code culvert.toml}. */
@Command(
        name = "import",
        description = "Print the tunnels of a Linux host as a culvert.toml; exit status 3 if something of them is not"
                + " converted, which is named.")
final class ImportCommand implements Callable<Integer> {

    private static final String[] IP = {"ip", "-details", "-json", "address"};

    private final CulvertCommand culvert;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description =
                    "What ip -d -j link, ip -d -j addr, ip -j tunnel show or ip -j l2tp show printed, a netplan file,"
                            + " a .netdev file of systemd-networkd, ifupdown's interfaces, or a script with ip tunnel add"
                            + " or ip l2tp add; - is standard input. Without any, this host is asked by ip -d -j addr.")
    private List<String> files = new ArrayList<>();

    ImportCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        HostImport host = new HostImport();
        if (files.isEmpty()) {
            host.read("ip", ip());
        }
        for (String file : files) {
            host.read(file, text(file));
        }
        host.finish();
        culvert.context().out().print(host.toToml());
        host.notes().forEach(culvert.context().err()::println);
        if (host.count() == 0 && host.notes().isEmpty()) {
            culvert.context().err().println("no tunnel found");
        }
        return host.notes().isEmpty() ? ExitCode.OK : ExitCode.PROBLEMS;
    }

    private static String text(String file) throws ControlException {
        try {
            return file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new ControlException(ExitCode.USAGE, file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String ip() throws ControlException {
        try {
            Process process = new ProcessBuilder(IP)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (InputStream out = process.getInputStream()) {
                return new String(out.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new ControlException(
                    ExitCode.PRIVILEGE,
                    "ip cannot be run: " + e.getMessage() + ": install iproute2, or name a FILE",
                    e);
        }
    }
}
