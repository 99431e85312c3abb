package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.telemetry.Drop;
import io.culvert.tunnel.DropReason;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert drops}: why packets were dropped, with what each reason means. */
@Command(name = "drops", description = "Print why packets were dropped.")
final class DropsCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Parameters(arity = "0..1", paramLabel = "TUNNEL", description = "This tunnel's only.")
    private @Nullable String name;

    DropsCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        List<Drop> drops = Drop.of(Reports.select(culvert.gateway().show(), name));
        if (culvert.options().json()) {
            JsonOutput.print(culvert, json(drops));
        } else {
            culvert.context().out().print(text(drops));
        }
        return ExitCode.OK;
    }

    private static ObjectNode json(List<Drop> drops) {
        ObjectNode answer = JsonOutput.answer();
        ArrayNode array = answer.putArray("drops");
        for (Drop drop : drops) {
            ObjectNode node = array.addObject();
            if (!drop.tunnel().isEmpty()) {
                node.put("tunnel", drop.tunnel());
            }
            node.put("direction", drop.direction()).put("reason", drop.reason()).put("packets", drop.packets());
        }
        return answer;
    }

    private static String text(List<Drop> drops) {
        TextTable table = new TextTable("TUNNEL", "DIRECTION", "REASON", "PACKETS", "MEANING");
        for (Drop drop : drops) {
            table.add(
                    drop.tunnel().isEmpty() ? "-" : drop.tunnel(),
                    drop.direction(),
                    drop.reason(),
                    String.valueOf(drop.packets()),
                    meaning(drop.reason()));
        }
        return table.isEmpty() ? "no packet was dropped\n" : table.render();
    }

    private static String meaning(String word) {
        for (DropReason reason : DropReason.values()) {
            if (reason.word().equals(word)) {
                return reason.text();
            }
        }
        return "";
    }
}
