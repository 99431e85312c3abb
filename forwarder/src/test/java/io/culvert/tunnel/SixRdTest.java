package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SixRdTest {

    private static final BigInteger ONES_32 = BigInteger.ONE.shiftLeft(32).subtract(BigInteger.ONE);

    private static SixRd sixRd(String prefix, String relayPrefix) {
        return new SixRd(SitOptions.DEFAULT.withSixRd(Prefix.parse(prefix), Prefix.parse(relayPrefix)));
    }

    private static long high(String address) {
        return ByteBuffer.wrap(Prefix.parse(address).address().getAddress()).getLong();
    }

    private static String quad(int address) {
        return String.format("%d.%d.%d.%d", address >>> 24, address >> 16 & 0xff, address >> 8 & 0xff, address & 0xff);
    }

    /** RFC 3056 section 2, RFC 5969 section 4, and prefixes that end within a byte. */
    @ParameterizedTest
    @CsvSource({
        "2002::/16, 0.0.0.0/0, 2002:cb00:7101::1, 203.0.113.1",
        "2001:db8::/32, 10.0.0.0/8, 2001:db8:6464:100::1, 10.100.100.1",
        "2001:db8::/32, 0.0.0.0/0, 2001:db8:c000:201::1, 192.0.2.1",
        "2001:db8::/32, 203.0.113.1/32, 2001:db8:ffff:ffff::1, 203.0.113.1",
        "2001:db8::/29, 10.0.0.0/8, 2001:dbb:2323:2800::1, 10.100.100.101",
        "::/0, 0.0.0.0/0, cb00:7101::1, 203.0.113.1",
        "2001:db8::/33, 128.0.0.0/1, 2001:db8:4b00:7101::1, 203.0.113.1"
    })
    void findsTheIpv4Address(String prefix, String relayPrefix, String address, String ipv4) {
        SixRd sixRd = sixRd(prefix, relayPrefix);

        assertThat(sixRd.contains(high(address))).isTrue();
        assertThat(quad(sixRd.ipv4(high(address)))).isEqualTo(ipv4);
    }

    @Test
    void knowsItsOwnAddressesOnly() {
        assertThat(sixRd("2002::/16", "0.0.0.0/0").contains(high("2001:db8::1")))
                .isFalse();
        assertThat(sixRd("2001:db8::/29", "0.0.0.0/0").contains(high("2001:dbf::1")))
                .isTrue();
        assertThat(sixRd("2001:db8::/29", "0.0.0.0/0").contains(high("2001:dc0::1")))
                .isFalse();
    }

    @Test
    void onlySixToFourIsGlobal() {
        assertThat(sixRd("2002::/16", "0.0.0.0/0").isSixToFour()).isTrue();
        assertThat(sixRd("2002::/16", "10.0.0.0/8").isSixToFour()).isFalse();
        assertThat(sixRd("2002::/17", "0.0.0.0/0").isSixToFour()).isFalse();
        assertThat(sixRd("2001:db8::/32", "0.0.0.0/0").isSixToFour()).isFalse();
    }

    /** Every pair of lengths that the kernel takes, against big numbers. */
    @Test
    void findsTheIpv4AddressForEveryPrefixLength() {
        Random random = new Random(7);
        for (int relayLength = 0; relayLength <= 32; relayLength++) {
            int open = 32 - relayLength;
            for (int length = 0; length + open <= 64; length++) {
                long prefix = length == 0 ? 0 : random.nextLong() & -1L << (64 - length);
                int relay = relayLength == 0 ? 0 : random.nextInt() & -1 << (32 - relayLength);
                int ipv4 = relay | (open == 32 ? random.nextInt() : random.nextInt() & (1 << open) - 1);
                BigInteger bits = BigInteger.valueOf(ipv4)
                        .and(ONES_32)
                        .mod(BigInteger.ONE.shiftLeft(open))
                        .shiftLeft(64 - length - open);
                long high = prefix | bits.longValue();
                SixRd sixRd = new SixRd(SitOptions.DEFAULT.withSixRd(
                        new Prefix(ipv6(prefix), length), new Prefix(address(relay), relayLength)));

                assertThat(sixRd.contains(high)).isTrue();
                assertThat(sixRd.ipv4(high))
                        .as("/%d and /%d", length, relayLength)
                        .isEqualTo(ipv4);
                if (length > 0) {
                    assertThat(sixRd.contains(high ^ 1L << (64 - length))).isFalse();
                }
            }
        }
    }

    private static InetAddress ipv6(long high) {
        return inet(ByteBuffer.allocate(16).putLong(high).array());
    }

    private static InetAddress address(int number) {
        return inet(ByteBuffer.allocate(4).putInt(number).array());
    }

    private static InetAddress inet(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
