package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** ICMP of both families, which differ in little. */
final class IcmpFlyweightTest {
    private static final byte[] ECHO = Hex.bytes("0800 0d04 1234 0005 6461 7461");
    private static final byte[] TOO_BIG =
            Hex.bytes("0304 f737 0000 05c4 45b9 0054 1234 4000 402f 3b57 c000 0201 c633 6402");

    /** From 2001:db8::1 to 2001:db8::2. */
    private static final byte[] ECHO6 = Hex.bytes("8000 3948 1234 0005 6461 7461");

    private static final byte[] TOO_BIG6 = Hex.bytes("0200 56f4 0000 0500 7175 6f74 6564");
    private static final long ADDRESSES6 = 2 * (0x2001 + 0x0db8) + 1 + 2 + IpProtocol.ICMPV6;

    private final Icmpv4Flyweight icmp = new Icmpv4Flyweight();
    private final Icmpv6Flyweight icmp6 = new Icmpv6Flyweight();

    @Test
    void parsesIcmpv4() {
        icmp.wrap(new UnsafeBuffer(ECHO), 0);
        assertThat(icmp.type()).isEqualTo(Icmpv4Flyweight.ECHO_REQUEST);
        assertThat(icmp.code()).isZero();
        assertThat(icmp.checksum()).isEqualTo(0x0d04);
        assertThat(icmp.identifier()).isEqualTo(0x1234);
        assertThat(icmp.sequence()).isEqualTo(5);
        assertThat(icmp.payloadOffset()).isEqualTo(8);
        assertThat(icmp.isChecksumValid(ECHO.length)).isTrue();
        assertThat(icmp.isChecksumValid(ECHO.length - 1)).isFalse();

        icmp.wrap(new UnsafeBuffer(TOO_BIG), 0);
        assertThat(icmp.type()).isEqualTo(Icmpv4Flyweight.DESTINATION_UNREACHABLE);
        assertThat(icmp.code()).isEqualTo(Icmpv4Flyweight.FRAGMENTATION_NEEDED);
        assertThat(icmp.nextHopMtu()).isEqualTo(1476);
        assertThat(icmp.isChecksumValid(TOO_BIG.length)).isTrue();
    }

    @Test
    void buildsIcmpv4() {
        UnsafeBuffer echo = HeaderChecks.prefilled(ECHO.length);
        echo.putBytes(8, ECHO, 8, 4);
        icmp.wrap(echo, 0)
                .type(Icmpv4Flyweight.ECHO_REQUEST)
                .code(0)
                .identifier(0x1234)
                .sequence(5)
                .updateChecksum(ECHO.length);
        assertThat(echo.byteArray()).isEqualTo(ECHO);

        UnsafeBuffer tooBig = HeaderChecks.prefilled(TOO_BIG.length);
        tooBig.putBytes(8, TOO_BIG, 8, TOO_BIG.length - 8);
        icmp.wrap(tooBig, 0)
                .type(Icmpv4Flyweight.DESTINATION_UNREACHABLE)
                .code(Icmpv4Flyweight.FRAGMENTATION_NEEDED)
                .nextHopMtu(1476)
                .updateChecksum(TOO_BIG.length);
        assertThat(tooBig.byteArray()).isEqualTo(TOO_BIG);
    }

    @Test
    void parsesIcmpv6() {
        icmp6.wrap(new UnsafeBuffer(ECHO6), 0);
        assertThat(icmp6.type()).isEqualTo(Icmpv6Flyweight.ECHO_REQUEST);
        assertThat(icmp6.code()).isZero();
        assertThat(icmp6.checksum()).isEqualTo(0x3948);
        assertThat(icmp6.identifier()).isEqualTo(0x1234);
        assertThat(icmp6.sequence()).isEqualTo(5);
        assertThat(icmp6.payloadOffset()).isEqualTo(8);
        assertThat(icmp6.isChecksumValid(ADDRESSES6 + ECHO6.length, ECHO6.length))
                .isTrue();
        assertThat(icmp6.isChecksumValid(ADDRESSES6, ECHO6.length)).isFalse();

        icmp6.wrap(new UnsafeBuffer(TOO_BIG6), 0);
        assertThat(icmp6.type()).isEqualTo(Icmpv6Flyweight.PACKET_TOO_BIG);
        assertThat(icmp6.mtu()).isEqualTo(1280);
        assertThat(icmp6.isChecksumValid(ADDRESSES6 + TOO_BIG6.length, TOO_BIG6.length))
                .isTrue();
    }

    @Test
    void buildsIcmpv6() {
        UnsafeBuffer echo = HeaderChecks.prefilled(ECHO6.length);
        echo.putBytes(8, ECHO6, 8, 4);
        icmp6.wrap(echo, 0)
                .type(Icmpv6Flyweight.ECHO_REQUEST)
                .code(0)
                .identifier(0x1234)
                .sequence(5)
                .updateChecksum(ADDRESSES6 + ECHO6.length, ECHO6.length);
        assertThat(echo.byteArray()).isEqualTo(ECHO6);

        UnsafeBuffer tooBig = HeaderChecks.prefilled(TOO_BIG6.length);
        tooBig.putBytes(8, TOO_BIG6, 8, 6);
        icmp6.wrap(tooBig, 0)
                .type(Icmpv6Flyweight.PACKET_TOO_BIG)
                .code(0)
                .mtu(1280)
                .updateChecksum(ADDRESSES6 + TOO_BIG6.length, TOO_BIG6.length);
        assertThat(tooBig.byteArray()).isEqualTo(TOO_BIG6);
    }

    @Test
    void refusesEveryTruncation() {
        HeaderChecks.assertRefusesEveryTruncation(Arrays.copyOf(ECHO, 8), Icmpv4Flyweight::validate);
        HeaderChecks.assertRefusesEveryTruncation(Arrays.copyOf(ECHO6, 8), Icmpv6Flyweight::validate);
    }

    @Test
    void knowsErrorsFromQueries() {
        assertThat(IntStream.range(0, 256).filter(Icmpv4Flyweight::isError)).containsExactly(3, 4, 5, 11, 12);
        assertThat(IntStream.range(0, 256).filter(Icmpv6Flyweight::isError))
                .containsExactlyElementsOf(IntStream.range(0, 128).boxed().toList());
    }

    @Test
    void readsBackWhatItWrote() {
        SeededCases.check(10_000, random -> {
            int offset = random.nextInt(32);
            int length = 8 + random.nextInt(100);
            int type = random.nextInt(256);
            int code = random.nextInt(256);
            int rest = random.nextInt();
            UnsafeBuffer buffer = HeaderChecks.prefilled(offset + length);
            icmp.wrap(buffer, offset)
                    .type(type)
                    .code(code)
                    .identifier(rest >>> 16)
                    .sequence(rest & 0xffff)
                    .updateChecksum(length);
            assertThat(icmp.type()).isEqualTo(type);
            assertThat(icmp.code()).isEqualTo(code);
            assertThat(icmp.identifier()).isEqualTo(rest >>> 16);
            assertThat(icmp.sequence()).isEqualTo(rest & 0xffff);
            assertThat(icmp.isChecksumValid(length)).isTrue();

            icmp6.wrap(buffer, offset).type(code).code(type).mtu(rest).updateChecksum(rest & 0xffff, length);
            assertThat(icmp6.type()).isEqualTo(code);
            assertThat(icmp6.code()).isEqualTo(type);
            assertThat(icmp6.mtu()).isEqualTo(rest);
            assertThat(icmp6.isChecksumValid(rest & 0xffff, length)).isTrue();
        });
    }

    @Test
    void printsOneLine() {
        assertThat(icmp.wrap(new UnsafeBuffer(ECHO), 0).appendTo(new StringBuilder()))
                .hasToString("ICMP echo request, id 4660, seq 5");
        assertThat(icmp.wrap(new UnsafeBuffer(TOO_BIG), 0).appendTo(new StringBuilder()))
                .hasToString("ICMP unreachable, code 4, mtu 1476");
        assertThat(icmp6.wrap(new UnsafeBuffer(ECHO6), 0).appendTo(new StringBuilder()))
                .hasToString("ICMP6 echo request, id 4660, seq 5");
        assertThat(icmp6.wrap(new UnsafeBuffer(TOO_BIG6), 0).appendTo(new StringBuilder()))
                .hasToString("ICMP6 packet too big, mtu 1280");
    }
}
