package io.culvert.tunnel;

import io.culvert.esp.AssociationSet;
import io.culvert.wire.IpProtocol;
import org.jspecify.annotations.Nullable;

/** The one place that knows which class does which mode. */
final class ModeRegistry {

    private static final @Nullable Decapsulator[] DECAPSULATORS = new Decapsulator[256];
    private static final @Nullable Decapsulator[] IPV6_DECAPSULATORS = new Decapsulator[256];

    static {
        DECAPSULATORS[Mode.IPIP.protocol()] = new IpipDecapsulator();
        DECAPSULATORS[Mode.GRE.protocol()] = new GreDecapsulator(Mode.GRE, Mode.GRETAP, Mode.ERSPAN);
        DECAPSULATORS[Mode.SIT.protocol()] = new SitDecapsulator();
        DECAPSULATORS[Mode.MINENC.protocol()] = new MinencDecapsulator();
        DECAPSULATORS[Mode.VTI.protocol()] = new EspDecapsulator(Mode.VTI);
        DECAPSULATORS[IpProtocol.L2TP] = new L2tpDecapsulator(Mode.L2TP);
        DECAPSULATORS[IpProtocol.UDP] = new UdpDecapsulator(false);
        DECAPSULATORS[IpProtocol.MPLS] = new MplsDecapsulator(false);
        IPV6_DECAPSULATORS[IpProtocol.IPV4] = new Ipv6TunnelDecapsulator(Mode.IPIP6, 4);
        IPV6_DECAPSULATORS[IpProtocol.IPV6] = new Ipv6TunnelDecapsulator(Mode.IP6IP6, 6);
        IPV6_DECAPSULATORS[IpProtocol.MPLS] = new MplsDecapsulator(true);
        IPV6_DECAPSULATORS[Mode.VTI6.protocol()] = new EspDecapsulator(Mode.VTI6);
        IPV6_DECAPSULATORS[IpProtocol.L2TP] = new L2tpDecapsulator(Mode.IP6L2TP);
        IPV6_DECAPSULATORS[IpProtocol.UDP] = new UdpDecapsulator(true);
        IPV6_DECAPSULATORS[IpProtocol.GRE] = new GreDecapsulator(Mode.IP6GRE, Mode.IP6GRETAP, Mode.IP6ERSPAN);
    }

    private ModeRegistry() {}

    static Encapsulator encapsulator(TunnelSpec spec, AssociationSet associations) {
        Encapsulator shim = shim(spec, associations);
        return spec.encap() == null
                ? shim
                : new UdpEncapsulator(spec.encap(), shim, spec.mode().isOuterIpv6());
    }

    private static Encapsulator shim(TunnelSpec spec, AssociationSet associations) {
        return switch (spec.mode()) {
            case GRE, IP6GRE, GRETAP, IP6GRETAP -> new GreEncapsulator(spec);
            case ERSPAN, IP6ERSPAN -> new ErspanEncapsulator(spec);
            case IPIP, SIT, ISATAP, MINENC, IPIP6, IP6IP6, ANY6 ->
                new BareEncapsulator(spec.carries(4), spec.carries(6), spec.carriesMpls());
            case L2TP, IP6L2TP -> new L2tpEncapsulator(spec);
            case PPTP -> new PptpEncapsulator(spec);
            case VTI, VTI6 -> new EspEncapsulator(associations.outbound());
        };
    }

    /** What takes off that protocol behind an outer IPv4 header; null if no mode has it. */
    static @Nullable Decapsulator decapsulator(int protocol) {
        return DECAPSULATORS[protocol];
    }

    /** What takes off that protocol behind an outer IPv6 header; null if no mode has it. */
    static @Nullable Decapsulator ipv6Decapsulator(int protocol) {
        return IPV6_DECAPSULATORS[protocol];
    }
}
