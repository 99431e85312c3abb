package io.culvert.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Packets that were dropped for one reason, as the gateway's answer to {@code show} has them.
 *
 * @param tunnel the tunnel's name; empty for packets that no tunnel takes
 * @param direction {@code encap} or {@code decap}
 * @param reason a {@link io.culvert.tunnel.DropReason}'s word
 * @param packets how many, since the gateway started
 */
public record Drop(String tunnel, String direction, String reason, long packets) {

    /** All of them: those of the tunnels in the report's order, then the others. */
    public static List<Drop> of(JsonNode report) {
        List<Drop> drops = new ArrayList<>();
        for (JsonNode tunnel : report.path("tunnels")) {
            String name = tunnel.path("name").asString("");
            add(drops, name, "encap", tunnel.path("encapsulation"));
            add(drops, name, "decap", tunnel.path("decapsulation"));
        }
        for (JsonNode path : report.path("paths")) {
            addWithoutTunnel(drops, path);
        }
        return drops;
    }

    /**
     * How many packets a direction dropped, whatever the reason.
     *
     * @param counters a path, or one direction of a tunnel
     */
    public static long sum(JsonNode counters) {
        long sum = 0;
        for (JsonNode count : counters.path("drops")) {
            sum += count.asLong(0);
        }
        return sum;
    }

    private static void add(List<Drop> drops, String tunnel, String direction, JsonNode counters) {
        for (Map.Entry<String, JsonNode> drop : counters.path("drops").properties()) {
            drops.add(new Drop(tunnel, direction, drop.getKey(), drop.getValue().asLong(0)));
        }
    }

    /** What a path dropped before it knew the tunnel: its sum less that of the tunnels. */
    private static void addWithoutTunnel(List<Drop> drops, JsonNode path) {
        String direction = path.path("path").asString("");
        for (Map.Entry<String, JsonNode> drop : path.path("drops").properties()) {
            String reason = drop.getKey();
            long known = drops.stream()
                    .filter(each ->
                            each.direction.equals(direction) && each.reason.equals(reason) && !each.tunnel.isEmpty())
                    .mapToLong(Drop::packets)
                    .sum();
            long rest = drop.getValue().asLong(0) - known;
            if (rest > 0) {
                drops.add(new Drop("", direction, reason, rest));
            }
        }
    }
}
