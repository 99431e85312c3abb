package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class Ipv6ExtensionHeadersTest {
    private static final String ADDRESSES =
            "2001 0db8 0000 0000 0000 0000 0000 0001 2001 0db8 0000 0000 0000 0000 0000 0002";

    /** Hop-by-hop (8), destination options (8), routing (24), fragment (8), UDP (8). */
    private static final byte[] FOUR_HEADERS = Hex.bytes("6000 0000 0038 0040" + ADDRESSES + """
            3c00 0502 0000 0100
            2b00 0104 0000 0000
            2c02 0001 0000 0000 2001 0db8 0000 0000 0000 0000 0000 0009
            1100 0001 dead beef
            0001 0002 0008 a45f""");

    private final Ipv6ExtensionHeaders headers = new Ipv6ExtensionHeaders();

    @Test
    void walksToTheUpperLayer() {
        assertThat(parse(FOUR_HEADERS)).isEqualTo(Malformed.NONE);

        assertThat(headers.upperProtocol()).isEqualTo(IpProtocol.UDP);
        assertThat(headers.upperOffset()).isEqualTo(88);
        assertThat(headers.hasFragmentHeader()).isTrue();
        assertThat(headers.isFragment()).isTrue();
        assertThat(headers.moreFragments()).isTrue();
        assertThat(headers.fragmentOffset()).isZero();
        assertThat(headers.identification()).isEqualTo(0xdeadbeef);
    }

    @Test
    void findsNothingToWalk() {
        assertThat(parse(packet(IpProtocol.TCP, ""))).isEqualTo(Malformed.NONE);

        assertThat(headers.upperProtocol()).isEqualTo(IpProtocol.TCP);
        assertThat(headers.upperOffset()).isEqualTo(40);
        assertThat(headers.hasFragmentHeader()).isFalse();
        assertThat(headers.isFragment()).isFalse();
    }

    @Test
    void forgetsThePacketBefore() {
        parse(FOUR_HEADERS);
        parse(packet(IpProtocol.TCP, ""));

        assertThat(headers.hasFragmentHeader()).isFalse();
        assertThat(headers.isFragment()).isFalse();
        assertThat(headers.identification()).isZero();
    }

    @Test
    void tellsAnAtomicFragmentFromAPiece() {
        assertThat(parse(packet(IpProtocol.FRAGMENT, "1100 0000 0000 0001"))).isEqualTo(Malformed.NONE);

        assertThat(headers.hasFragmentHeader()).isTrue();
        assertThat(headers.isFragment()).isFalse();
        assertThat(headers.upperProtocol()).isEqualTo(IpProtocol.UDP);
    }

    /** The bytes behind the fragment header would be a destination options header if they were one. */
    @Test
    void endsTheWalkInANonFirstFragment() {
        assertThat(parse(packet(IpProtocol.FRAGMENT, "3c00 05a8 0000 0001 06ff")))
                .isEqualTo(Malformed.NONE);

        assertThat(headers.isFragment()).isTrue();
        assertThat(headers.moreFragments()).isFalse();
        assertThat(headers.fragmentOffset()).isEqualTo(0x5a8);
        assertThat(headers.upperProtocol()).isEqualTo(IpProtocol.DESTINATION_OPTIONS);
        assertThat(headers.upperOffset()).isEqualTo(48);
    }

    @Test
    void countsAuthenticationHeadersInWordsOfFour() {
        byte[] packet = packet(IpProtocol.AH, "0604 0000 0000 0100 0000 0001 0102 0304 0506 0708 090a 0b0c");
        assertThat(parse(packet)).isEqualTo(Malformed.NONE);

        assertThat(headers.upperProtocol()).isEqualTo(IpProtocol.TCP);
        assertThat(headers.upperOffset()).isEqualTo(64);
    }

    @Test
    void refusesAnAuthenticationHeaderShorterThanItsFixedPart() {
        assertThat(parse(packet(IpProtocol.AH, "0600 0000 0000 0100 0000 0001")))
                .isEqualTo(Malformed.BAD_HEADER_LENGTH);
    }

    @Test
    void endsTheWalkAtWhatIsNoExtensionHeader() {
        for (int protocol : new int[] {IpProtocol.ESP, IpProtocol.NO_NEXT_HEADER, IpProtocol.IPV6, 135, 253}) {
            assertThat(parse(packet(protocol, "0000 0000 0000 0000"))).isEqualTo(Malformed.NONE);
            assertThat(headers.upperProtocol()).isEqualTo(protocol);
            assertThat(headers.upperOffset()).isEqualTo(40);
        }
    }

    @Test
    void walksSixteenHeadersAndNoMore() {
        String options = "3c00 0104 0000 0000";
        String last = "0600 0104 0000 0000";
        assertThat(parse(packet(IpProtocol.DESTINATION_OPTIONS, options.repeat(15) + last)))
                .isEqualTo(Malformed.NONE);
        assertThat(headers.upperProtocol()).isEqualTo(IpProtocol.TCP);
        assertThat(headers.upperOffset()).isEqualTo(40 + 16 * 8);

        assertThat(parse(packet(IpProtocol.DESTINATION_OPTIONS, options.repeat(16) + last)))
                .isEqualTo(Malformed.TOO_MANY_HEADERS);
    }

    /** RFC 2675: payload length 0 and a jumbo payload option, which no tunnel of ours carries. */
    @Test
    void refusesAJumbogram() {
        byte[] packet = packet(IpProtocol.HOP_BY_HOP_OPTIONS, "0600 c204 0001 0000");
        packet[5] = 0;

        assertThat(parse(packet)).isEqualTo(Malformed.TRUNCATED);
    }

    @Test
    void refusesEveryTruncationBeforeTheUpperLayer() {
        for (int length = 40; length <= FOUR_HEADERS.length; length++) {
            UnsafeBuffer cut = new UnsafeBuffer(Arrays.copyOf(FOUR_HEADERS, length));
            assertThat(headers.parse(cut, 0, length))
                    .as("%d bytes", length)
                    .isEqualTo(length < 88 ? Malformed.TRUNCATED : Malformed.NONE);
        }
    }

    @Test
    void looksOnlyAtThePayloadWhateverTheBytes() {
        SeededCases.check(100_000, random -> {
            byte[] bytes = new byte[40 + random.nextInt(120)];
            random.nextBytes(bytes);
            int[] likely = {0, 43, 44, 51, 60, 60, 6, 0};
            for (int i = 40; i < bytes.length; i += 8) {
                bytes[i] = (byte) likely[random.nextInt(likely.length)];
                if (i + 1 < bytes.length) {
                    bytes[i + 1] = (byte) random.nextInt(3);
                }
            }
            bytes[6] = (byte) likely[random.nextInt(likely.length)];
            bytes[4] = 0;
            bytes[5] = (byte) random.nextInt(256);
            if (parse(bytes) == Malformed.NONE) {
                assertThat(headers.upperOffset()).isBetween(40, bytes.length);
                assertThat(headers.upperOffset()).isLessThanOrEqualTo(40 + (bytes[5] & 0xff));
            }
        });
    }

    private int parse(byte[] packet) {
        return headers.parse(new UnsafeBuffer(packet), 0, packet.length);
    }

    private static byte[] packet(int nextHeader, String payload) {
        byte[] packet = Hex.bytes("6000 0000 0000 0040" + ADDRESSES + payload);
        int payloadLength = packet.length - 40;
        packet[4] = (byte) (payloadLength >> 8);
        packet[5] = (byte) payloadLength;
        packet[6] = (byte) nextHeader;
        return packet;
    }
}
