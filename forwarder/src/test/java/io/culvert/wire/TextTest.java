package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.SeededCases;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class TextTest {
    @Test
    void writesIpv6AsRfc5952Says() {
        assertThat(ipv6(0, 0)).isEqualTo("::");
        assertThat(ipv6(0, 1)).isEqualTo("::1");
        assertThat(ipv6(0xff02L << 48, 0)).isEqualTo("ff02::");
        assertThat(ipv6(0x2001_0db8_0000_0000L, 2)).isEqualTo("2001:db8::2");
        // The longer run, the first of equal runs, and no run of one.
        assertThat(ipv6(0x2001_0000_0000_0001L, 0x0000_0000_0000_0001L)).isEqualTo("2001:0:0:1::1");
        assertThat(ipv6(0x2001_0db8_0000_0000L, 0x0001_0000_0000_0001L)).isEqualTo("2001:db8::1:0:0:1");
        assertThat(ipv6(0x2001_0db8_0000_0001L, 0x0001_0001_0001_0001L)).isEqualTo("2001:db8:0:1:1:1:1:1");
    }

    @Test
    void writesAddressesThatReadBack() {
        SeededCases.check(10_000, random -> {
            long high = random.nextLong() & mask(random.nextInt(16));
            long low = random.nextLong() & mask(random.nextInt(16));
            byte[] address = InetAddress.ofLiteral(ipv6(high, low)).getAddress();
            // The JDK reads a v4-mapped address as IPv4.
            if (address.length == 16) {
                assertThat(ByteBuffer.wrap(address).getLong()).isEqualTo(high);
                assertThat(ByteBuffer.wrap(address).getLong(8)).isEqualTo(low);
            }

            int ipv4 = random.nextInt();
            String text = Text.appendIpv4(new StringBuilder(), ipv4).toString();
            assertThat(ByteBuffer.wrap(InetAddress.ofLiteral(text).getAddress()).getInt())
                    .isEqualTo(ipv4);
        });
    }

    private static String ipv6(long high, long low) {
        return Text.appendIpv6(new StringBuilder(), high, low).toString();
    }

    /** Some of the four groups of 16 bits. */
    private static long mask(int groups) {
        long mask = 0;
        for (int group = 0; group < 4; group++) {
            mask |= (groups & 1 << group) == 0 ? 0 : 0xffffL << 16 * group;
        }
        return mask;
    }
}
