package io.culvert.cli.iptunnel;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Payload;
import io.culvert.tunnel.PptpOptions;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.wire.Addresses;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What a command line of {@code ip tunnel} says of a tunnel. */
final class Ipv4Parameters extends TunnelParameters {

    /** The IPv4 modes of {@code ip tunnel}, and gretap and pptp, which are Culvert's own here; two with the same protocol may both be named. */
    enum IpMode {
        IPIP(4, "tunl0", Mode.IPIP),
        GRE(47, "gre0", Mode.GRE),
        GRETAP(47, "gretap0", Mode.GRETAP),
        SIT(41, "sit0", Mode.SIT),
        ISATAP(41, "sit0", Mode.ISATAP),
        PPTP(47, "pptp0", Mode.PPTP),
        VTI(4, "ip_vti0", Mode.VTI);

        private final int protocol;
        private final String baseDevice;
        private final Mode mode;

        IpMode(int protocol, String baseDevice, Mode mode) {
            this.protocol = protocol;
            this.baseDevice = baseDevice;
            this.mode = mode;
        }

        /** The first mode that is the gateway's. */
        static @Nullable IpMode of(Mode gatewayMode) {
            for (IpMode ipMode : values()) {
                if (ipMode.mode == gatewayMode) {
                    return ipMode;
                }
            }
            return null;
        }

        int protocol() {
            return protocol;
        }

        /** The device that stands for the mode in messages. */
        String baseDevice() {
            return baseDevice;
        }

        /** The gateway's mode. */
        Mode mode() {
            return mode;
        }
    }

    @Nullable
    IpMode mode;

    /** What is carried, where another word than the mode says so; null if the mode says it. */
    @Nullable
    Payload payload;

    /** The call of mode pptp. */
    PptpOptions pptp = PptpOptions.DEFAULT;

    int tos;
    boolean pmtudisc = true;

    @Override
    void load(TunnelSpec spec) {
        super.load(spec);
        mode = IpMode.of(spec.mode());
        payload = spec.payload();
        pptp = spec.pptp();
        tos = spec.tos();
        pmtudisc = spec.pmtudisc();
    }

    /** The mode's base device, or null if there is no mode. */
    @Nullable
    String baseDevice() {
        return mode == null ? null : mode.baseDevice();
    }

    /** The specification for a mode that the gateway has. */
    TunnelSpec toSpec(String device, Mode gatewayMode) {
        TunnelSpecBuilder spec =
                builder(device, gatewayMode).tos(tos).pmtudisc(pmtudisc).pptp(pptp);
        if (payload != null && gatewayMode.choosesPayload()) {
            spec.payload(payload);
        }
        // As in Linux: those that a group gives to every mode have a place in some only.
        boolean hasKeys = gatewayMode.isKeyed() || gatewayMode.isProtected();
        return hasKeys ? spec.build() : spec.ikey(null).okey(null).build();
    }

    @Override
    boolean matches(TunnelSpec spec) {
        return super.matches(spec) && (ikey == null || ikey == 0 || ikey.equals(spec.ikey()));
    }

    /** The address that is this int in host order; null for 0, which is any. */
    static @Nullable InetAddress toAddress(int address) {
        return address == 0 ? null : Addresses.ipv4(address);
    }
}
