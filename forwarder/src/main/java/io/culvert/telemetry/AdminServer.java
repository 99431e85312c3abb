package io.culvert.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.control.RequestHandler;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The admin HTTP server: {@code /metrics} for Prometheus, {@code /healthz}, {@code /readyz} and {@code /version}. Only
 * GET and HEAD, nothing that changes anything, one virtual thread a request.
 */
public final class AdminServer implements AutoCloseable {

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int UNAVAILABLE = 503;

    static {
        // The JDK's server reads these once: a client that sends or takes its answer slowly is hung up on, in seconds,
        // and many of them leave the gateway its descriptors.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "10");
        System.setProperty("jdk.httpserver.maxConnections", "64");
    }

    private final RequestHandler gateway;
    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final PrometheusRegistry jvm = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final Map<String, Page> pages = new TreeMap<>();
    private volatile boolean draining;

    /** What a path answers. */
    private interface Page {
        Answer answer(HttpExchange exchange) throws ControlException, IOException;
    }

    private record Answer(int status, String type, String body) {

        static Answer text(int status, String line) {
            return new Answer(status, TEXT, line + "\n");
        }
    }

    private AdminServer(HttpServer server, String version, RequestHandler gateway) {
        this.server = server;
        this.gateway = gateway;
        JvmMetrics.builder().register(jvm);
        pages.put("/metrics", this::metrics);
        pages.put("/healthz", _ -> health("alive"));
        pages.put("/readyz", _ -> draining ? Answer.text(UNAVAILABLE, "stopping") : health("ready"));
        pages.put("/version", _ -> Answer.text(OK, version));
        server.createContext("/", this::serve);
        server.setExecutor(executor);
    }

    /**
     * Listens and answers at once; until the gateway serves, {@code /readyz} says so.
     *
     * @param gateway answers {@code show} and {@code health}
     * @throws ControlException if it cannot listen there
     */
    public static AdminServer start(InetSocketAddress address, String version, RequestHandler gateway)
            throws ControlException {
        try {
            AdminServer admin = new AdminServer(HttpServer.create(address, 0), version, gateway);
            admin.server.start();
            return admin;
        } catch (IOException e) {
            throw new ControlException(
                    ExitCode.REFUSED,
                    "admin: cannot listen on " + address.getAddress().getHostAddress() + " port " + address.getPort()
                            + ": " + e.getMessage() + ": choose another address or port, or leave admin out",
                    e);
        }
    }

    /** Where it listens. */
    InetSocketAddress address() {
        return server.getAddress();
    }

    /** Says not ready from now on, so that nobody is sent here any more. */
    public void drain() {
        draining = true;
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            exchange.getResponseHeaders().set("Content-Type", answer.type);
            boolean isHead = exchange.getRequestMethod().equals("HEAD");
            byte[] body = answer.body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status, isHead ? -1 : body.length);
            if (!isHead) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return Answer.text(METHOD_NOT_ALLOWED, method + " is not allowed: nothing can be changed here, use GET");
        }
        Page page = pages.get(exchange.getRequestURI().getPath());
        if (page == null) {
            return Answer.text(NOT_FOUND, "there is " + String.join(", ", pages.keySet()));
        }
        try {
            return page.answer(exchange);
        } catch (ControlException e) {
            return Answer.text(UNAVAILABLE, e.message());
        }
    }

    private Answer health(String word) throws ControlException {
        gateway.handle("health", JsonNodeFactory.instance.objectNode());
        return Answer.text(OK, word);
    }

    private Answer metrics(HttpExchange exchange) throws ControlException, IOException {
        ObjectNode report = gateway.handle("show", JsonNodeFactory.instance.objectNode());
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        GatewayMetrics.of(report).forEach(all::metricSnapshot);
        for (MetricSnapshot snapshot : jvm.scrape()) {
            all.metricSnapshot(snapshot);
        }
        ExpositionFormatWriter writer =
                formats.findWriter(exchange.getRequestHeaders().getFirst("Accept"));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        writer.write(body, all.build(), EscapingScheme.UNDERSCORE_ESCAPING);
        return new Answer(OK, writer.getContentType(), body.toString(StandardCharsets.UTF_8));
    }

    /** Hangs up on everybody. */
    @Override
    public void close() {
        server.stop(0);
        executor.close();
    }
}
