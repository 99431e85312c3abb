package io.culvert.it;

import static io.culvert.it.TwoGateways.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.it.Scenario.Kind;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.lab.Ping;
import io.culvert.lab.WireMode;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What {@code culvert monitor} tells while things happen to a gateway, in text and in JSON lines. */
@Timeout(300)
class MonitorIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    /** Each event, with what follows the time in text. */
    private static final List<String> EVENTS = List.of(
            "tunnel-added extra mode ipip state down",
            "tunnel-changed extra",
            "tunnel-removed extra",
            "tunnel-down culvert1 reason its device is down",
            "tunnel-up culvert1",
            "drops-began direction decap reason key_mismatch packets 1",
            "drops-ended direction decap reason key_mismatch packets 1",
            "reload added 0 changed 1 removed 0");

    @Test
    void tellsWhatHappensInTextAndInJson() throws Exception {
        Scenario scenario = new Scenario(Kind.GRE, Lane.AUTO, Pipeline.FUSED, WireMode.OFFLOADED);
        try (TwoGateways gateways = TwoGateways.start(scenario)) {
            LabGateway left = gateways.left();
            LabProcess text = left.startCulvert("monitor");
            LabProcess json = left.startCulvert("-j", "monitor");
            awaitListening(left, text, json);

            culvert(left, "tunnel", "add", "extra", "mode", "ipip", "remote", "203.0.113.77");
            text.awaitOutput(EVENTS.get(0), SOON);
            culvert(left, "tunnel", "change", "extra", "ttl", "7");
            text.awaitOutput(EVENTS.get(1), SOON);
            culvert(left, "tunnel", "del", "extra");
            text.awaitOutput(EVENTS.get(2), SOON);
            gateways.leftHost().exec("ip", "link", "set", DEVICE, "down").orThrow();
            text.awaitOutput(EVENTS.get(3), SOON);
            gateways.leftHost().exec("ip", "link", "set", DEVICE, "up").orThrow();
            text.awaitOutput(EVENTS.get(4), SOON);
            sendWithAWrongKey(gateways);
            text.awaitOutput(EVENTS.get(5), SOON);
            text.awaitOutput(EVENTS.get(6), Duration.ofSeconds(60));
            String file = Files.readString(left.file());
            left.rewrite(file.replaceFirst("(?m)^ttl = .*$", "ttl = 99"));
            left.request("reload", JsonNodeFactory.instance.objectNode());
            text.awaitOutput(EVENTS.get(7), SOON);

            for (String event : EVENTS) {
                String name = event.substring(0, event.indexOf(' '));
                json.awaitOutput("\"event\":\"" + name + "\"", SOON);
                assertThat(text.outputLines()).anyMatch(line -> line.matches("\\S+ " + event));
            }
            assertThat(json.outputLines()).allSatisfy(MonitorIT::assertIsEvent);
            assertThat(left.stop()).isIn(0, 143);
            text.awaitError("the gateway has stopped", SOON);
        }
    }

    private static void awaitListening(LabGateway gateway, LabProcess... monitors) {
        for (LabProcess monitor : monitors) {
            Await.until("monitor listens", () -> {
                culvert(gateway, "tunnel", "add", "probe", "mode", "ipip", "remote", "203.0.113.78");
                culvert(gateway, "tunnel", "del", "probe");
                return monitor.outputLines().stream().anyMatch(line -> line.contains("tunnel-removed"));
            });
        }
    }

    private static void culvert(LabGateway gateway, String... words) {
        gateway.culvert(words).orThrow();
    }

    /** The right's tunnel gets a key that the left's does not have, and back. */
    private static void sendWithAWrongKey(TwoGateways gateways) {
        culvert(gateways.right(), "tunnel", "change", DEVICE, "key", "9");
        try (Ping ping = Ping.open(gateways.rightHost(), TwoGateways.LEFT_INNER)) {
            assertThat(ping.echo(56, Duration.ofMillis(500)).kind()).isEqualTo(Ping.Kind.NOTHING);
        }
    }

    private static void assertIsEvent(String line) {
        JsonNode event = JsonMapper.shared().readTree(line);
        assertThat(event).isInstanceOf(ObjectNode.class);
        assertThat(event.path("schema").asInt()).isEqualTo(1);
        assertThat(Instant.parse(event.path("time").asString(""))).isAfter(Instant.EPOCH);
        assertThat(event.path("event").asString("")).isNotEmpty();
    }
}
