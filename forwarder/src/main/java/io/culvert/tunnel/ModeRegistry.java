package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;
import org.jspecify.annotations.Nullable;

/** The one place that knows which class does which mode. */
final class ModeRegistry {

    private static final @Nullable Decapsulator[] DECAPSULATORS = new Decapsulator[256];

    static {
        DECAPSULATORS[Mode.IPIP.protocol()] = new IpipDecapsulator();
        DECAPSULATORS[Mode.GRE.protocol()] = new GreDecapsulator();
        DECAPSULATORS[Mode.SIT.protocol()] = new SitDecapsulator();
        DECAPSULATORS[IpProtocol.UDP] = new UdpDecapsulator();
        DECAPSULATORS[IpProtocol.MPLS] = new MplsDecapsulator();
    }

    private ModeRegistry() {}

    static Encapsulator encapsulator(TunnelSpec spec) {
        Encapsulator shim = shim(spec);
        return spec.encap() == null ? shim : new UdpEncapsulator(spec.encap(), shim);
    }

    private static Encapsulator shim(TunnelSpec spec) {
        return switch (spec.mode()) {
            case IPIP -> new IpipEncapsulator();
            case GRE -> new GreEncapsulator(spec);
            case SIT -> new SitEncapsulator(spec.sit().payload());
        };
    }

    /** What takes off that outer protocol; null if no mode has it. */
    static @Nullable Decapsulator decapsulator(int protocol) {
        return DECAPSULATORS[protocol];
    }
}
