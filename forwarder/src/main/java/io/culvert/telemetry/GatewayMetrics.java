package io.culvert.telemetry;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/**
 * The gateway's answer to {@code show} as metrics, so that the command line and a monitoring system never see two
 * things. Labels are the words of {@code culvert.toml}; no label holds an inner address, so their number is bounded by
 * the configuration.
 */
final class GatewayMetrics {

    private final Families families = new Families();

    private GatewayMetrics() {}

    static MetricSnapshots of(JsonNode report) {
        GatewayMetrics metrics = new GatewayMetrics();
        metrics.gateway(report);
        report.path("tunnels").forEach(metrics::tunnel);
        report.path("paths").forEach(metrics::path);
        report.path("threads").forEach(metrics::thread);
        Drop.of(report).forEach(metrics::drop);
        return metrics.families.snapshots();
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }

    private static double number(JsonNode node, String field) {
        return node.path(field).asDouble(0);
    }

    private void gateway(JsonNode report) {
        families.info(
                "culvert_build",
                "This build.",
                "version",
                text(report, "version"),
                "jdk",
                Runtime.version().toString());
        families.info(
                "culvert_datapath",
                "How packets are moved, and why.",
                "lane",
                text(report, "lane"),
                "lane_reason",
                text(report, "lane-reason"),
                "pipeline",
                text(report, "pipeline"),
                "pipeline_reason",
                text(report, "pipeline-reason"));
        families.gauge("culvert_uptime_seconds", "Time since the gateway started.", number(report, "uptime-seconds"));
        JsonNode reload = report.path("last-reload");
        families.gauge(
                "culvert_config_last_reload_successful",
                "Whether the last start or reload took its configuration.",
                reload.path("successful").asBoolean(true) ? 1 : 0);
        families.gauge(
                "culvert_config_last_reload_success_timestamp_seconds", "When a configuration was last taken.", (double)
                        Instant.parse(text(reload, "time")).getEpochSecond());
    }

    private void tunnel(JsonNode tunnel) {
        String name = text(tunnel, "name");
        families.info(
                "culvert_tunnel",
                "A tunnel's configuration.",
                "tunnel",
                name,
                "mode",
                text(tunnel, "mode"),
                "local",
                tunnel.path("local").asString("any"),
                "remote",
                tunnel.path("remote").asString("any"));
        families.info(
                "culvert_tunnel_lane",
                "The lane that a tunnel's packets leave by now.",
                "tunnel",
                name,
                "lane",
                text(tunnel, "lane"));
        families.gauge(
                "culvert_tunnel_up",
                "Whether a tunnel can send and its device is up.",
                text(tunnel, "state").equals("up") ? 1 : 0,
                "tunnel",
                name);
        families.gauge(
                "culvert_path_mtu_bytes",
                "Largest outer packet that fits a tunnel's path.",
                number(tunnel, "path-mtu"),
                "tunnel",
                name);
        families.gauge("culvert_tunnel_mtu_bytes", "A tunnel device's MTU.", number(tunnel, "mtu"), "tunnel", name);
        direction(name, "encap", tunnel.path("encapsulation"));
        direction(name, "decap", tunnel.path("decapsulation"));
        tunnel.path("sa").forEach(association -> association(name, association));
    }

    private void direction(String tunnel, String direction, JsonNode counters) {
        String[] labels = {"tunnel", tunnel, "direction", direction};
        families.counter(
                "culvert_tunnel_packets",
                "Packets that a tunnel forwarded; a super-packet is one.",
                number(counters, "packets"),
                labels);
        families.counter(
                "culvert_tunnel_bytes",
                "Bytes of inner packets that a tunnel forwarded.",
                number(counters, "bytes"),
                labels);
        families.counter(
                "culvert_tunnel_answered_packets",
                "Packets that were answered by ICMP instead of forwarded.",
                number(counters, "answered"),
                labels);
    }

    private void association(String tunnel, JsonNode association) {
        String[] labels = {
            "tunnel", tunnel, "direction", text(association, "direction"), "spi", text(association, "spi")
        };
        families.gauge(
                "culvert_sa_valid",
                "Whether a security association is within its lifetime.",
                text(association, "state").equals("valid") ? 1 : 0,
                labels);
        families.counter(
                "culvert_sa_packets",
                "Packets that a security association protected.",
                number(association, "packets"),
                labels);
        families.counter(
                "culvert_sa_bytes",
                "Bytes that a security association protected.",
                number(association, "bytes"),
                labels);
        families.counter(
                "culvert_sa_replayed_packets",
                "Packets refused as received before, or too old to know.",
                number(association, "replayed"),
                labels);
        families.counter(
                "culvert_sa_forged_packets",
                "Packets whose integrity check failed.",
                number(association, "forged"),
                labels);
    }

    private void path(JsonNode path) {
        families.counter(
                "culvert_path_received_packets",
                "Packets that a path received: forwarded, answered, dropped or in flight.",
                number(path, "received"),
                "direction",
                text(path, "path"));
    }

    private void thread(JsonNode thread) {
        String name = text(thread, "name");
        families.counter(
                "culvert_thread_cpu_seconds",
                "Processor time of a gateway's thread.",
                number(thread, "cpu-seconds"),
                "thread",
                name);
        families.counter(
                "culvert_thread_allocated_bytes",
                "Memory that a gateway's thread allocated; of a path's threads it should stand still.",
                number(thread, "allocated-bytes"),
                "thread",
                name);
    }

    private void drop(Drop drop) {
        families.counter(
                "culvert_drops",
                "Packets dropped, by the reason that culvert drops explains; without a tunnel where none takes them.",
                (double) drop.packets(),
                "tunnel",
                drop.tunnel(),
                "direction",
                drop.direction(),
                "reason",
                drop.reason());
    }
}
