package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class Ipv6FlyweightTest {
    private static final byte[] PACKET = Hex.bytes("""
            6b91 2345 000c 3a40
            2001 0db8 0000 0000 0000 0000 0000 0001
            2001 0db8 0000 0000 0000 0000 0000 0002
            8000 3948 1234 0005 6461 7461""");

    private static final long DOCUMENTATION = 0x2001_0db8_0000_0000L;

    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();

    @Test
    void parsesAPacket() {
        ipv6.wrap(new UnsafeBuffer(PACKET), 0);

        assertThat(ipv6.version()).isEqualTo(6);
        assertThat(ipv6.trafficClass()).isEqualTo(0xb9);
        assertThat(ipv6.ecn()).isEqualTo(Ecn.ECT1);
        assertThat(ipv6.flowLabel()).isEqualTo(0x12345);
        assertThat(ipv6.payloadLength()).isEqualTo(12);
        assertThat(ipv6.totalLength()).isEqualTo(52);
        assertThat(ipv6.nextHeader()).isEqualTo(IpProtocol.ICMPV6);
        assertThat(ipv6.hopLimit()).isEqualTo(64);
        assertThat(ipv6.sourceHigh()).isEqualTo(DOCUMENTATION);
        assertThat(ipv6.sourceLow()).isEqualTo(1);
        assertThat(ipv6.destinationHigh()).isEqualTo(DOCUMENTATION);
        assertThat(ipv6.destinationLow()).isEqualTo(2);
        assertThat(ipv6.sourceOffset()).isEqualTo(8);
        assertThat(ipv6.destinationOffset()).isEqualTo(24);
        assertThat(ipv6.payloadOffset()).isEqualTo(40);
    }

    @Test
    void buildsAPacket() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(PACKET.length);
        ipv6.wrap(buffer, 0)
                .trafficClass(0xb9)
                .flowLabel(0x12345)
                .payloadLength(12)
                .nextHeader(IpProtocol.ICMPV6)
                .hopLimit(64)
                .source(DOCUMENTATION, 1)
                .destination(DOCUMENTATION, 2);
        buffer.putBytes(48, Hex.bytes("6461 7461"));
        new Icmpv6Flyweight()
                .wrap(buffer, ipv6.payloadOffset())
                .type(Icmpv6Flyweight.ECHO_REQUEST)
                .code(0)
                .identifier(0x1234)
                .sequence(5)
                .updateChecksum(ipv6.pseudoHeader(IpProtocol.ICMPV6, 12), 12);

        assertThat(buffer.byteArray()).isEqualTo(PACKET);
    }

    @Test
    void copiesAddresses() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(40);
        UnsafeBuffer from = new UnsafeBuffer(PACKET);
        ipv6.wrap(buffer, 0).source(from, 24).destination(from, 8);

        assertThat(ipv6.sourceHigh()).isEqualTo(DOCUMENTATION);
        assertThat(ipv6.sourceLow()).isEqualTo(2);
        assertThat(ipv6.destinationHigh()).isEqualTo(DOCUMENTATION);
        assertThat(ipv6.destinationLow()).isEqualTo(1);
    }

    @Test
    void refusesEveryTruncation() {
        HeaderChecks.assertRefusesEveryTruncation(PACKET, Ipv6Flyweight::validate);
    }

    /** RFC 2675 section 2: a payload length of 0 with hop-by-hop options; without them there is no payload. */
    @Test
    void refusesAJumbogram() {
        byte[] jumbogram = PACKET.clone();
        jumbogram[4] = 0;
        jumbogram[5] = 0;
        jumbogram[6] = 0;
        byte[] empty = jumbogram.clone();
        empty[6] = 59;

        assertThat(Ipv6Flyweight.validate(new UnsafeBuffer(jumbogram), 0, jumbogram.length))
                .isEqualTo(Malformed.BAD_TOTAL_LENGTH);
        assertThat(Ipv6Flyweight.validate(new UnsafeBuffer(empty), 0, empty.length))
                .isEqualTo(Malformed.NONE);
    }

    @Test
    void acceptsAQuotedHeaderWithoutItsPayload() {
        UnsafeBuffer quoted = new UnsafeBuffer(PACKET);

        assertThat(Ipv6Flyweight.validateHeader(quoted, 0, 40)).isEqualTo(Malformed.NONE);
        assertThat(Ipv6Flyweight.validate(quoted, 0, 40)).isEqualTo(Malformed.TRUNCATED);
    }

    @Test
    void refusesEveryOtherVersion() {
        for (int version = 0; version < 16; version++) {
            byte[] bytes = PACKET.clone();
            bytes[0] = (byte) (version << 4 | 0xb);
            assertThat(Ipv6Flyweight.validate(new UnsafeBuffer(bytes), 0, bytes.length))
                    .isEqualTo(version == 6 ? Malformed.NONE : Malformed.BAD_VERSION);
        }
    }

    @Test
    void readsBackWhatItWrote() {
        SeededCases.check(10_000, random -> {
            int offset = random.nextInt(32);
            int trafficClass = random.nextInt(256);
            int flowLabel = random.nextInt(1 << 20);
            int payloadLength = random.nextInt(1500);
            int nextHeader = random.nextInt(1, 256);
            int hopLimit = random.nextInt(256);
            long[] halves = random.longs(4).toArray();
            UnsafeBuffer buffer = HeaderChecks.prefilled(offset + 40 + payloadLength);
            ipv6.wrap(buffer, offset)
                    .flowLabel(flowLabel)
                    .trafficClass(trafficClass)
                    .payloadLength(payloadLength)
                    .nextHeader(nextHeader)
                    .hopLimit(hopLimit)
                    .source(halves[0], halves[1])
                    .destination(halves[2], halves[3]);

            assertThat(Ipv6Flyweight.validate(buffer, offset, 40 + payloadLength))
                    .isEqualTo(Malformed.NONE);
            assertThat(ipv6.version()).isEqualTo(6);
            assertThat(ipv6.trafficClass()).isEqualTo(trafficClass);
            assertThat(ipv6.flowLabel()).isEqualTo(flowLabel);
            assertThat(ipv6.payloadLength()).isEqualTo(payloadLength);
            assertThat(ipv6.nextHeader()).isEqualTo(nextHeader);
            assertThat(ipv6.hopLimit()).isEqualTo(hopLimit);
            assertThat(ipv6.sourceHigh()).isEqualTo(halves[0]);
            assertThat(ipv6.sourceLow()).isEqualTo(halves[1]);
            assertThat(ipv6.destinationHigh()).isEqualTo(halves[2]);
            assertThat(ipv6.destinationLow()).isEqualTo(halves[3]);
        });
    }

    @Test
    void printsOneLine() {
        assertThat(ipv6.wrap(new UnsafeBuffer(PACKET), 0).appendTo(new StringBuilder()))
                .hasToString("IP6 2001:db8::1 > 2001:db8::2: ICMP6, hlim 64, class 0xb9, flow 0x12345, plen 12");
    }
}
