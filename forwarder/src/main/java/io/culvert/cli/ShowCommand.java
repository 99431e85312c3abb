package io.culvert.cli;

import io.culvert.config.ConfigWriter;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.control.JsonText;
import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert show [TUNNEL [FIELD]]}: the running gateway and its tunnels. */
@Command(name = "show", description = "Print the running gateway and its tunnels.")
final class ShowCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Parameters(index = "0", arity = "0..1", paramLabel = "TUNNEL", description = "This tunnel only.")
    private @Nullable String name;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FIELD",
            description = "The value of this field of its JSON only, such as mtu or encapsulation.packets.")
    private @Nullable String field;

    @Option(names = "--config", description = "Print the running configuration as a culvert.toml.")
    private boolean config;

    ShowCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    /** Tunnel and field, if there are. */
    List<String> words() {
        return Stream.of(name, field).filter(Objects::nonNull).toList();
    }

    @Override
    public Integer call() throws ControlException {
        return config ? printConfig() : print(culvert, name, field);
    }

    private int printConfig() throws ControlException {
        ObjectNode answer = culvert.gateway().config();
        if (!(answer.get("config") instanceof ObjectNode running)) {
            throw new ControlException(ExitCode.INTERNAL, "the gateway's answer has no configuration");
        }
        if (culvert.options().json()) {
            ObjectNode all = JsonOutput.answer();
            all.setAll(running);
            all.set("origins", answer.path("origins"));
            JsonOutput.print(culvert, all);
        } else {
            culvert.context().out().print(ConfigWriter.toToml(running, answer.path("origins")));
        }
        return ExitCode.OK;
    }

    static int print(CulvertCommand culvert, @Nullable String name, @Nullable String field) throws ControlException {
        ObjectNode report = Reports.select(culvert.gateway().show(), name);
        GlobalOptions options = culvert.options();
        PrintStream out = culvert.context().out();
        if (field != null) {
            out.println(value(report.path("tunnels").path(0), field));
        } else if (options.json()) {
            ObjectNode answer = JsonOutput.answer();
            answer.setAll(report);
            JsonOutput.print(culvert, answer);
        } else if (options.brief()) {
            out.print(ShowPrinter.brief(report));
        } else if (options.oneLine()) {
            out.print(ShowPrinter.oneLine(report));
        } else {
            boolean more = options.statistics() || options.details();
            out.print(new ShowPrinter(culvert.style(), more).blocks(report));
        }
        return ExitCode.OK;
    }

    private static String value(JsonNode tunnel, String field) throws ControlException {
        JsonNode value = tunnel;
        for (String step : field.split("\\.", -1)) {
            value = value.path(step);
        }
        if (value.isMissingNode()) {
            throw new ControlException(
                    ExitCode.REFUSED, "the tunnel has no field \"" + field + "\": `culvert show -j -p` lists them");
        }
        return JsonText.plain(value);
    }
}
