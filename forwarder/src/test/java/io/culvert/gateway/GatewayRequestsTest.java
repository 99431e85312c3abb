package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.TunnelSpecCodec;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.tunnel.UdpEncap;
import io.culvert.tunnel.UdpEncap.Kind;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What a change by {@code ip tunnel}'s words leaves as it is. */
final class GatewayRequestsTest {

    private static TunnelSpecBuilder gre() {
        return TunnelSpec.builder("gre1", Mode.GRE)
                .local(InetAddress.ofLiteral("203.0.113.1"))
                .remote(InetAddress.ofLiteral("203.0.113.2"));
    }

    private static @Nullable TunnelSpec changed(TunnelSpec present, ObjectNode arguments) {
        return TunnelSpecCodec.decode(GatewayRequests.keep(present, arguments)).spec();
    }

    @Test
    void keepsWhatIpTunnelHasNoWordFor() {
        UdpEncap encap = new UdpEncap(Kind.GUE, 4444, 5555, true);
        List<Prefix> prefixes = List.of(Prefix.parse("10.0.0.0/8"));
        TunnelSpec present = gre().key(7)
                .ttl(9)
                .mtu(1400)
                .addresses(prefixes)
                .innerSource(prefixes)
                .encap(encap)
                .build();

        TunnelSpec changed =
                changed(present, TunnelSpecCodec.encode(gre().csum(true).build()));

        assertThat(changed)
                .isEqualTo(gre().csum(true)
                        .mtu(1400)
                        .addresses(prefixes)
                        .innerSource(prefixes)
                        .encap(encap)
                        .build());
    }

    @Test
    void replacesAnEncapAsAWhole() {
        TunnelSpec present =
                gre().encap(new UdpEncap(Kind.GUE, 4444, 5555, true)).build();

        assertThat(changed(present, TunnelSpecCodec.encode(gre().build()).put("encap", "none")))
                .isEqualTo(gre().build());
    }
}
