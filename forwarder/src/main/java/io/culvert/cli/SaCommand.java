package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code culvert sa}: security associations of running vti tunnels, in the words of {@code ip xfrm state}. */
@Command(
        name = "sa",
        description = "Add, delete and show security associations of vti tunnels in the words of `ip xfrm state`.",
        footer = {
            "",
            "  culvert sa add dev NAME dir { in | out } spi SPI { aead ALGORITHM | enc ALGORITHM auth-trunc ALGORITHM"
                    + " }",
            "      [key-file FILE] [auth-key-file FILE] [flag esn] [replay-window N] [limit LIMIT N ...] [mark KEY]",
            "  culvert sa del dev NAME dir { in | out } spi SPI",
            "  culvert sa show [dev NAME] [dir { in | out }] [spi SPI]"
        })
final class SaCommand implements Callable<Integer> {

    private static final List<String> SELECTORS = List.of("dev", "direction", "spi");

    private final CulvertCommand culvert;

    @Option(names = "--save", description = "Also write the tunnel's file in conf.d, for the next start.")
    private boolean saving;

    @Parameters(paramLabel = "WORD", description = "add, del or show, then words of `ip xfrm state`.")
    private List<String> words = new ArrayList<>();

    SaCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() throws ControlException {
        String command = words.isEmpty() ? "show" : words.getFirst();
        ObjectNode arguments = SaArguments.parse(words.subList(words.isEmpty() ? 0 : 1, words.size()));
        switch (command) {
            case "add" -> request("sa-add", arguments);
            case "del", "delete" -> request("sa-del", arguments);
            case "show", "list", "lst" -> show(arguments);
            default ->
                throw new ControlException(ExitCode.USAGE, "sa: \"" + command + "\" is none of add, del and show");
        }
        return ExitCode.OK;
    }

    private void request(String command, ObjectNode arguments) throws ControlException {
        GatewayConnection gateway = culvert.gateway();
        if (saving) {
            new SavingGateway(gateway, culvert).association(command, arguments);
        } else {
            gateway.association(command, arguments);
        }
    }

    private void show(ObjectNode wanted) throws ControlException {
        for (String word : wanted.propertyNames()) {
            if (!SELECTORS.contains(word)) {
                throw new ControlException(ExitCode.USAGE, "sa show: choose by dev, dir and spi, not by " + word);
            }
        }
        ObjectNode answer = JsonOutput.answer();
        ArrayNode found = answer.putArray("sa");
        for (JsonNode tunnel : culvert.gateway().show().path("tunnels")) {
            for (JsonNode association : tunnel.path("sa")) {
                ObjectNode shown = described(tunnel, association);
                if (wanted.properties().stream().allMatch(e -> isSame(shown.path(e.getKey()), e.getValue()))) {
                    found.add(shown);
                }
            }
        }
        if (culvert.options().json()) {
            JsonOutput.print(culvert, answer);
        } else {
            culvert.context().out().print(SaPrinter.text(found));
        }
    }

    private static boolean isSame(JsonNode one, JsonNode other) {
        return one.asString("").equals(other.asString(""));
    }

    /** An association with the addresses that its tunnel gives it. */
    private static ObjectNode described(JsonNode tunnel, JsonNode association) {
        boolean isOut = association.path("direction").asString("").equals("out");
        ObjectNode shown = JsonNodeFactory.instance
                .objectNode()
                .put("dev", tunnel.path("name").asString(""));
        shown.put("src", tunnel.path(isOut ? "local" : "remote").asString("any"));
        shown.put("dst", tunnel.path(isOut ? "remote" : "local").asString("any"));
        JsonNode mark = tunnel.path(isOut ? "okey" : "ikey");
        JsonNode key = mark.isMissingNode() ? tunnel.path("key") : mark;
        if (!key.isMissingNode()) {
            shown.set("mark", key);
        }
        shown.setAll((ObjectNode) association);
        return shown;
    }
}
