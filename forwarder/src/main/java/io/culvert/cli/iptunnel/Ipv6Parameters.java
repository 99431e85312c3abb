package io.culvert.cli.iptunnel;

import io.culvert.tunnel.Ipv6Outer;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a command line of {@code ip -6 tunnel} says of a tunnel. */
final class Ipv6Parameters extends TunnelParameters {

    /** The mode; null where any will do. */
    @Nullable
    Mode mode;

    Ipv6Outer outer = Ipv6Outer.DEFAULT;

    /** The parameters that {@code add}, {@code change} and {@code del} start from. */
    static Ipv6Parameters defaults() {
        Ipv6Parameters parameters = new Ipv6Parameters();
        parameters.mode = Mode.IP6IP6;
        parameters.ttl = TunnelSpec.defaultTtl(Mode.IP6IP6);
        return parameters;
    }

    /** The parameters that {@code show} starts from: what is 0 is not compared. */
    static Ipv6Parameters any() {
        Ipv6Parameters parameters = new Ipv6Parameters();
        parameters.outer = new Ipv6Outer(0, 0, 0, false, false);
        return parameters;
    }

    @Override
    void load(TunnelSpec spec) {
        super.load(spec);
        mode = spec.mode();
        outer = spec.ipv6();
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
        TunnelSpecBuilder spec = builder(device, known).ipv6(outer);
        if (!known.isKeyed()) {
            spec.iseq(false).oseq(false).icsum(false).ocsum(false);
        }
        if (!known.isKeyed() && known != Mode.VTI6) {
            spec.ikey(null).okey(null);
        }
        return spec.build();
    }

    @Override
    boolean matches(TunnelSpec spec) {
        return super.matches(spec)
                && (mode == null || mode == Mode.ANY6 || spec.mode() == Mode.ANY6 || mode == spec.mode())
                && (outer.encapLimit() <= 0 || outer.encapLimit() == spec.ipv6().encapLimit())
                && (ttl == 0 || ttl == spec.ttl())
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
