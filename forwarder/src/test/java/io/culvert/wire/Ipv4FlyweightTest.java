package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class Ipv4FlyweightTest {
    private static final byte[] PLAIN = Hex.bytes("45b9 0054 1234 4000 402f 3b57 c000 0201 c633 6402");

    private static final byte[] WITH_OPTIONS =
            Hex.bytes("4600 0020 0007 2003 0111 05be cb00 7101 c000 02ff 9404 0000 0102 0304 0506 0708");

    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();

    @Test
    void parsesAPlainHeader() {
        ipv4.wrap(new UnsafeBuffer(PLAIN), 0);

        assertThat(ipv4.version()).isEqualTo(4);
        assertThat(ipv4.headerLength()).isEqualTo(20);
        assertThat(ipv4.optionsLength()).isZero();
        assertThat(ipv4.tos()).isEqualTo(0xb9);
        assertThat(ipv4.ecn()).isEqualTo(Ecn.ECT1);
        assertThat(ipv4.totalLength()).isEqualTo(84);
        assertThat(ipv4.identification()).isEqualTo(0x1234);
        assertThat(ipv4.flagsAndFragmentOffset()).isEqualTo(Ipv4Flyweight.DONT_FRAGMENT);
        assertThat(ipv4.dontFragment()).isTrue();
        assertThat(ipv4.moreFragments()).isFalse();
        assertThat(ipv4.isFragment()).isFalse();
        assertThat(ipv4.fragmentOffset()).isZero();
        assertThat(ipv4.ttl()).isEqualTo(64);
        assertThat(ipv4.protocol()).isEqualTo(IpProtocol.GRE);
        assertThat(ipv4.checksum()).isEqualTo(0x3b57);
        assertThat(ipv4.isChecksumValid()).isTrue();
        assertThat(ipv4.source()).isEqualTo(0xc0000201);
        assertThat(ipv4.destination()).isEqualTo(0xc6336402);
        assertThat(ipv4.payloadOffset()).isEqualTo(20);
        assertThat(ipv4.payloadLength()).isEqualTo(64);
    }

    @Test
    void parsesAFragmentWithOptions() {
        ipv4.wrap(new UnsafeBuffer(WITH_OPTIONS), 0);

        assertThat(ipv4.headerLength()).isEqualTo(24);
        assertThat(ipv4.optionsOffset()).isEqualTo(20);
        assertThat(ipv4.optionsLength()).isEqualTo(4);
        assertThat(ipv4.dontFragment()).isFalse();
        assertThat(ipv4.moreFragments()).isTrue();
        assertThat(ipv4.isFragment()).isTrue();
        assertThat(ipv4.fragmentOffset()).isEqualTo(24);
        assertThat(ipv4.isChecksumValid()).isTrue();
        assertThat(ipv4.payloadOffset()).isEqualTo(24);
        assertThat(ipv4.payloadLength()).isEqualTo(8);
    }

    @Test
    void buildsAPlainHeader() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(PLAIN.length);
        ipv4.wrap(buffer, 0)
                .headerLength(20)
                .tos(0xb9)
                .totalLength(84)
                .identification(0x1234)
                .flagsAndFragmentOffset(Ipv4Flyweight.DONT_FRAGMENT)
                .ttl(64)
                .protocol(IpProtocol.GRE)
                .source(0xc0000201)
                .destination(0xc6336402)
                .updateChecksum();

        assertThat(buffer.byteArray()).isEqualTo(PLAIN);
    }

    @Test
    void buildsAFragmentWithOptions() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(WITH_OPTIONS.length);
        ipv4.wrap(buffer, 0).headerLength(24);
        buffer.putBytes(ipv4.optionsOffset(), Hex.bytes("9404 0000"));
        buffer.putBytes(ipv4.payloadOffset(), Hex.bytes("0102 0304 0506 0708"));
        ipv4.tos(0)
                .totalLength(32)
                .identification(7)
                .flagsAndFragmentOffset(Ipv4Flyweight.MORE_FRAGMENTS | 24 / 8)
                .ttl(1)
                .protocol(IpProtocol.UDP)
                .source(0xcb007101)
                .destination(0xc00002ff)
                .updateChecksum();

        assertThat(buffer.byteArray()).isEqualTo(WITH_OPTIONS);
    }

    @Test
    void refusesEveryTruncation() {
        HeaderChecks.assertRefusesEveryTruncation(WITH_OPTIONS, Ipv4Flyweight::validate);
    }

    @Test
    void acceptsAQuotedHeaderWithoutItsPayload() {
        UnsafeBuffer quoted = new UnsafeBuffer(PLAIN);

        assertThat(Ipv4Flyweight.validateHeader(quoted, 0, 20)).isEqualTo(Malformed.NONE);
        assertThat(Ipv4Flyweight.validate(quoted, 0, 20)).isEqualTo(Malformed.TRUNCATED);
    }

    @Test
    void looksOnlyAtItsOwnPartOfTheBuffer() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(100);
        buffer.putBytes(33, WITH_OPTIONS);

        assertThat(Ipv4Flyweight.validate(buffer, 33, WITH_OPTIONS.length)).isEqualTo(Malformed.NONE);
        assertThat(Ipv4Flyweight.validate(buffer, 33, WITH_OPTIONS.length - 1)).isEqualTo(Malformed.TRUNCATED);
        assertThat(ipv4.wrap(buffer, 33).payloadOffset()).isEqualTo(57);
        assertThat(ipv4.isChecksumValid()).isTrue();
    }

    /** Every version, header length and class of total length against the rules as one reads them in RFC 791. */
    @Test
    void refusesExactlyTheImpossible() {
        int available = 64;
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[available]);
        for (int version = 0; version < 16; version++) {
            for (int words = 0; words < 16; words++) {
                for (int total : new int[] {0, 19, 20, words * 4 - 1, words * 4, 63, 64, 65, 65535}) {
                    buffer.putByte(0, (byte) (version << 4 | words));
                    buffer.putByte(2, (byte) (total >> 8));
                    buffer.putByte(3, (byte) total);
                    boolean possible =
                            version == 4 && words >= 5 && words * 4 <= (total & 0xffff) && total <= available;

                    assertThat(Ipv4Flyweight.validate(buffer, 0, available) == Malformed.NONE)
                            .as("version %d, %d words, total length %d", version, words, total)
                            .isEqualTo(possible);
                }
            }
        }
    }

    @Test
    void namesWhatIsWrong() {
        byte[] bytes = PLAIN.clone();
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        bytes[0] = 0x65;
        assertThat(Ipv4Flyweight.validate(buffer, 0, 20)).isEqualTo(Malformed.BAD_VERSION);
        bytes[0] = 0x44;
        assertThat(Ipv4Flyweight.validate(buffer, 0, 20)).isEqualTo(Malformed.BAD_HEADER_LENGTH);
        bytes[0] = 0x46;
        assertThat(Ipv4Flyweight.validate(buffer, 0, 20)).isEqualTo(Malformed.TRUNCATED);
        bytes[0] = 0x45;
        bytes[3] = 19;
        assertThat(Ipv4Flyweight.validate(buffer, 0, 20)).isEqualTo(Malformed.BAD_TOTAL_LENGTH);
    }

    @Test
    void findsEveryFlippedBitByTheChecksum() {
        for (int bit = 0; bit < PLAIN.length * 8; bit++) {
            byte[] bytes = PLAIN.clone();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            if (Ipv4Flyweight.validateHeader(buffer, 0, bytes.length) == Malformed.NONE) {
                assertThat(ipv4.wrap(buffer, 0).isChecksumValid())
                        .as("bit %d", bit)
                        .isFalse();
            }
        }
    }

    @Test
    void carriesATosChangeIntoTheChecksum() {
        SeededCases.check(10_000, random -> {
            byte[] bytes = new byte[60];
            random.nextBytes(bytes);
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            int headerLength = 20 + 4 * random.nextInt(11);
            ipv4.wrap(buffer, 0).headerLength(headerLength).updateChecksum();
            byte[] rest = bytes.clone();
            int tos = random.nextInt(256);
            ipv4.putTosUpdatingChecksum(tos);

            assertThat(ipv4.tos()).isEqualTo(tos);
            int updated = ipv4.checksum();
            assertThat(updated).isEqualTo(ipv4.updateChecksum().checksum());
            ipv4.tos(rest[1]).updateChecksum();
            assertThat(bytes).isEqualTo(rest);
        });
    }

    @Test
    void readsBackWhatItWrote() {
        SeededCases.check(10_000, random -> {
            int offset = random.nextInt(32);
            int headerLength = 20 + 4 * random.nextInt(11);
            int totalLength = random.nextInt(headerLength, 1501);
            int tos = random.nextInt(256);
            int identification = random.nextInt(0x10000);
            int flagsAndFragmentOffset = random.nextInt(0x10000);
            int ttl = random.nextInt(256);
            int protocol = random.nextInt(256);
            int source = random.nextInt();
            int destination = random.nextInt();
            UnsafeBuffer buffer = HeaderChecks.prefilled(offset + totalLength);
            ipv4.wrap(buffer, offset)
                    .headerLength(headerLength)
                    .tos(tos)
                    .totalLength(totalLength)
                    .identification(identification)
                    .flagsAndFragmentOffset(flagsAndFragmentOffset)
                    .ttl(ttl)
                    .protocol(protocol)
                    .source(source)
                    .destination(destination)
                    .updateChecksum();

            assertThat(Ipv4Flyweight.validate(buffer, offset, totalLength)).isEqualTo(Malformed.NONE);
            assertThat(ipv4.headerLength()).isEqualTo(headerLength);
            assertThat(ipv4.tos()).isEqualTo(tos);
            assertThat(ipv4.totalLength()).isEqualTo(totalLength);
            assertThat(ipv4.identification()).isEqualTo(identification);
            assertThat(ipv4.flagsAndFragmentOffset()).isEqualTo(flagsAndFragmentOffset);
            assertThat(ipv4.fragmentOffset()).isEqualTo(flagsAndFragmentOffset % 0x2000 * 8);
            assertThat(ipv4.ttl()).isEqualTo(ttl);
            assertThat(ipv4.protocol()).isEqualTo(protocol);
            assertThat(ipv4.source()).isEqualTo(source);
            assertThat(ipv4.destination()).isEqualTo(destination);
            assertThat(ipv4.isChecksumValid()).isTrue();
        });
    }

    @Test
    void printsOneLine() {
        assertThat(ipv4.wrap(new UnsafeBuffer(PLAIN), 0).appendTo(new StringBuilder()))
                .hasToString("IP 192.0.2.1 > 198.51.100.2: GRE, ttl 64, tos 0xb9, id 4660, len 84 [DF]");
        assertThat(ipv4.wrap(new UnsafeBuffer(WITH_OPTIONS), 0).appendTo(new StringBuilder()))
                .hasToString("IP 203.0.113.1 > 192.0.2.255: UDP, ttl 1, tos 0x00, id 7, len 32, options 4 [frag 24+]");
    }
}
