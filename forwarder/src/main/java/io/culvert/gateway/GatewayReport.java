package io.culvert.gateway;

import com.sun.management.ThreadMXBean;
import io.culvert.config.SaKeys;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.esp.SecurityAssociation;
import io.culvert.icmp.ErrorKind;
import io.culvert.linux.netlink.Link;
import io.culvert.pipeline.PathCounters;
import io.culvert.pipeline.PtyPort;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.IcmpCounters;
import io.culvert.tunnel.OuterHeader;
import io.culvert.tunnel.Tunnel;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a running gateway says of itself, as the tree that {@code culvert show -j} prints. */
@SuppressWarnings("EnumOrdinal") // an index into an array of this call
final class GatewayReport {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final double NANOS_PER_SECOND = 1e9;

    /** Why a tunnel with keepalives is down. */
    static final String SILENT = "no keepalive comes back from the peer";

    private GatewayReport() {}

    /** A tunnel: its specification, its device, where its packets go, and its counters. */
    static ObjectNode tunnel(Tunnel tunnel, @Nullable Link link, Map<InetAddress, PathMtus.Learnt> pathMtus) {
        ObjectNode node = TunnelSpecCodec.encode(tunnel.spec());
        OuterHeader outer = tunnel.outerHeader();
        associations(tunnel, node);
        if (!tunnel.spec().isPpp()) {
            node.put("ifindex", tunnel.deviceIndex());
            node.put("mtu", link == null ? 0 : link.mtu());
        }
        String reason = reason(tunnel, link);
        boolean isOff = link != null && !link.isUp();
        node.put("state", isOff || reason != null ? "down" : "up");
        if (reason != null) {
            node.put("reason", reason);
        }
        node.put("lane", outer.isSuper() ? "super" : outer.isResolved() ? "split" : "raw");
        node.put("path-mtu", outer.route().mtu());
        node.put("path-mtu-source", outer.route().mtuSource().word());
        learntPathMtus(pathMtus, node);
        Counters encap = tunnel.encapCounters();
        ObjectNode encapNode = counters(encap);
        long queueFull = queueDrops(link);
        if (queueFull > 0) {
            ((ObjectNode) encapNode.get("drops")).put(DropReason.TUN_QUEUE_FULL.word(), queueFull);
        }
        node.set("encapsulation", encapNode);
        node.set("decapsulation", counters(tunnel.decapCounters()));
        node.set("icmp", icmp(tunnel.icmpCounters()));
        return node;
    }

    /** Why nothing goes through the tunnel, as far as that needs to be said; null if nothing hinders it. */
    private static @Nullable String reason(Tunnel tunnel, @Nullable Link link) {
        DropReason unusable = tunnel.outerHeader().unusable();
        if (unusable != null) {
            return unusable.text();
        }
        if (tunnel.device() instanceof PtyPort pty) {
            return pty.isHungUp() ? "no program has its pty open, and has written to it: run pppd on it" : null;
        }
        if (link == null) {
            return "its device was removed, and is made again as soon as can be";
        }
        return tunnel.keepalives().isSilent() ? SILENT : null;
    }

    private static void learntPathMtus(Map<InetAddress, PathMtus.Learnt> pathMtus, ObjectNode node) {
        if (pathMtus.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        ArrayNode array = node.putArray("learnt-path-mtus");
        pathMtus.forEach((destination, learnt) -> array.addObject()
                .put("destination", destination.getHostAddress())
                .put("path-mtu", learnt.mtu())
                .put("source", learnt.source().word())
                .put("seconds-left", learnt.secondsLeft(now)));
    }

    /** ICMP errors about a tunnel's outer packets that were believed. */
    private static ObjectNode icmp(IcmpCounters counters) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ObjectNode received = node.putObject("received");
        for (ErrorKind kind : ErrorKind.values()) {
            long count = counters.receivedErrors(kind);
            if (count > 0) {
                received.put(kind.word(), count);
            }
        }
        node.put("relayed", counters.relayedErrors());
        node.put("path-mtus-learnt", counters.learntPathMtus());
        return node;
    }

    /** ICMP errors about outer packets that were not believed. */
    static ObjectNode refusedErrors(Map<ErrorRefusal, Long> refused) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        refused.forEach((reason, count) -> node.put(reason.word(), count));
        return node;
    }

    /** A tunnel's security associations, with counters in place of keys. */
    private static void associations(Tunnel tunnel, ObjectNode node) {
        List<SecurityAssociation> all = tunnel.associations().all();
        if (all.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        ArrayNode array = node.putArray(SaKeys.SA);
        for (SecurityAssociation association : all) {
            ObjectNode own = array.addObject();
            SaKeys.write(association.spec(), own);
            own.put("state", association.isExpired() ? "expired" : "valid");
            own.put("seconds", association.seconds(now));
            own.put("packets", association.packets());
            own.put("bytes", association.bytes());
            own.put("sequence", association.lastSequence());
            own.put("replayed", association.replayedPackets());
            own.put("forged", association.forgedPackets());
        }
    }

    /** Packets that the kernel dropped because the device's transmit queue was full. */
    static long queueDrops(@Nullable Link link) {
        return link == null ? 0 : link.statistics().txDropped();
    }

    /**
     * A path: all that arrived for it, and what became of it over all tunnels; received is the sum of forwarded, answered
     * and all drops, but for packets in flight.
     *
     * @param queueReason what a full kernel queue in front of the path is called
     * @param queueDrops packets that the kernel dropped there
     */
    static ObjectNode path(
            String name, PathCounters path, List<Counters> tunnels, DropReason queueReason, long queueDrops) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        long forwarded = path.withoutTunnel().packets();
        long answered = path.withoutTunnel().answeredPackets();
        long[] drops = new long[DropReason.COUNT];
        addDrops(path.withoutTunnel(), drops);
        drops[queueReason.ordinal()] += queueDrops;
        for (Counters counters : tunnels) {
            forwarded += counters.packets();
            answered += counters.answeredPackets();
            addDrops(counters, drops);
        }
        node.put("path", name);
        node.put("received", path.receivedPackets() + queueDrops);
        node.put("forwarded", forwarded);
        node.put("answered", answered);
        ObjectNode dropNode = node.putObject("drops");
        DropReason[] reasons = DropReason.values();
        for (int i = 0; i < drops.length; i++) {
            if (drops[i] > 0) {
                dropNode.put(reasons[i].word(), drops[i]);
            }
        }
        return node;
    }

    /** Processor time and allocation of the gateway's threads. */
    static ArrayNode threads(List<Thread> threads) {
        ArrayNode nodes = JsonNodeFactory.instance.arrayNode();
        for (Thread thread : threads) {
            ObjectNode node = nodes.addObject();
            node.put("name", thread.getName());
            node.put("cpu-seconds", THREADS.getThreadCpuTime(thread.threadId()) / NANOS_PER_SECOND);
            node.put("allocated-bytes", THREADS.getThreadAllocatedBytes(thread.threadId()));
        }
        return nodes;
    }

    private static ObjectNode counters(Counters counters) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("packets", counters.packets());
        node.put("bytes", counters.bytes());
        node.put("answered", counters.answeredPackets());
        ObjectNode drops = node.putObject("drops");
        for (DropReason reason : DropReason.values()) {
            long count = counters.drops(reason);
            if (count > 0) {
                drops.put(reason.word(), count);
            }
        }
        return node;
    }

    private static void addDrops(Counters counters, long[] drops) {
        DropReason[] reasons = DropReason.values();
        for (int i = 0; i < drops.length; i++) {
            drops[i] += counters.drops(reasons[i]);
        }
    }
}
