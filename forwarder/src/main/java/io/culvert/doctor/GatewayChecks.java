package io.culvert.doctor;

import io.culvert.telemetry.Drop;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What a running gateway says of itself. */
final class GatewayChecks {

    /** More dropped packets than this share of those received are worth a look. */
    private static final double DROPPED = 0.001;

    private GatewayChecks() {}

    static List<Finding> of(JsonNode report) {
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("gateway", "version " + text(report, "version") + " runs"));
        findings.add(Finding.ok(
                "pipeline", "pipeline " + text(report, "pipeline") + ": " + text(report, "pipeline-reason")));
        String lane = text(report, "lane");
        String reason = "lane " + lane + ": " + text(report, "lane-reason");
        boolean isSlow = !lane.equals("super") && !text(report, "lane-reason").startsWith("configured");
        findings.add(
                isSlow
                        ? Finding.warn(
                                "lane", reason, "give the gateway CAP_BPF and CAP_NET_ADMIN, and see `culvert show`")
                        : Finding.ok("lane", reason));
        report.path("tunnels").forEach(tunnel -> findings.add(tunnel(tunnel)));
        if (!report.path("last-reload").path("successful").asBoolean(true)) {
            findings.add(Finding.fail("reload", "the last reload was refused", "culvert check"));
        }
        report.path("paths").forEach(path -> findings.add(drops(path)));
        return findings;
    }

    private static Finding tunnel(JsonNode tunnel) {
        String name = "tunnel " + text(tunnel, "name");
        return text(tunnel, "state").equals("up")
                ? Finding.ok(name, "up, lane " + text(tunnel, "lane") + ", path MTU " + tunnel.path("path-mtu"))
                : Finding.fail(
                        name,
                        "down: " + tunnel.path("reason").asString("its device is down"),
                        tunnel.has("reason")
                                ? "ip route get " + tunnel.path("remote").asString("REMOTE")
                                : "ip link set " + text(tunnel, "name") + " up");
    }

    private static Finding drops(JsonNode path) {
        long received = path.path("received").asLong(0);
        String direction = text(path, "path");
        long dropped = Drop.sum(path);
        return dropped > received * DROPPED
                ? Finding.warn(direction, dropped + " of " + received + " packets were dropped", "culvert drops")
                : Finding.ok(direction, dropped + " of " + received + " packets were dropped");
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }
}
