package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class UdpFlyweightTest {
    /** "abc" from 192.0.2.1 to 192.0.2.2. */
    private static final byte[] DATAGRAM = Hex.bytes("c000 0035 000b f73b 6162 63");

    private static final long PSEUDO_HEADER =
            InternetChecksum.pseudoHeaderIpv4(0xc0000201, 0xc0000202, IpProtocol.UDP, DATAGRAM.length);

    private final UdpFlyweight udp = new UdpFlyweight();

    @Test
    void parsesADatagram() {
        udp.wrap(new UnsafeBuffer(DATAGRAM), 0);

        assertThat(udp.sourcePort()).isEqualTo(49152);
        assertThat(udp.destinationPort()).isEqualTo(53);
        assertThat(udp.length()).isEqualTo(11);
        assertThat(udp.checksum()).isEqualTo(0xf73b);
        assertThat(udp.payloadOffset()).isEqualTo(8);
        assertThat(udp.payloadLength()).isEqualTo(3);
        assertThat(udp.isChecksumValid(PSEUDO_HEADER)).isTrue();
    }

    @Test
    void buildsADatagram() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(DATAGRAM.length);
        buffer.putBytes(8, Hex.bytes("6162 63"));
        udp.wrap(buffer, 0).sourcePort(49152).destinationPort(53).length(11).updateChecksum(PSEUDO_HEADER);

        assertThat(buffer.byteArray()).isEqualTo(DATAGRAM);
    }

    @Test
    void refusesEveryTruncation() {
        HeaderChecks.assertRefusesEveryTruncation(DATAGRAM, UdpFlyweight::validate);
    }

    @Test
    void refusesExactlyTheImpossibleLengths() {
        byte[] bytes = DATAGRAM.clone();
        for (int length = 0; length < 0x10000; length++) {
            bytes[4] = (byte) (length >> 8);
            bytes[5] = (byte) length;
            int expected = length < 8 ? Malformed.BAD_TOTAL_LENGTH : length > 11 ? Malformed.TRUNCATED : Malformed.NONE;
            assertThat(UdpFlyweight.validate(new UnsafeBuffer(bytes), 0, bytes.length))
                    .isEqualTo(expected);
        }
    }

    @Test
    void takesAnAbsentChecksumForValidAndSendsAComputedZeroAsOnes() {
        byte[] bytes = DATAGRAM.clone();
        udp.wrap(new UnsafeBuffer(bytes), 0).checksum(0);
        assertThat(udp.isChecksumValid(PSEUDO_HEADER)).isTrue();
        udp.checksum(1);
        assertThat(udp.isChecksumValid(PSEUDO_HEADER)).isFalse();

        int remainder = ~InternetChecksum.fold(
                        InternetChecksum.sum(new UnsafeBuffer(bytes), 0, bytes.length, PSEUDO_HEADER - 1))
                & 0xffff;
        udp.updateChecksum(PSEUDO_HEADER + remainder);
        assertThat(udp.checksum()).isEqualTo(0xffff);
        assertThat(udp.isChecksumValid(PSEUDO_HEADER + remainder)).isTrue();
    }

    @Test
    void readsBackWhatItWrote() {
        SeededCases.check(10_000, random -> {
            int offset = random.nextInt(32);
            int length = 8 + random.nextInt(100);
            int source = random.nextInt(0x10000);
            int destination = random.nextInt(0x10000);
            int pseudoHeader = random.nextInt(0x10000);
            UnsafeBuffer buffer = HeaderChecks.prefilled(offset + length);
            udp.wrap(buffer, offset)
                    .sourcePort(source)
                    .destinationPort(destination)
                    .length(length)
                    .updateChecksum(pseudoHeader);

            assertThat(UdpFlyweight.validate(buffer, offset, length)).isEqualTo(Malformed.NONE);
            assertThat(udp.sourcePort()).isEqualTo(source);
            assertThat(udp.destinationPort()).isEqualTo(destination);
            assertThat(udp.length()).isEqualTo(length);
            assertThat(udp.isChecksumValid(pseudoHeader)).isTrue();
        });
    }

    @Test
    void printsOneLine() {
        assertThat(udp.wrap(new UnsafeBuffer(DATAGRAM), 0).appendTo(new StringBuilder()))
                .hasToString("UDP 49152 > 53, len 11");
    }
}
