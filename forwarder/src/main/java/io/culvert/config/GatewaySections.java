package io.culvert.config;

import io.culvert.config.TomlValue.Entry;
import io.culvert.config.TomlValue.Table;
import io.culvert.tunnel.TunnelSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code [gateway]} and {@code [datapath]}, and the environment variables that override their keys. */
final class GatewaySections {

    private static final List<String> GATEWAY_KEYS = List.of("control-socket", "read-only-socket", "admin");

    /** {@code sun_path} less its terminating zero, unix(7). */
    private static final int MAX_SOCKET_PATH = 107;

    private final SectionReader gateway;
    private final DatapathSection datapath;

    GatewaySections(Table gateway, Table datapath, List<ConfigProblem> problems) {
        this.gateway = new SectionReader("gateway", gateway, problems);
        this.datapath = new DatapathSection(datapath, problems);
    }

    GatewayConfig config(Map<String, String> environment, List<TunnelSpec> tunnels) {
        gateway.refuseUnknown(GATEWAY_KEYS);
        gateway.override("control-socket", "CULVERT_SOCKET", environment);
        gateway.override("admin", "CULVERT_ADMIN", environment);
        Path socket = socket("control-socket", "the default is " + GatewayConfig.DEFAULT_CONTROL_SOCKET);
        return new GatewayConfig(
                socket == null ? GatewayConfig.DEFAULT_CONTROL_SOCKET : socket,
                socket("read-only-socket", "name another path than control-socket's"),
                admin(),
                datapath.read(environment),
                tunnels);
    }

    /** Where each value of {@code [datapath]} comes from. */
    Map<String, String> origins() {
        return datapath.origins();
    }

    private @Nullable Path socket(String key, String hint) {
        Entry entry = gateway.entry(key);
        String text = gateway.text(key);
        if (entry == null || text == null) {
            return null;
        }
        String problem = null;
        if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
            problem = "\"" + text + "\" is not an absolute path";
        } else if (text.getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
            problem = "the path is longer than the " + MAX_SOCKET_PATH + " bytes that a socket's may have";
        }
        if (problem != null) {
            gateway.problem(entry.value().at(), problem, hint);
            return null;
        }
        return Path.of(text);
    }

    private @Nullable String admin() {
        Entry entry = gateway.entry("admin");
        String text = gateway.text("admin");
        if (entry == null || text == null) {
            return null;
        }
        String problem = HostAndPort.problem(text);
        if (problem != null) {
            gateway.problem(entry.value().at(), problem, "write ADDRESS:PORT, such as 127.0.0.1:9477 or [::1]:9477");
            return null;
        }
        return text;
    }
}
