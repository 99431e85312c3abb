package io.culvert.cli;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigProblem;
import io.culvert.config.ConfigWriter;
import io.culvert.control.ExitCode;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert check}: every problem of a configuration, without touching anything. */
@Command(name = "check", description = "Print every problem in the configuration; touches nothing.")
final class CheckCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Mixin
    private DatapathOptions datapath = new DatapathOptions();

    CheckCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() {
        ConfigLoader.Loaded loaded = config.source(culvert, datapath.values()).load();
        PrintStream out = culvert.context().out();
        if (culvert.options().json()) {
            JsonOutput.print(culvert, problems(loaded));
        } else if (loaded.isValid()) {
            int tunnels = loaded.config().tunnels().size();
            out.println(config.file(culvert.context()) + ": no problems, " + Quantity.count(tunnels, "tunnel"));
            out.print(ConfigWriter.datapath(loaded));
        } else {
            loaded.problems().forEach(out::println);
        }
        return loaded.isValid() ? ExitCode.OK : ExitCode.PROBLEMS;
    }

    private static ObjectNode problems(ConfigLoader.Loaded loaded) {
        ObjectNode answer = JsonOutput.answer();
        ArrayNode problems = answer.putArray("problems");
        for (ConfigProblem problem : loaded.problems()) {
            ObjectNode node = problems.addObject();
            node.put("file", problem.path().toString());
            if (problem.line() > 0) {
                node.put("line", problem.line());
                node.put("column", problem.column());
            }
            node.put("message", problem.message());
            if (problem.hint() != null) {
                node.put("hint", problem.hint());
            }
        }
        if (loaded.isValid()) {
            answer.set("datapath", ConfigWriter.tree(loaded.config()).get("datapath"));
            ObjectNode origins = answer.putObject("origins").putObject("datapath");
            loaded.origins().forEach(origins::put);
        }
        return answer;
    }
}
