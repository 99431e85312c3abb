package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Picks from the gateway's answer to {@code show}. */
final class Reports {

    private Reports() {}

    /**
     * The whole report, or one with that tunnel alone.
     *
     * @throws ControlException if there is no tunnel of that name
     */
    static ObjectNode select(ObjectNode report, @Nullable String name) throws ControlException {
        if (name == null) {
            return report;
        }
        ObjectNode selected = report.objectNode();
        ArrayNode tunnels = selected.putArray("tunnels");
        for (JsonNode tunnel : report.path("tunnels")) {
            if (tunnel.path("name").asString("").equals(name)) {
                tunnels.add(tunnel);
            }
        }
        if (tunnels.isEmpty()) {
            throw new ControlException(
                    ExitCode.REFUSED, "the gateway has no tunnel \"" + name + "\": `culvert show -br` lists them");
        }
        return selected;
    }
}
