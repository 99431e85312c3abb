package io.culvert.tunnel;

import io.culvert.wire.Icmpv6Flyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Asks the default routers of an isatap tunnel for advertisements, each by itself, as no packet reaches all of them: RFC
 * 5214 section 8.3.4. The kernel uses the answers. The conductor's thread only.
 */
public final class RouterSolicitor {

    /** Between solicitations of one router that has not answered yet, RFC 4861 section 10. */
    private static final int SOLICITATION_SECONDS = 4;

    /** Solicitations at that interval, RFC 4861 section 10. */
    private static final int MAX_SOLICITATIONS = 3;

    /** MinRouterSolicitInterval of RFC 5214 section 8.3.1. */
    static final int MIN_INTERVAL_SECONDS = 120;

    private static final int OUTER = Ipv4Flyweight.MIN_HEADER_LENGTH;
    private static final int INNER = Ipv6Flyweight.HEADER_LENGTH;
    private static final int DEFAULT_TTL = 64;

    /** RFC 4861 section 6.1.1: so no router can have forwarded it. */
    private static final int NEIGHBOUR_HOP_LIMIT = 255;

    private final Tunnel tunnel;
    private final Isatap isatap;
    private final int[] sent;
    private final long[] nextNanos;
    private boolean started;

    RouterSolicitor(Tunnel tunnel, Isatap isatap) {
        this.tunnel = tunnel;
        this.isatap = isatap;
        sent = new int[isatap.defaultRouters().length];
        nextNanos = new long[sent.length];
    }

    /** The outer packets that are to be sent now: a solicitation for each router whose time has come. */
    public List<byte[]> due(long nowNanos) {
        if (!started) {
            started = true;
            Arrays.fill(nextNanos, nowNanos);
        }
        List<byte[]> due = new ArrayList<>();
        for (int i = 0; i < sent.length; i++) {
            int lifetime = isatap.takeAdvertised(i);
            if (lifetime >= 0) {
                sent[i] = MAX_SOLICITATIONS;
                nextNanos[i] = nowNanos + nanos(Math.max(lifetime / 2, MIN_INTERVAL_SECONDS));
            }
            if (nowNanos - nextNanos[i] >= 0) {
                sent[i]++;
                nextNanos[i] =
                        nowNanos + nanos(sent[i] < MAX_SOLICITATIONS ? SOLICITATION_SECONDS : MIN_INTERVAL_SECONDS);
                due.add(solicitation(isatap.defaultRouters()[i]));
            }
        }
        return due;
    }

    private static long nanos(int seconds) {
        return seconds * 1_000_000_000L;
    }

    private byte[] solicitation(int router) {
        byte[] packet = new byte[OUTER + INNER + Icmpv6Flyweight.HEADER_LENGTH];
        UnsafeBuffer buffer = new UnsafeBuffer(packet);
        int ttl = tunnel.spec().ttl();
        new Ipv4Flyweight()
                .wrap(buffer, 0)
                .headerLength(OUTER)
                .totalLength(packet.length)
                .ttl(ttl == 0 ? DEFAULT_TTL : ttl)
                .protocol(IpProtocol.IPV6)
                .source(tunnel.local())
                .destination(router)
                .updateChecksum();
        Ipv6Flyweight inner = new Ipv6Flyweight()
                .wrap(buffer, OUTER)
                .trafficClass(0)
                .flowLabel(0)
                .payloadLength(Icmpv6Flyweight.HEADER_LENGTH)
                .nextHeader(IpProtocol.ICMPV6)
                .hopLimit(NEIGHBOUR_HOP_LIMIT)
                .source(address(tunnel.local()), 0)
                .destination(address(router), 0);
        new Icmpv6Flyweight()
                .wrap(buffer, OUTER + INNER)
                .type(Icmpv6Flyweight.ROUTER_SOLICITATION)
                .updateChecksum(
                        inner.pseudoHeader(IpProtocol.ICMPV6, Icmpv6Flyweight.HEADER_LENGTH),
                        Icmpv6Flyweight.HEADER_LENGTH);
        return packet;
    }

    private static UnsafeBuffer address(int outer) {
        InetAddress linkLocal = Isatap.linkLocal(outer);
        return new UnsafeBuffer(linkLocal.getAddress());
    }
}
