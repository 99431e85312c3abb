package io.culvert.gateway;

import io.culvert.config.EncapKeys;
import io.culvert.config.L2tpTunnelCodec;
import io.culvert.config.TunnelChanges;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.control.ControlException;
import io.culvert.control.Events;
import io.culvert.control.ExitCode;
import io.culvert.control.RequestHandler;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.TunnelSpec;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a running gateway does for requests on its control socket. Called by the connections' threads. */
final class GatewayRequests implements RequestHandler {

    private static final long MAX_CONFIRM_SECONDS = 86_400;

    private final Runnable stop;
    private volatile @Nullable Served served;

    /** What answers once the gateway runs. */
    private record Served(Gateway gateway, Reloads reloads) {}

    /** @param stop stops the gateway after the answer */
    GatewayRequests(Runnable stop) {
        this.stop = stop;
    }

    /** Serves that gateway from now on. */
    void serve(Gateway gateway, Reloads reloads) {
        served = new Served(gateway, reloads);
    }

    @Override
    public ObjectNode handle(String command, ObjectNode arguments) throws ControlException {
        Served running = served;
        if (running == null) {
            throw new ControlException(ExitCode.REFUSED, "the gateway is starting: try again in a second");
        }
        try {
            return handle(running.gateway, running.reloads, command, arguments);
        } catch (GatewayException e) {
            throw new ControlException(e.exitStatus(), String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public @Nullable Events events(String command) {
        Served running = served;
        return running != null && command.equals("monitor") ? running.gateway.events() : null;
    }

    private ObjectNode handle(Gateway running, Reloads reloads, String command, ObjectNode arguments)
            throws ControlException {
        switch (command) {
            case "show" -> {
                ObjectNode report = running.report();
                reloads.describe(report);
                return report;
            }
            case "health" -> running.checkHealth();
            case "explain" -> {
                return running.explain(arguments);
            }
            case "config" -> {
                return reloads.describe();
            }
            case "diff" -> {
                return reloads.diff(path(arguments, "file"), path(arguments, "conf-d"));
            }
            case "reload" -> {
                return reloads.reload(path(arguments, "file"), path(arguments, "conf-d"), confirmWithin(arguments));
            }
            case "confirm" -> reloads.confirm();
            case "tunnel-add" -> running.apply(TunnelChanges.add(decode(arguments)));
            case "tunnel-change" -> running.change(name(arguments), present -> decode(keep(present, arguments)));
            case "tunnel-del" -> running.apply(TunnelChanges.remove(name(arguments)));
            case "l2tp-tunnel-add" -> running.addL2tpTunnel(decodeL2tp(arguments));
            case "l2tp-tunnel-del" -> running.removeL2tpTunnel(tunnelId(arguments));
            case "sa-add" ->
                running.change(
                        AssociationRequests.dev(arguments), present -> AssociationRequests.add(present, arguments));
            case "sa-del" ->
                running.change(
                        AssociationRequests.dev(arguments), present -> AssociationRequests.delete(present, arguments));
            case "stop" -> stop.run();
            default -> throw new ControlException(ExitCode.USAGE, "the gateway has no command \"" + command + "\"");
        }
        return JsonNodeFactory.instance.objectNode();
    }

    /** A change says everything of a tunnel but what {@code ip tunnel} has no word for: that stays if it is absent. */
    static ObjectNode keep(TunnelSpec present, ObjectNode arguments) {
        ObjectNode kept = TunnelSpecCodec.encode(present).remove(TunnelSpecCodec.IP_TUNNEL_KEYS);
        if (arguments.has("encap")) {
            // These four mean nothing without each other.
            kept.remove(EncapKeys.ALL);
        }
        kept.properties().forEach(key -> {
            if (!arguments.has(key.getKey())) {
                arguments.set(key.getKey(), key.getValue());
            }
        });
        return arguments;
    }

    /** An absolute path, as the gateway's working directory is not the client's; null if there is none. */
    private static @Nullable Path path(ObjectNode arguments, String key) throws ControlException {
        JsonNode value = arguments.get(key);
        if (value == null) {
            return null;
        }
        try {
            Path path = Path.of(value.asString(""));
            if (path.isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new ControlException(ExitCode.USAGE, "\"" + key + "\" is not a path: " + e.getMessage(), e);
        }
        throw new ControlException(ExitCode.USAGE, "\"" + key + "\" is not an absolute path: " + value);
    }

    private static @Nullable Duration confirmWithin(ObjectNode arguments) throws ControlException {
        JsonNode value = arguments.get("confirm-within-seconds");
        if (value == null) {
            return null;
        }
        long seconds = value.isIntegralNumber() ? value.asLong(0) : 0;
        if (seconds < 1 || seconds > MAX_CONFIRM_SECONDS) {
            throw new ControlException(
                    ExitCode.USAGE, "\"confirm-within-seconds\" is " + value + ": use 1 to " + MAX_CONFIRM_SECONDS);
        }
        return Duration.ofSeconds(seconds);
    }

    private static String name(ObjectNode arguments) throws ControlException {
        String name = arguments.path("name").asString("");
        if (name.isEmpty()) {
            throw new ControlException(ExitCode.USAGE, "the request names no tunnel: add \"name\"");
        }
        return name;
    }

    private static int tunnelId(ObjectNode arguments) throws ControlException {
        long id = arguments.path("tunnel_id").asLong(0);
        if (id < 1 || id > 0xffff_ffffL) {
            throw new ControlException(
                    ExitCode.USAGE, "the request names no L2TP tunnel: add \"tunnel_id\", 1 to 4294967295");
        }
        return (int) id;
    }

    private static TunnelSpec decode(ObjectNode arguments) {
        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(arguments);
        return requireSound(decoded.spec(), decoded.problems());
    }

    private static L2tpTunnel decodeL2tp(ObjectNode arguments) {
        L2tpTunnelCodec.Decoded decoded = L2tpTunnelCodec.decode(arguments);
        return requireSound(decoded.tunnel(), decoded.problems());
    }

    private static <T> T requireSound(@Nullable T decoded, List<TunnelSpec.Problem> problems) {
        if (decoded == null) {
            TunnelSpec.Problem problem = problems.getFirst();
            throw new GatewayException(
                    ExitCode.USAGE, problem.key() + ": " + problem.message() + ": " + problem.hint());
        }
        return decoded;
    }
}
