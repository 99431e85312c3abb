package io.culvert.cli;

import io.culvert.config.TunnelSpecCodec;
import io.culvert.control.ControlClient;
import io.culvert.control.ControlException;
import io.culvert.control.ControlServer;
import io.culvert.control.ExitCode;
import io.culvert.gateway.GatewayProcess;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the commands that are to start fast: some against a control socket that answers as a gateway does, and a gateway. The
 * JVM that builds one of the launcher's caches of classes runs it, and keeps what it loaded.
 */
public final class StartTraining {

    private static final String[][] PLAIN = {
        {"show"},
        {"-br", "show"},
        {"-j", "show"},
        {"tunnel", "show"},
        {"-s", "tunnel", "show"},
        {"-j", "tunnel", "show"},
        {"tunnel", "add", "gre2", "mode", "gre", "remote", "192.0.2.3", "key", "7", "ttl", "64", "tos", "inherit"},
        {"tunnel", "change", "gre1", "ttl", "64"},
        {"tunnel", "del", "gre1"}
    };

    private static final String[][] OTHERS = {{"stats"}, {"drops"}, {"version", "-j"}};

    /** Its tunnel's outer addresses are for documentation: nobody is there. */
    private static final String GATEWAY = """
        [[tunnel]]
        name = "gre1"
        mode = "gre"
        local = "192.0.2.1"
        remote = "192.0.2.2"
        """;

    private static final long RETRY_NANOS = 10_000_000;

    private StartTraining() {}

    /**
     * Runs the commands of one cache.
     *
     * @param args {@code run}, in a network namespace where a gateway may make a tunnel, {@code plain} or {@code others}
     */
    public static void main(String[] args) throws IOException, ControlException {
        Path directory = Files.createTempDirectory("culvert");
        Path socket = directory.resolve("control.sock");
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Path file = Files.writeString(
                directory.resolve("culvert.toml"), "[gateway]\ncontrol-socket = \"" + socket + "\"\n");
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.remove("CULVERT_SOCKET");
        environment.put("CULVERT_CONFIG", file.toString());
        // The host's own is none of a training's business.
        environment.put("CULVERT_STATE_DIRECTORY", directory.toString());
        Context context = new Context(nowhere, nowhere, environment, GatewayProcess::run);
        if (args[0].equals("run")) {
            Files.writeString(file, GATEWAY, StandardOpenOption.APPEND);
            Thread.ofPlatform().daemon().start(() -> stopOnceReady(socket));
            run(context, "run");
        } else {
            try (ControlServer _ = ControlServer.start(socket, (command, arguments) -> report())) {
                for (String[] command : args[0].equals("plain") ? PLAIN : OTHERS) {
                    run(context, command);
                }
            }
        }
        Files.delete(file);
        Files.delete(directory);
    }

    private static void run(Context context, String... command) {
        int status = Main.run(context, command);
        if (status != ExitCode.OK) {
            throw new IllegalStateException(String.join(" ", command) + " ends with status " + status);
        }
    }

    /** The gateway answers that it is starting until it is ready. */
    private static void stopOnceReady(Path socket) {
        while (true) {
            try (ControlClient client = ControlClient.connect(socket, ControlClient.TIMEOUT)) {
                client.request("show", JsonNodeFactory.instance.objectNode());
                client.request("stop", JsonNodeFactory.instance.objectNode());
                return;
            } catch (ControlException e) {
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private static ObjectNode report() {
        TunnelSpec spec = TunnelSpec.builder("gre1", Mode.GRE)
                .local(InetAddress.ofLiteral("192.0.2.1"))
                .remote(InetAddress.ofLiteral("192.0.2.2"))
                .key(7)
                .addresses(List.of(Prefix.parse("198.51.100.1/24")))
                .build();
        ObjectNode report =
                JsonNodeFactory.instance.objectNode().put("version", "0").put("uptime-seconds", 1.5);
        report.putObject("last-reload").put("successful", true);
        ArrayNode tunnels = report.putArray("tunnels");
        ObjectNode tunnel = TunnelSpecCodec.encode(spec);
        tunnel.putObject("encapsulation").put("packets", 1).put("bytes", 84);
        tunnel.putObject("decapsulation").put("packets", 1).put("bytes", 84);
        tunnels.add(tunnel);
        return report;
    }
}
