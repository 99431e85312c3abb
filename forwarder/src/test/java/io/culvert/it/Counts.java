package io.culvert.it;

import io.culvert.lab.LabGateway;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** What a gateway has counted so far, from {@code culvert show -j}. */
record Counts(JsonNode report) {

    private static final int SETTLED_MILLIS = 100;

    static Counts of(LabGateway gateway) {
        return new Counts(gateway.show());
    }

    /** What it has counted once nothing moves any more: what has just arrived somewhere may not be counted yet. */
    static Counts settled(LabGateway gateway) {
        Counts before;
        Counts now = of(gateway);
        do {
            before = now;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(SETTLED_MILLIS));
            now = of(gateway);
        } while (!now.report.path("paths").equals(before.report.path("paths")));
        return now;
    }

    /** Packets that a tunnel has encapsulated and sent. */
    long encapsulated(String tunnel) {
        return tunnel(tunnel).required("encapsulation").required("packets").asLong();
    }

    /** Packets that a tunnel has decapsulated and delivered. */
    long decapsulated(String tunnel) {
        return tunnel(tunnel).required("decapsulation").required("packets").asLong();
    }

    /** Packets that a tunnel has dropped, by reason. */
    Map<String, Long> drops(String tunnel, String direction) {
        return map(tunnel(tunnel).path(direction).path("drops"));
    }

    /** Packets that a path has dropped, by reason, with a tunnel or without. */
    Map<String, Long> pathDrops(String path) {
        return map(path(path).path("drops"));
    }

    /** A number of a path, such as {@code received}. */
    long path(String path, String field) {
        return path(path).required(field).asLong();
    }

    /** The sum of drops of all reasons. */
    static long sum(Map<String, Long> drops) {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    private JsonNode path(String name) {
        for (JsonNode path : report.path("paths")) {
            if (path.path("path").asString("").equals(name)) {
                return path;
            }
        }
        throw new IllegalStateException("no path " + name + " in " + report);
    }

    private JsonNode tunnel(String name) {
        for (JsonNode tunnel : report.path("tunnels")) {
            if (tunnel.path("name").asString("").equals(name)) {
                return tunnel;
            }
        }
        throw new IllegalStateException("no tunnel " + name + " in " + report);
    }

    private static Map<String, Long> map(JsonNode drops) {
        Map<String, Long> map = new TreeMap<>();
        drops.forEachEntry((reason, count) -> map.put(reason, count.asLong()));
        return map;
    }
}
