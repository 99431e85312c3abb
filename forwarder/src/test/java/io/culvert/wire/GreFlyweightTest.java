package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class GreFlyweightTest {
    private static final int ALL =
            GreFlyweight.CHECKSUM_PRESENT | GreFlyweight.KEY_PRESENT | GreFlyweight.SEQUENCE_PRESENT;

    private static final byte[] PLAIN = Hex.bytes("0000 86dd");
    private static final byte[] FULL = Hex.bytes("b000 0800 d17d 0000 0102 0304 8000 0001 7879 7a");

    private final GreFlyweight gre = new GreFlyweight();

    @Test
    void parsesAPlainHeader() {
        gre.wrap(new UnsafeBuffer(PLAIN), 0);

        assertThat(gre.flags()).isZero();
        assertThat(gre.version()).isZero();
        assertThat(gre.protocol()).isEqualTo(EtherType.IPV6);
        assertThat(gre.hasChecksum()).isFalse();
        assertThat(gre.hasKey()).isFalse();
        assertThat(gre.hasSequence()).isFalse();
        assertThat(gre.checksum()).isZero();
        assertThat(gre.key()).isZero();
        assertThat(gre.sequence()).isZero();
        assertThat(gre.headerLength()).isEqualTo(4);
        assertThat(gre.payloadOffset()).isEqualTo(4);
        assertThat(gre.isChecksumValid(4)).isTrue();
    }

    @Test
    void parsesAHeaderWithEveryField() {
        gre.wrap(new UnsafeBuffer(FULL), 0);

        assertThat(gre.flags()).isEqualTo(ALL);
        assertThat(gre.protocol()).isEqualTo(EtherType.IPV4);
        assertThat(gre.hasChecksum()).isTrue();
        assertThat(gre.hasKey()).isTrue();
        assertThat(gre.hasSequence()).isTrue();
        assertThat(gre.checksum()).isEqualTo(0xd17d);
        assertThat(gre.key()).isEqualTo(0x01020304);
        assertThat(gre.sequence()).isEqualTo(0x80000001);
        assertThat(gre.headerLength()).isEqualTo(16);
        assertThat(gre.payloadOffset()).isEqualTo(16);
        assertThat(gre.isChecksumValid(FULL.length)).isTrue();
    }

    @Test
    void buildsAPlainHeader() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(4);
        gre.wrap(buffer, 0).flags(0).protocol(EtherType.IPV6);

        assertThat(buffer.byteArray()).isEqualTo(PLAIN);
    }

    @Test
    void buildsAHeaderWithEveryField() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(FULL.length);
        gre.wrap(buffer, 0).flags(ALL).protocol(EtherType.IPV4).key(0x01020304).sequence(0x80000001);
        buffer.putBytes(gre.payloadOffset(), new byte[] {'x', 'y', 'z'});
        gre.updateChecksum(FULL.length);

        assertThat(buffer.byteArray()).isEqualTo(FULL);
    }

    @Test
    void refusesEveryTruncation() {
        for (byte[] bytes : new byte[][] {PLAIN, Arrays.copyOf(FULL, 16)}) {
            HeaderChecks.assertRefusesEveryTruncation(bytes, GreFlyweight::validate);
        }
    }

    /** All 65,536 first words in buffers of 0 to 20 bytes; what is accepted is read, and nothing lies beyond. */
    @Test
    void refusesExactlyWhatTheSpecificationSays() {
        for (int available = 0; available <= 20; available++) {
            UnsafeBuffer buffer = new UnsafeBuffer(new byte[available]);
            for (int word = 0; word < 0x10000; word++) {
                if (available >= 2) {
                    buffer.putByte(0, (byte) (word >> 8));
                    buffer.putByte(1, (byte) word);
                }
                int actual = GreFlyweight.validate(buffer, 0, available);
                if (actual != specification(word, available)) {
                    assertThat(actual)
                            .as("first word %04x, %d bytes", word, available)
                            .isEqualTo(specification(word, available));
                }
                if (actual == Malformed.NONE) {
                    readEverything(buffer, available);
                }
            }
        }
    }

    /** RFC 2784 2 and RFC 2890 2 by bit position, as their diagrams number them. */
    private static int specification(int word, int available) {
        if (available < 4) {
            return Malformed.TRUNCATED;
        }
        String bits = Integer.toBinaryString(0x10000 | word).substring(1);
        if (!bits.endsWith("000")) {
            return Malformed.BAD_VERSION;
        }
        for (int refused : new int[] {1, 4, 5, 9, 10, 11, 12}) {
            if (bits.charAt(refused) == '1') {
                return Malformed.BAD_FLAGS;
            }
        }
        int length = 4;
        for (int optional : new int[] {0, 2, 3}) {
            length += bits.charAt(optional) == '1' ? 4 : 0;
        }
        return length > available ? Malformed.TRUNCATED : Malformed.NONE;
    }

    private void readEverything(UnsafeBuffer buffer, int available) {
        gre.wrap(buffer, 0);
        gre.flags();
        gre.version();
        gre.protocol();
        gre.checksum();
        gre.key();
        gre.sequence();
        gre.isChecksumValid(available);
        if (gre.payloadOffset() > available) {
            assertThat(gre.payloadOffset()).isLessThanOrEqualTo(available);
        }
    }

    @Test
    void findsEveryFlippedBitByTheChecksum() {
        for (int bit = 0; bit < FULL.length * 8; bit++) {
            byte[] bytes = FULL.clone();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            gre.wrap(new UnsafeBuffer(bytes), 0);
            if (gre.hasChecksum()) {
                assertThat(gre.isChecksumValid(bytes.length)).as("bit %d", bit).isFalse();
            }
        }
    }

    @Test
    void readsBackWhatItWrote() {
        SeededCases.check(10_000, random -> {
            int offset = random.nextInt(32);
            int flags = random.nextInt() & ALL;
            int key = random.nextInt();
            int sequence = random.nextInt();
            int protocol = random.nextInt(0x10000);
            int length = GreFlyweight.headerLength(flags) + random.nextInt(40);
            UnsafeBuffer buffer = HeaderChecks.prefilled(offset + length);
            gre.wrap(buffer, offset).flags(flags).protocol(protocol);
            if (gre.hasKey()) {
                gre.key(key);
            }
            if (gre.hasSequence()) {
                gre.sequence(sequence);
            }
            if (gre.hasChecksum()) {
                gre.updateChecksum(length);
            }

            assertThat(GreFlyweight.validate(buffer, offset, length)).isEqualTo(Malformed.NONE);
            assertThat(gre.flags()).isEqualTo(flags);
            assertThat(gre.protocol()).isEqualTo(protocol);
            assertThat(gre.key()).isEqualTo(gre.hasKey() ? key : 0);
            assertThat(gre.sequence()).isEqualTo(gre.hasSequence() ? sequence : 0);
            assertThat(gre.headerLength()).isEqualTo(4 * (1 + Integer.bitCount(flags)));
            assertThat(gre.isChecksumValid(length)).isTrue();
        });
    }

    @Test
    void printsOneLine() {
        assertThat(gre.wrap(new UnsafeBuffer(PLAIN), 0).appendTo(new StringBuilder()))
                .hasToString("GRE IPv6");
        assertThat(gre.wrap(new UnsafeBuffer(FULL), 0).appendTo(new StringBuilder()))
                .hasToString("GRE IPv4, csum 0xd17d, key 16909060, seq 2147483649");
    }
}
