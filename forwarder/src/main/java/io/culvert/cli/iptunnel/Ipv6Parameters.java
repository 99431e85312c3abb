package io.culvert.cli.iptunnel;

import io.culvert.tunnel.Ipv6Outer;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a command line of {@code ip -6 tunnel} says of a tunnel. */
final class Ipv6Parameters {

    String name = "";

    /** The mode; null where any will do. */
    @Nullable
    Mode mode;

    @Nullable
    InetAddress remote;

    @Nullable
    InetAddress local;

    @Nullable
    String dev;

    int hopLimit;
    Ipv6Outer outer = Ipv6Outer.DEFAULT;

    @Nullable
    Integer ikey;

    @Nullable
    Integer okey;

    boolean iseq;
    boolean oseq;
    boolean icsum;
    boolean ocsum;

    /** The parameters that {@code add}, {@code change} and {@code del} start from. */
    static Ipv6Parameters defaults() {
        Ipv6Parameters parameters = new Ipv6Parameters();
        parameters.mode = Mode.IP6IP6;
        parameters.hopLimit = TunnelSpec.defaultTtl(Mode.IP6IP6);
        return parameters;
    }

    /** The parameters that {@code show} starts from: what is 0 is not compared. */
    static Ipv6Parameters any() {
        Ipv6Parameters parameters = new Ipv6Parameters();
        parameters.outer = new Ipv6Outer(0, 0, 0, false, false);
        return parameters;
    }

    /** Takes over a running tunnel's parameters. */
    void load(TunnelSpec spec) {
        name = spec.name();
        mode = spec.mode();
        remote = spec.remote();
        local = spec.local();
        dev = spec.dev();
        hopLimit = spec.ttl();
        outer = spec.ipv6();
        ikey = spec.ikey();
        okey = spec.okey();
        iseq = spec.iseq();
        oseq = spec.oseq();
        icsum = spec.icsum();
        ocsum = spec.ocsum();
    }

    /** The device that stands for the mode in messages. */
    String baseDevice() {
        if (mode == Mode.IP6GRE || mode == Mode.IP6GRETAP) {
            return "ip6gre0";
        }
        return mode == Mode.VTI6 ? "ip6_vti0" : "ip6tnl0";
    }

    /** The specification; of options that only GRE has, {@code ip} drops those that another mode was given. */
    TunnelSpec toSpec(String device) {
        Mode known = Objects.requireNonNull(mode, "add and change start from a mode");
        boolean gre = known.isKeyed();
        boolean keyed = gre || known == Mode.VTI6;
        return TunnelSpec.builder(device, known)
                .local(local)
                .remote(remote)
                .dev(dev)
                .ttl(hopLimit)
                .ipv6(outer)
                .ikey(keyed ? ikey : null)
                .okey(keyed ? okey : null)
                .iseq(gre && iseq)
                .oseq(gre && oseq)
                .icsum(gre && icsum)
                .ocsum(gre && ocsum)
                .build();
    }

    /** Whether {@code show} with these parameters shows that tunnel. */
    boolean matches(TunnelSpec spec) {
        return (name.isEmpty() || name.equals(spec.name()))
                && (dev == null || dev.equals(spec.dev()))
                && (local == null || local.equals(spec.local()))
                && (remote == null || remote.equals(spec.remote()))
                && (mode == null || mode == Mode.ANY6 || spec.mode() == Mode.ANY6 || mode == spec.mode())
                && (outer.encapLimit() <= 0 || outer.encapLimit() == spec.ipv6().encapLimit())
                && (hopLimit == 0 || hopLimit == spec.ttl())
                && matches(spec.ipv6());
    }

    /** Of the words that set a flag, one that both have is enough, as in {@code ip}. */
    private boolean matches(Ipv6Outer other) {
        int flags = flags(outer);
        return (outer.trafficClass() <= 0 || outer.trafficClass() == other.trafficClass())
                && (outer.flowLabel() <= 0 || outer.flowLabel() == other.flowLabel())
                && (flags == 0 || (flags & flags(other)) != 0);
    }

    private static int flags(Ipv6Outer outer) {
        return (outer.encapLimit() == Ipv6Outer.NO_LIMIT ? 1 : 0)
                | (outer.trafficClass() == Ipv6Outer.INHERIT ? 2 : 0)
                | (outer.flowLabel() == Ipv6Outer.INHERIT ? 4 : 0)
                | (outer.dscpInherit() ? 8 : 0)
                | (outer.allowLocalRemote() ? 16 : 0);
    }
}
