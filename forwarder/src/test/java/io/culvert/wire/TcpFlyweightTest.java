package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class TcpFlyweightTest {
    /** SYN-ACK with an MSS option and "hello", from 192.0.2.1 to 192.0.2.2. */
    private static final byte[] SEGMENT =
            Hex.bytes("c000 01bb 0102 0304 fffe fdfc 6012 ffff 0c77 0007 0204 05b4 6865 6c6c 6f");

    private static final long PSEUDO_HEADER =
            InternetChecksum.pseudoHeaderIpv4(0xc0000201, 0xc0000202, IpProtocol.TCP, SEGMENT.length);

    private final TcpFlyweight tcp = new TcpFlyweight();

    @Test
    void parsesASegment() {
        tcp.wrap(new UnsafeBuffer(SEGMENT), 0);

        assertThat(tcp.sourcePort()).isEqualTo(49152);
        assertThat(tcp.destinationPort()).isEqualTo(443);
        assertThat(tcp.sequence()).isEqualTo(0x01020304);
        assertThat(tcp.acknowledgment()).isEqualTo(0xfffefdfc);
        assertThat(tcp.headerLength()).isEqualTo(24);
        assertThat(tcp.optionsOffset()).isEqualTo(20);
        assertThat(tcp.optionsLength()).isEqualTo(4);
        assertThat(tcp.flags()).isEqualTo(TcpFlyweight.SYN | TcpFlyweight.ACK);
        assertThat(tcp.window()).isEqualTo(65535);
        assertThat(tcp.checksum()).isEqualTo(0x0c77);
        assertThat(tcp.urgentPointer()).isEqualTo(7);
        assertThat(tcp.payloadOffset()).isEqualTo(24);
        assertThat(tcp.isChecksumValid(PSEUDO_HEADER, SEGMENT.length)).isTrue();
    }

    @Test
    void buildsASegment() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(SEGMENT.length);
        buffer.putBytes(20, Hex.bytes("0204 05b4 6865 6c6c 6f"));
        tcp.wrap(buffer, 0)
                .sourcePort(49152)
                .destinationPort(443)
                .sequence(0x01020304)
                .acknowledgment(0xfffefdfc)
                .headerLength(24)
                .flags(TcpFlyweight.SYN | TcpFlyweight.ACK)
                .window(65535)
                .urgentPointer(7)
                .updateChecksum(PSEUDO_HEADER, SEGMENT.length);

        assertThat(buffer.byteArray()).isEqualTo(SEGMENT);
    }

    @Test
    void refusesEveryTruncation() {
        HeaderChecks.assertRefusesEveryTruncation(Arrays.copyOf(SEGMENT, 24), TcpFlyweight::validate);
    }

    @Test
    void refusesExactlyTheImpossibleDataOffsets() {
        byte[] bytes = Arrays.copyOf(SEGMENT, 40);
        for (int words = 0; words < 16; words++) {
            bytes[12] = (byte) (words << 4 | 0xf);
            int expected = words < 5 ? Malformed.BAD_HEADER_LENGTH : words > 10 ? Malformed.TRUNCATED : Malformed.NONE;
            assertThat(TcpFlyweight.validate(new UnsafeBuffer(bytes), 0, bytes.length))
                    .isEqualTo(expected);
        }
    }

    @Test
    void findsEveryFlippedBitByTheChecksum() {
        for (int bit = 0; bit < SEGMENT.length * 8; bit++) {
            byte[] bytes = SEGMENT.clone();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            tcp.wrap(new UnsafeBuffer(bytes), 0);
            assertThat(tcp.isChecksumValid(PSEUDO_HEADER, bytes.length))
                    .as("bit %d", bit)
                    .isFalse();
        }
    }

    @Test
    void readsBackWhatItWrote() {
        SeededCases.check(10_000, random -> {
            int offset = random.nextInt(32);
            int headerLength = 20 + 4 * random.nextInt(11);
            int length = headerLength + random.nextInt(100);
            int[] ints = random.ints(6).toArray();
            UnsafeBuffer buffer = HeaderChecks.prefilled(offset + length);
            tcp.wrap(buffer, offset)
                    .sourcePort(ints[0] & 0xffff)
                    .destinationPort(ints[0] >>> 16)
                    .sequence(ints[1])
                    .acknowledgment(ints[2])
                    .headerLength(headerLength)
                    .flags(ints[3] & 0xff)
                    .window(ints[4] & 0xffff)
                    .urgentPointer(ints[4] >>> 16)
                    .updateChecksum(ints[5] & 0xffff, length);

            assertThat(TcpFlyweight.validate(buffer, offset, length)).isEqualTo(Malformed.NONE);
            assertThat(tcp.sourcePort()).isEqualTo(ints[0] & 0xffff);
            assertThat(tcp.destinationPort()).isEqualTo(ints[0] >>> 16);
            assertThat(tcp.sequence()).isEqualTo(ints[1]);
            assertThat(tcp.acknowledgment()).isEqualTo(ints[2]);
            assertThat(tcp.headerLength()).isEqualTo(headerLength);
            assertThat(tcp.flags()).isEqualTo(ints[3] & 0xff);
            assertThat(tcp.window()).isEqualTo(ints[4] & 0xffff);
            assertThat(tcp.urgentPointer()).isEqualTo(ints[4] >>> 16);
            assertThat(tcp.isChecksumValid(ints[5] & 0xffff, length)).isTrue();
        });
    }

    @Test
    void printsOneLine() {
        assertThat(tcp.wrap(new UnsafeBuffer(SEGMENT), 0).appendTo(new StringBuilder()))
                .hasToString("TCP 49152 > 443 [S.], seq 16909060, ack 4294901244, win 65535, options 4");
    }
}
