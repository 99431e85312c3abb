package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That these bytes mean the same to others {@link io.culvert.tunnel.L2tpTest} shows. */
final class L2tpv3FlyweightTest {

    private final L2tpv3Flyweight l2tp = new L2tpv3Flyweight();

    @ParameterizedTest
    @CsvSource({
        "ffffffff 40000005, -1, 0, 0",
        "00000007 fedcba98 40000005, 7, 4, fedcba98",
        "00000007 fedcba9876543210 40000005, 7, 8, fedcba9876543210"
    })
    void buildsAndParses(String hex, int sessionId, int cookieLength, String cookie) {
        byte[] bytes = Hex.bytes(hex);
        long value = Long.parseUnsignedLong(cookie, 16);
        l2tp.wrap(new UnsafeBuffer(bytes), 0);
        assertThat(l2tp.sessionId()).isEqualTo(sessionId);
        assertThat(l2tp.cookie(cookieLength)).isEqualTo(value);
        assertThat(l2tp.hasSequence(cookieLength)).isTrue();
        assertThat(l2tp.sequence(cookieLength)).isEqualTo(5);
        assertThat(l2tp.appendTo(new StringBuilder()))
                .hasToString("L2TPv3 session " + Integer.toUnsignedString(sessionId));

        UnsafeBuffer buffer = HeaderChecks.prefilled(bytes.length);
        l2tp.wrap(buffer, 0).sessionId(sessionId).cookie(value, cookieLength).sequence(0xab00_0005, cookieLength);
        assertThat(buffer.byteArray()).isEqualTo(bytes);
    }

    /** RFC 3931 section 4.6: the bits marked x are ignored. */
    @Test
    void ignoresReservedBitsOfTheSublayer() {
        l2tp.wrap(new UnsafeBuffer(Hex.bytes("00000007 bf000005")), 0);
        assertThat(l2tp.hasSequence(0)).isFalse();
        l2tp.wrap(new UnsafeBuffer(Hex.bytes("00000007 ffffffff")), 0);
        assertThat(l2tp.hasSequence(0)).isTrue();
        assertThat(l2tp.sequence(0)).isEqualTo(0xff_ffff);
    }

    @Test
    void refusesEveryTruncation() {
        HeaderChecks.assertRefusesEveryTruncation(Hex.bytes("00000007"), L2tpv3Flyweight::validate);
    }
}
