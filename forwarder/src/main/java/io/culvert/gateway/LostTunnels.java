package io.culvert.gateway;

import io.culvert.tunnel.Tunnel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tunnels whose devices somebody else removed, until they are made again: tried at once, then after 1, 2, 4, ... seconds, at
 * most a minute. The conductor's thread only.
 */
final class LostTunnels {

    private static final int LONGEST_PAUSE = 60;

    private final Map<String, Lost> byName = new LinkedHashMap<>();

    private static final class Lost {
        private final Tunnel tunnel;
        private int pause;
        private int left;

        private Lost(Tunnel tunnel) {
            this.tunnel = tunnel;
        }
    }

    void add(Tunnel tunnel) {
        byName.put(tunnel.spec().name(), new Lost(tunnel));
    }

    /** The lost tunnel of that name, which is no longer waited for; null if there is none. */
    @Nullable
    Tunnel take(String name) {
        Lost lost = byName.remove(name);
        return lost == null ? null : lost.tunnel;
    }

    @Nullable
    Tunnel named(String name) {
        Lost lost = byName.get(name);
        return lost == null ? null : lost.tunnel;
    }

    List<Tunnel> all() {
        return byName.values().stream().map(lost -> lost.tunnel).toList();
    }

    /** Those whose turn it is; called once a second. */
    List<Tunnel> due() {
        List<Tunnel> due = new ArrayList<>();
        for (Lost lost : byName.values()) {
            if (lost.left-- <= 0) {
                due.add(lost.tunnel);
            }
        }
        return due;
    }

    /** A tunnel's device could not be made: it waits longer. */
    void failed(Tunnel tunnel) {
        Lost lost = byName.get(tunnel.spec().name());
        if (lost != null) {
            lost.pause = Math.min(Math.max(2 * lost.pause, 1), LONGEST_PAUSE);
            lost.left = lost.pause;
        }
    }
}
