package io.culvert.gateway;

import io.culvert.control.Events;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.MtuSource;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.Addresses;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds out what happened to the tunnels by comparing them with how they were, and tells it as {@link Events}; does nothing
 * while nobody listens. The conductor's thread.
 */
final class Watch {

    private final Events events;
    private final Map<String, State> states = new HashMap<>();
    private final DropWatch drops;
    private boolean isWatching;

    /** How a tunnel was. */
    private record State(
            TunnelSpec spec, String down, OuterRoute route, Map<Integer, OuterRoute> peers, int restarts) {}

    Watch(Events events) {
        this.events = events;
        drops = new DropWatch(events);
    }

    /**
     * Tells what happened since the last call.
     *
     * @param tunnels all of them
     * @param isDown whether a tunnel's device is down
     * @param nowNanos as {@link System#nanoTime}
     */
    void observe(Supplier<List<Tunnel>> tunnels, Predicate<Tunnel> isDown, long nowNanos) {
        if (!events.hasListeners()) {
            isWatching = false;
            return;
        }
        boolean isNew = !isWatching;
        if (isNew) {
            states.clear();
            drops.clear();
        }
        isWatching = true;
        Set<String> gone = new HashSet<>(states.keySet());
        for (Tunnel tunnel : tunnels.get()) {
            gone.remove(tunnel.spec().name());
            State now = state(tunnel, isDown.test(tunnel));
            State before = states.put(tunnel.spec().name(), now);
            if (!isNew) {
                compare(before, now);
            }
            drops.observe(tunnel.spec().name(), "encap", tunnel.encapCounters(), nowNanos);
            drops.observe(tunnel.spec().name(), "decap", tunnel.decapCounters(), nowNanos);
        }
        for (String name : gone) {
            states.remove(name);
            drops.forget(name);
            events.publish(event("tunnel-removed", name));
        }
    }

    /** Tells what the paths dropped that belongs to no tunnel. */
    void observeWithoutTunnel(String direction, Counters counters, long nowNanos) {
        if (isWatching) {
            drops.observe("", direction, counters, nowNanos);
        }
    }

    private static State state(Tunnel tunnel, boolean isDown) {
        DropReason unusable = tunnel.outerHeader().unusable();
        String down = isDown
                ? "its device is down"
                : unusable != null ? unusable.text() : tunnel.keepalives().isSilent() ? GatewayReport.SILENT : "";
        return new State(
                tunnel.spec(),
                down,
                tunnel.outerHeader().route(),
                tunnel.peers() == null ? Map.of() : tunnel.peers().routes(),
                tunnel.sequenceRestarts());
    }

    private void compare(@Nullable State before, State now) {
        String name = now.spec.name();
        if (before == null) {
            events.publish(event("tunnel-added", name)
                    .put("mode", now.spec.mode().word())
                    .put("state", now.down.isEmpty() ? "up" : "down"));
            return;
        }
        if (!before.spec.equals(now.spec)) {
            events.publish(event("tunnel-changed", name));
        }
        if (before.down.isEmpty() != now.down.isEmpty()) {
            events.publish(
                    now.down.isEmpty()
                            ? event("tunnel-up", name)
                            : event("tunnel-down", name).put("reason", now.down));
        }
        if (now.down.isEmpty()) {
            pathMtu(name, null, before.route, now.route);
            now.peers.forEach((destination, route) ->
                    pathMtu(name, Addresses.ipv4(destination), before.peers.get(destination), route));
        }
        if (before.restarts != now.restarts) {
            events.publish(event("peer-restarted", name));
        }
    }

    private void pathMtu(String name, @Nullable InetAddress destination, @Nullable OuterRoute before, OuterRoute now) {
        if (before == null || before.mtu() == now.mtu() || now.unusable() != null) {
            return;
        }
        ObjectNode event = event("path-mtu", name);
        if (destination != null) {
            event.put("destination", destination.getHostAddress());
        }
        boolean isForgotten = isLearnt(before) && !isLearnt(now);
        events.publish(event.put("path-mtu", now.mtu())
                .put("source", now.mtuSource().word())
                .put("because", isLearnt(now) ? "learnt" : isForgotten ? "expired" : "changed"));
    }

    private static boolean isLearnt(OuterRoute route) {
        return route.mtuSource() == MtuSource.ICMP || route.mtuSource() == MtuSource.ICMP_LOCKED;
    }

    private ObjectNode event(String event, String tunnel) {
        return events.event(event).put("tunnel", tunnel);
    }
}
