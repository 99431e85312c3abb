package io.culvert.cli.iptunnel;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What a command line of either family says of a tunnel. */
abstract class TunnelParameters {

    String name = "";

    /** The outer address of the peer; null for any. */
    @Nullable
    InetAddress remote;

    /** The outer address of this end; null for any. */
    @Nullable
    InetAddress local;

    @Nullable
    String dev;

    /** TTL or hop limit of the outer header; 0 is the inner header's. */
    int ttl;

    @Nullable
    Integer ikey;

    @Nullable
    Integer okey;

    boolean iseq;
    boolean oseq;
    boolean icsum;
    boolean ocsum;

    /** Takes over a running tunnel's parameters. */
    void load(TunnelSpec spec) {
        name = spec.name();
        remote = spec.remote();
        local = spec.local();
        dev = spec.dev();
        ttl = spec.ttl();
        ikey = spec.ikey();
        okey = spec.okey();
        iseq = spec.iseq();
        oseq = spec.oseq();
        icsum = spec.icsum();
        ocsum = spec.ocsum();
    }

    /** A specification with all that is here. */
    final TunnelSpecBuilder builder(String device, Mode mode) {
        return TunnelSpec.builder(device, mode)
                .local(local)
                .remote(remote)
                .dev(dev)
                .ttl(ttl)
                .ikey(ikey)
                .okey(okey)
                .iseq(iseq)
                .oseq(oseq)
                .icsum(icsum)
                .ocsum(ocsum);
    }

    /** Whether {@code show} with these parameters shows that tunnel of their family. */
    boolean matches(TunnelSpec spec) {
        return (name.isEmpty() || name.equals(spec.name()))
                && (dev == null || dev.equals(spec.dev()))
                && (remote == null || remote.equals(spec.remote()))
                && (local == null || local.equals(spec.local()));
    }
}
