package io.culvert.gateway;

import io.culvert.config.SaKeys;
import io.culvert.config.TunnelChanges;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.control.ControlException;
import io.culvert.control.Events;
import io.culvert.control.ExitCode;
import io.culvert.control.RequestHandler;
import io.culvert.tunnel.TunnelSpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a running gateway does for requests on its control socket. Called by the connections' threads. */
final class GatewayRequests implements RequestHandler {

    private static final String[] KEPT = {
        "mtu",
        "addresses",
        "routes",
        "inner-source",
        "proto",
        "6rd-prefix",
        "6rd-relay_prefix",
        "prl-default",
        "prl-nodefault",
        SaKeys.SA
    };

    private final Runnable stop;
    private volatile @Nullable Gateway gateway;

    /** @param stop stops the gateway after the answer */
    GatewayRequests(Runnable stop) {
        this.stop = stop;
    }

    /** Serves that gateway from now on. */
    void serve(Gateway started) {
        gateway = started;
    }

    @Override
    public ObjectNode handle(String command, ObjectNode arguments) throws ControlException {
        Gateway running = gateway;
        if (running == null) {
            throw new ControlException(ExitCode.REFUSED, "the gateway is starting: try again in a second");
        }
        try {
            return handle(running, command, arguments);
        } catch (GatewayException e) {
            throw new ControlException(e.exitStatus(), String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public @Nullable Events events(String command) {
        Gateway running = gateway;
        return running != null && command.equals("monitor") ? running.events() : null;
    }

    private ObjectNode handle(Gateway running, String command, ObjectNode arguments) throws ControlException {
        switch (command) {
            case "show" -> {
                return running.report();
            }
            case "explain" -> {
                return running.explain(arguments);
            }
            case "tunnel-add" -> running.apply(TunnelChanges.add(decode(arguments)));
            case "tunnel-change" -> running.apply(TunnelChanges.change(decode(merged(running, arguments))));
            case "tunnel-del" -> running.apply(TunnelChanges.remove(name(arguments)));
            case "stop" -> stop.run();
            default -> throw new ControlException(ExitCode.USAGE, "the gateway has no command \"" + command + "\"");
        }
        return JsonNodeFactory.instance.objectNode();
    }

    /** A change says everything of a tunnel but what {@code ip tunnel} has no word for: that stays. */
    private static ObjectNode merged(Gateway running, ObjectNode arguments) throws ControlException {
        TunnelSpec present = running.specification(name(arguments));
        if (present != null) {
            ObjectNode kept = TunnelSpecCodec.encode(present);
            for (String key : KEPT) {
                if (kept.has(key) && !arguments.has(key)) {
                    arguments.set(key, kept.get(key));
                }
            }
        }
        return arguments;
    }

    private static String name(ObjectNode arguments) throws ControlException {
        String name = arguments.path("name").asString("");
        if (name.isEmpty()) {
            throw new ControlException(ExitCode.USAGE, "the request names no tunnel: add \"name\"");
        }
        return name;
    }

    private static TunnelSpec decode(ObjectNode arguments) throws ControlException {
        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(arguments);
        TunnelSpec spec = decoded.spec();
        if (spec == null) {
            TunnelSpec.Problem problem = decoded.problems().getFirst();
            throw new ControlException(
                    ExitCode.USAGE, problem.key() + ": " + problem.message() + ": " + problem.hint());
        }
        return spec;
    }
}
