package io.culvert.cli.iptunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.TunnelSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines that iproute2 printed for these command lines, as its commit messages show them. */
final class Ipv6PrinterTest {

    private static final TunnelPrinter PRINTER = new TunnelPrinter(new TunnelOptions(true, false, false, false, false));

    @Test
    void printsWhatIpPrints() throws Exception {
        Words words = new Words(
                List.of("mode ip6gre local fd::1 remote fd::2 tos inherit ttl 127 encaplimit none".split(" ")));
        TunnelSpec spec =
                Ipv6Arguments.parse(words, Ipv6Parameters.defaults(), null).toSpec("ip6tnl1");

        assertThat(PRINTER.line(spec))
                .isEqualTo("ip6tnl1: gre/ipv6 remote fd::2 local fd::1 encaplimit none hoplimit 127 tclass inherit"
                        + " flowlabel 0x00000 (flowinfo 0x00000000)");
    }

    @Test
    void startsFromTheDefaults() throws Exception {
        TunnelSpec spec = Ipv6Arguments.parse(new Words(List.of()), Ipv6Parameters.defaults(), null)
                .toSpec("ip6tnl1");

        assertThat(PRINTER.line(spec))
                .isEqualTo("ip6tnl1: ipv6/ipv6 remote :: local :: encaplimit 4 hoplimit 64 tclass 0x00"
                        + " flowlabel 0x00000 (flowinfo 0x00000000)");
    }
}
