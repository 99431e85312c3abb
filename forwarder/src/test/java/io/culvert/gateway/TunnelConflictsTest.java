package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.config.TunnelChanges;
import io.culvert.tunnel.L2tpCookie;
import io.culvert.tunnel.L2tpOptions;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.UdpEncap;
import io.culvert.tunnel.UdpEncap.Kind;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TunnelConflictsTest {

    private static TunnelSpec tunnel(String name, Mode mode, Kind kind) {
        String prefix = mode.isOuterIpv6() ? "2001:db8::" : "203.0.113.";
        return TunnelSpec.builder(name, mode)
                .local(InetAddress.ofLiteral(prefix + "1"))
                .remote(InetAddress.ofLiteral(prefix + "2"))
                .encap(new UdpEncap(kind, 0, 5555, false))
                .build();
    }

    private static void add(TunnelSpec present, TunnelSpec added) {
        TunnelConflicts.refuse(List.of(present), TunnelChanges.add(added));
    }

    @Test
    void refusesAUdpPortThatWouldReceiveTwoThings() {
        assertThatThrownBy(() -> add(tunnel("gre1", Mode.GRE, Kind.FOU), tunnel("ipip1", Mode.IPIP, Kind.FOU)))
                .isInstanceOf(GatewayException.class)
                .hasMessage("tunnel \"ipip1\": UDP port 5555 receives something else for tunnel \"gre1\": give each its"
                        + " own encap-dport, or use encap \"gue\" for both");
        assertThatCode(() -> add(tunnel("gre1", Mode.GRE, Kind.GUE), tunnel("ipip1", Mode.IPIP, Kind.GUE)))
                .doesNotThrowAnyException();
        // Over IPv6 it is another port.
        assertThatCode(() -> add(tunnel("gre1", Mode.GRE, Kind.FOU), tunnel("any1", Mode.ANY6, Kind.GUE)))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesTwoTunnelsThatWouldTakeTheSamePackets() {
        assertThatThrownBy(() -> add(tunnel("gre1", Mode.GRE, Kind.FOU), tunnel("gre2", Mode.GRE, Kind.FOU)))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("has mode, local, remote, ikey and dev of tunnel \"gre1\"");
    }

    private static TunnelSpec session(String name, String remote, int id) {
        return TunnelSpec.builder(name, Mode.L2TP)
                .local(InetAddress.ofLiteral("203.0.113.1"))
                .remote(InetAddress.ofLiteral(remote))
                .l2tp(new L2tpOptions(1, 2, id, id, L2tpCookie.NONE, L2tpCookie.NONE, true, false))
                .build();
    }

    @Test
    void refusesSessionsOfOneL2tpTunnelThatDifferInIt() {
        assertThatCode(() -> add(session("s1", "203.0.113.2", 1), session("s2", "203.0.113.2", 2)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> add(session("s1", "203.0.113.2", 1), session("s2", "203.0.113.3", 2)))
                .isInstanceOf(GatewayException.class)
                .hasMessage("tunnel \"s2\": tunnel_id 1 is that of tunnel \"s1\", which has another peer_tunnel_id,"
                        + " mode, local, remote or encap: give both the same, or another tunnel_id");
    }

    private static void change(Mode from, Mode to) {
        TunnelConflicts.refuse(List.of(tunnel("t1", from, Kind.GUE)), TunnelChanges.change(tunnel("t1", to, Kind.GUE)));
    }

    /** A device is TUN or TAP for good. */
    @Test
    void refusesAModeThatTheDeviceIsNotFor() {
        assertThatThrownBy(() -> change(Mode.GRE, Mode.GRETAP))
                .isInstanceOf(GatewayException.class)
                .hasMessage(
                        "tunnel \"t1\": its device is one for mode gre, which mode gretap cannot use: delete the tunnel"
                                + " first, or use another name");
        assertThatThrownBy(() -> change(Mode.L2TP, Mode.IPIP)).isInstanceOf(GatewayException.class);
        assertThatThrownBy(() -> change(Mode.GRETAP, Mode.L2TP)).isInstanceOf(GatewayException.class);
        assertThatCode(() -> change(Mode.GRE, Mode.IPIP)).doesNotThrowAnyException();
        assertThatCode(() -> change(Mode.GRETAP, Mode.IP6GRETAP)).doesNotThrowAnyException();
    }
}
