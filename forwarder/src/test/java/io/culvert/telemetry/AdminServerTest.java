package io.culvert.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.control.RequestHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class AdminServerTest {

    private static final String REPORT = """
        {"version": "1.2", "uptime-seconds": 3.5, "lane": "super", "lane-reason": "its test packet passed",
         "pipeline": "fused", "pipeline-reason": "2 processors", "last-reload": {"successful": false, "time": "2026-01-02T03:04:05Z"},
         "tunnels": [{"name": "gre1", "mode": "gre", "local": "203.0.113.1", "state": "down", "lane": "raw",
           "path-mtu": 1500, "mtu": 1476,
           "encapsulation": {"packets": 7, "bytes": 700, "answered": 2, "drops": {"no_route": 3}},
           "decapsulation": {"packets": 0, "bytes": 0, "answered": 0, "drops": {}}}],
         "paths": [{"path": "encap", "received": 13, "drops": {"no_route": 4}}],
         "threads": [{"name": "culvert-encap", "cpu-seconds": 0.25, "allocated-bytes": 0}]}
        """;

    private final HttpClient client = HttpClient.newHttpClient();
    private volatile boolean starting;
    private AdminServer admin;

    private ObjectNode answer(String command) throws ControlException {
        if (starting) {
            throw new ControlException(ExitCode.REFUSED, "the gateway is starting: try again in a second");
        }
        return command.equals("show")
                ? (ObjectNode) JsonMapper.shared().readTree(REPORT)
                : JsonNodeFactory.instance.objectNode();
    }

    @BeforeEach
    void start() throws ControlException {
        RequestHandler gateway = (command, _) -> answer(command);
        admin = AdminServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "1.2", gateway);
    }

    @AfterEach
    void stop() {
        admin.close();
        client.close();
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + admin.address().getPort() + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .method(method, BodyPublishers.noBody())
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send("GET", path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    @Test
    void servesTheReportAsMetrics() throws Exception {
        assertThat(get("/metrics").lines())
                .contains(
                        "culvert_tunnel_info{local=\"203.0.113.1\",mode=\"gre\",remote=\"any\",tunnel=\"gre1\"} 1",
                        "culvert_tunnel_up{tunnel=\"gre1\"} 0.0",
                        "culvert_tunnel_lane_info{lane=\"raw\",tunnel=\"gre1\"} 1",
                        "culvert_path_mtu_bytes{tunnel=\"gre1\"} 1500.0",
                        "culvert_tunnel_packets_total{direction=\"encap\",tunnel=\"gre1\"} 7.0",
                        "culvert_tunnel_bytes_total{direction=\"encap\",tunnel=\"gre1\"} 700.0",
                        "culvert_tunnel_answered_packets_total{direction=\"encap\",tunnel=\"gre1\"} 2.0",
                        "culvert_drops_total{direction=\"encap\",reason=\"no_route\",tunnel=\"gre1\"} 3.0",
                        "culvert_drops_total{direction=\"encap\",reason=\"no_route\",tunnel=\"\"} 1.0",
                        "culvert_path_received_packets_total{direction=\"encap\"} 13.0",
                        "culvert_thread_cpu_seconds_total{thread=\"culvert-encap\"} 0.25",
                        "culvert_config_last_reload_successful 0.0",
                        "culvert_config_last_reload_success_timestamp_seconds 1.767323045E9")
                .anyMatch(line -> line.startsWith("culvert_datapath_info{lane=\"super\",lane_reason=\"its test"))
                .anyMatch(line -> line.contains("pipeline=\"fused\",pipeline_reason=\"2 processors\""))
                .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"))
                .anyMatch(line -> line.startsWith("process_cpu_seconds_total "));
    }

    @Test
    void isReadyOnlyWhileTheGatewayServes() throws Exception {
        starting = true;
        HttpResponse<String> early = send("GET", "/readyz");
        assertThat(early.statusCode()).isEqualTo(503);
        assertThat(early.body()).contains("is starting");
        assertThat(send("GET", "/metrics").statusCode()).isEqualTo(503);

        starting = false;
        assertThat(get("/readyz")).isEqualTo("ready\n");
        assertThat(get("/healthz")).isEqualTo("alive\n");

        admin.drain();
        assertThat(send("GET", "/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/healthz")).isEqualTo("alive\n");
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        HttpResponse<String> response = send("HEAD", "/version");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(get("/version")).isEqualTo("1.2\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH"})
    void changesNothing(String method) throws Exception {
        HttpResponse<String> response = send(method, "/metrics");

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @Test
    void saysWhatThereIs() throws Exception {
        HttpResponse<String> response = send("GET", "/metricz");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).isEqualTo("there is /healthz, /metrics, /readyz, /version\n");
    }

    @Test
    void namesAPortThatIsTaken() {
        ControlException refusal = catchThrowableOfType(
                ControlException.class,
                () -> AdminServer.start(admin.address(), "1.2", (_, _) -> JsonNodeFactory.instance.objectNode()));

        assertThat(refusal.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(refusal.message())
                .contains("127.0.0.1 port " + admin.address().getPort(), "choose another address or port");
    }
}
