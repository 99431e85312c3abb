package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.NextHops.Hop;
import io.culvert.wire.Addresses;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NextHopsTest {

    @Test
    void findsNothingWithoutRoutes() {
        assertThat(NextHops.NONE.find(0xc0000201)).isZero();
        assertThat(NextHops.NONE.find(-1L, -1L)).isZero();
    }

    @Test
    void theLongestPrefixWins() {
        NextHops hops = new NextHops(List.of(
                new Hop(Prefix.parse("0.0.0.0/0"), 1),
                new Hop(Prefix.parse("192.0.2.0/24"), 2),
                new Hop(Prefix.parse("192.0.2.128/25"), 0),
                new Hop(Prefix.parse("192.0.2.129/32"), 3),
                new Hop(Prefix.parse("::/0"), 4),
                new Hop(Prefix.parse("2001:db8::/32"), 5),
                new Hop(Prefix.parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"), 6)));

        assertThat(hops.find(0x0a000001)).isEqualTo(1);
        assertThat(hops.find(0xc000027f)).isEqualTo(2);
        assertThat(hops.find(0xc0000280)).isZero();
        assertThat(hops.find(0xc0000281)).isEqualTo(3);
        assertThat(hops.find(0xc0000282)).isZero();
        assertThat(hops.find(0xc0000300)).isEqualTo(1);
        assertThat(hops.find(-1)).isEqualTo(1);
        assertThat(hops.find(0x2001_0db8_ffff_ffffL, -1L)).isEqualTo(5);
        assertThat(hops.find(0x2001_0db9_0000_0000L, 0)).isEqualTo(4);
        assertThat(hops.find(-1L, -2L)).isEqualTo(4);
        assertThat(hops.find(-1L, -1L)).isEqualTo(6);
    }

    @Test
    void findsWhatALinearSearchFinds() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            List<Hop> routes = new ArrayList<>();
            for (int i = 1; i < 12; i++) {
                int length = random.nextInt(33);
                int network = length == 0 ? 0 : random.nextInt() & 0xf00f_000f & -1 << (32 - length);
                Hop hop = new Hop(new Prefix(TestTunnels.ipv4(network), length), i);
                if (routes.stream().noneMatch(other -> other.destination().equals(hop.destination()))) {
                    routes.add(hop);
                }
            }
            NextHops hops = new NextHops(routes);
            for (int i = 0; i < 100; i++) {
                int address = random.nextInt() & 0xf00f_000f;
                assertThat(hops.find(address)).isEqualTo(linear(routes, address));
            }
        }
    }

    private static int linear(List<Hop> routes, int address) {
        int longest = -1;
        int outer = 0;
        for (Hop hop : routes) {
            int length = hop.destination().length();
            int mask = length == 0 ? 0 : -1 << (32 - length);
            if ((address & mask) == Addresses.toInt(hop.destination().address()) && length > longest) {
                longest = length;
                outer = hop.outer();
            }
        }
        return outer;
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.2, cb007102",
        "::192.88.99.1, c0586301",
        "fe80::5efe:cb00:7102, cb007102",
        "fe80::200:5efe:cb00:7102, cb007102",
        "fe80::1, 0",
        "fe80::100:5efe:cb00:7102, 0",
        "::1:0:1, 0"
    })
    void findsTheOuterAddressInAGateway(String gateway, String outer) {
        assertThat(Integer.toHexString(NextHops.embedded(InetAddress.ofLiteral(gateway))))
                .isEqualTo(outer);
    }
}
