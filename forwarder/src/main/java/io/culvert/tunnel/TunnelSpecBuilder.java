package io.culvert.tunnel;

import io.culvert.esp.SaSpec;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects a specification's values; one thread. */
public final class TunnelSpecBuilder {
    private final String name;
    private final Mode mode;
    private @Nullable InetAddress local;
    private @Nullable InetAddress remote;
    private @Nullable String dev;
    private int ttl;
    private int tos;
    private @Nullable Integer ikey;
    private @Nullable Integer okey;
    private boolean iseq;
    private boolean oseq;
    private boolean icsum;
    private boolean ocsum;
    private boolean pmtudisc = true;
    private boolean ignoreDf;
    private int mtu;
    private Ipv6Outer ipv6 = Ipv6Outer.DEFAULT;
    private List<Prefix> addresses = List.of();
    private List<Prefix> routes = List.of();
    private List<Prefix> innerSource = List.of();
    private @Nullable UdpEncap encap;
    private @Nullable Keepalive keepalive;
    private Payload payload;
    private SitOptions sit = SitOptions.DEFAULT;
    private ErspanOptions erspan = ErspanOptions.DEFAULT;
    private L2tpOptions l2tp = L2tpOptions.DEFAULT;
    private PptpOptions pptp = PptpOptions.DEFAULT;
    private List<SaSpec> sa = List.of();

    TunnelSpecBuilder(String name, Mode mode) {
        this.name = name;
        this.mode = mode;
        ttl = TunnelSpec.defaultTtl(mode);
        payload = Payload.defaultOf(mode);
    }

    /** A builder with everything that a specification has, for another name. */
    static TunnelSpecBuilder of(TunnelSpec spec, String name) {
        return new TunnelSpecBuilder(name, spec.mode())
                .local(spec.local())
                .remote(spec.remote())
                .dev(spec.dev())
                .ttl(spec.ttl())
                .tos(spec.tos())
                .ikey(spec.ikey())
                .okey(spec.okey())
                .iseq(spec.iseq())
                .oseq(spec.oseq())
                .icsum(spec.icsum())
                .ocsum(spec.ocsum())
                .pmtudisc(spec.pmtudisc())
                .ignoreDf(spec.ignoreDf())
                .mtu(spec.mtu())
                .ipv6(spec.ipv6())
                .addresses(spec.addresses())
                .routes(spec.routes())
                .innerSource(spec.innerSource())
                .encap(spec.encap())
                .keepalive(spec.keepalive())
                .payload(spec.payload())
                .sit(spec.sit())
                .erspan(spec.erspan())
                .l2tp(spec.l2tp())
                .pptp(spec.pptp())
                .sa(spec.sa());
    }

    public TunnelSpecBuilder local(@Nullable InetAddress address) {
        local = address;
        return this;
    }

    public TunnelSpecBuilder remote(@Nullable InetAddress address) {
        remote = address;
        return this;
    }

    public TunnelSpecBuilder dev(@Nullable String device) {
        dev = device;
        return this;
    }

    public TunnelSpecBuilder ttl(int value) {
        ttl = value;
        return this;
    }

    public TunnelSpecBuilder tos(int value) {
        tos = value;
        return this;
    }

    public TunnelSpecBuilder key(@Nullable Integer value) {
        return ikey(value).okey(value);
    }

    public TunnelSpecBuilder ikey(@Nullable Integer value) {
        ikey = value;
        return this;
    }

    public TunnelSpecBuilder okey(@Nullable Integer value) {
        okey = value;
        return this;
    }

    public TunnelSpecBuilder seq(boolean on) {
        return iseq(on).oseq(on);
    }

    public TunnelSpecBuilder iseq(boolean on) {
        iseq = on;
        return this;
    }

    public TunnelSpecBuilder oseq(boolean on) {
        oseq = on;
        return this;
    }

    public TunnelSpecBuilder csum(boolean on) {
        return icsum(on).ocsum(on);
    }

    public TunnelSpecBuilder icsum(boolean on) {
        icsum = on;
        return this;
    }

    public TunnelSpecBuilder ocsum(boolean on) {
        ocsum = on;
        return this;
    }

    public TunnelSpecBuilder pmtudisc(boolean on) {
        pmtudisc = on;
        return this;
    }

    public TunnelSpecBuilder ignoreDf(boolean on) {
        ignoreDf = on;
        return this;
    }

    public TunnelSpecBuilder mtu(int bytes) {
        mtu = bytes;
        return this;
    }

    public TunnelSpecBuilder ipv6(Ipv6Outer value) {
        ipv6 = value;
        return this;
    }

    public TunnelSpecBuilder addresses(List<Prefix> prefixes) {
        addresses = prefixes;
        return this;
    }

    public TunnelSpecBuilder routes(List<Prefix> prefixes) {
        routes = prefixes;
        return this;
    }

    public TunnelSpecBuilder innerSource(List<Prefix> prefixes) {
        innerSource = prefixes;
        return this;
    }

    public TunnelSpecBuilder encap(@Nullable UdpEncap udp) {
        encap = udp;
        return this;
    }

    public TunnelSpecBuilder keepalive(@Nullable Keepalive value) {
        keepalive = value;
        return this;
    }

    public TunnelSpecBuilder payload(Payload carried) {
        payload = carried;
        return this;
    }

    public TunnelSpecBuilder sit(SitOptions options) {
        sit = options;
        return this;
    }

    public TunnelSpecBuilder erspan(ErspanOptions options) {
        erspan = options;
        return this;
    }

    public TunnelSpecBuilder l2tp(L2tpOptions options) {
        l2tp = options;
        return this;
    }

    public TunnelSpecBuilder pptp(PptpOptions options) {
        pptp = options;
        return this;
    }

    public TunnelSpecBuilder sa(List<SaSpec> associations) {
        sa = associations;
        return this;
    }

    /** The specification, unchecked: ask {@link TunnelSpec#problems()}. */
    public TunnelSpec build() {
        return new TunnelSpec(
                name,
                mode,
                local,
                remote,
                dev,
                ttl,
                tos,
                ikey,
                okey,
                iseq,
                oseq,
                icsum,
                ocsum,
                pmtudisc,
                ignoreDf,
                mtu,
                ipv6,
                addresses,
                routes,
                innerSource,
                encap,
                keepalive,
                payload,
                sit,
                erspan,
                l2tp,
                pptp,
                sa);
    }
}
