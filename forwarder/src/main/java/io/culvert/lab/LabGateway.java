package io.culvert.lab;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.SaKeys;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.control.ControlClient;
import io.culvert.control.ControlException;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A gateway process on a host, with a file and a control socket of its own. Any thread may call. */
public final class LabGateway implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final Host host;
    private final Path file;
    private final Path socket;
    private final LabProcess process;

    private LabGateway(Host host, Path file, Path socket, LabProcess process) {
        this.host = host;
        this.file = file;
        this.socket = socket;
        this.process = process;
    }

    /** A gateway on that host, to be described. */
    public static Builder on(Host host) {
        return new Builder(host);
    }

    /** Its {@code culvert.toml}. */
    public Path file() {
        return file;
    }

    /** Its control socket. */
    public Path socket() {
        return socket;
    }

    /** The pty of one of its tunnels, which must carry PPP frames. */
    public Path pty(String tunnel) {
        return socket.resolveSibling("ppp").resolve(tunnel);
    }

    public LabProcess process() {
        return process;
    }

    /** Waits until every tunnel forwards. */
    public LabGateway awaitReady() {
        process.awaitOutput("^ready$", START);
        return this;
    }

    /** What {@code culvert show -j} prints. */
    public ObjectNode show() {
        return request("show", JsonNodeFactory.instance.objectNode());
    }

    /** Adds a tunnel at run time. */
    public void add(TunnelSpec tunnel) {
        request("tunnel-add", TunnelSpecCodec.encode(tunnel));
    }

    /** Deletes a tunnel at run time. */
    public void delete(String name) {
        request("tunnel-del", JsonNodeFactory.instance.objectNode().put("name", name));
    }

    /** Replaces its {@code culvert.toml}; the running gateway does not know yet. */
    public void rewrite(String toml) {
        try {
            Files.writeString(file, toml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks for any command of the control socket. */
    public ObjectNode request(String command, ObjectNode arguments) {
        try (ControlClient client = ControlClient.connect(socket, ANSWER)) {
            return client.request(command, arguments);
        } catch (ControlException e) {
            throw new LabException("gateway on " + host + ": " + command + ": " + e.message(), e);
        }
    }

    /** Runs the command line on this gateway's control socket, whatever its exit code. */
    public CommandResult culvert(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--socket", socket.toString()));
        all.addAll(List.of(arguments));
        return host.exec(START, Culvert.command(all.toArray(String[]::new)));
    }

    /** Starts the command line on this gateway's control socket; it ends with the host at the latest. */
    public LabProcess startCulvert(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--socket", socket.toString()));
        all.addAll(List.of(arguments));
        return host.start(Culvert.command(all.toArray(String[]::new)), Map.of());
    }

    /** Ends it by SIGTERM. Returns its exit code. */
    public int stop() {
        return process.terminate(STOP);
    }

    /** Ends it by SIGKILL. */
    public void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }

    /** Describes a gateway; one thread. */
    public static final class Builder {
        private final Host host;
        private final List<TunnelSpec> tunnels = new ArrayList<>();
        private Lane lane = Lane.AUTO;
        private Pipeline pipeline = Pipeline.AUTO;
        private @Nullable String text;
        private String name = "gateway";
        private List<String> wrapper = List.of();
        private List<String> flags = List.of();
        private List<String> options = List.of();

        private Builder(Host host) {
            this.host = host;
        }

        public Builder lane(Lane value) {
            lane = value;
            return this;
        }

        public Builder pipeline(Pipeline value) {
            pipeline = value;
            return this;
        }

        public Builder tunnel(TunnelSpec tunnel) {
            tunnels.add(tunnel);
            return this;
        }

        /** Names its file and socket, for a second gateway on the same host. */
        public Builder name(String value) {
            name = value;
            return this;
        }

        /** Replaces the whole file, but for the control socket's path. */
        public Builder text(String toml) {
            text = toml;
            return this;
        }

        /** Runs it by another program, such as {@code setpriv} with its options. */
        public Builder wrapper(String... command) {
            wrapper = List.of(command);
            return this;
        }

        /** Gives its JVM flags besides the launcher's own. */
        public Builder jvmFlags(String... more) {
            flags = List.of(more);
            return this;
        }

        /** Adds options of {@code culvert run}, such as {@code --conf-d DIRECTORY}. */
        public Builder options(String... words) {
            options = List.of(words);
            return this;
        }

        /** Starts it and waits until every tunnel forwards. */
        public LabGateway start() {
            return launch().awaitReady();
        }

        /** Starts it. */
        public LabGateway launch() {
            Path file = host.directory().resolve(name + ".toml");
            Path socket = host.directory().resolve(name + ".sock");
            try {
                Files.writeString(file, text == null ? toml(lane, pipeline, tunnels) : text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            List<String> command = new ArrayList<>(wrapper);
            command.addAll(Culvert.gateway(flags, "run", "-c", file.toString(), "--socket", socket.toString()));
            command.addAll(options);
            Map<String, String> environment =
                    Map.of("CULVERT_STATE_DIRECTORY", host.directory().toString());
            return new LabGateway(host, file, socket, host.start(command, environment));
        }
    }

    private static void appendKey(StringBuilder toml, String key, JsonNode value) {
        if (!key.equals(SaKeys.SA)) {
            toml.append(key).append(" = ").append(value).append('\n');
        }
    }

    private static void appendAssociations(StringBuilder toml, JsonNode associations) {
        for (JsonNode association : associations) {
            toml.append("[[tunnel.sa]]\n");
            association.properties().forEach(entry -> appendKey(toml, entry.getKey(), entry.getValue()));
        }
    }

    /** A {@code culvert.toml} without a control socket. The specification's words and values are TOML as they are JSON. */
    static String toml(Lane lane, Pipeline pipeline, List<TunnelSpec> tunnels) {
        StringBuilder toml = new StringBuilder("[datapath]\n");
        toml.append("lane = \"").append(word(lane)).append("\"\n");
        toml.append("pipeline = \"").append(word(pipeline)).append("\"\n");
        for (TunnelSpec tunnel : tunnels) {
            toml.append("\n[[tunnel]]\n");
            ObjectNode tree = TunnelSpecCodec.encode(tunnel);
            tree.forEachEntry((key, value) -> appendKey(toml, key, value));
            appendAssociations(toml, tree.path(SaKeys.SA));
        }
        return toml.toString();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
