package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class InternetChecksumTest {
    private static final int CASES = 10_000;
    private static final int MAX_LENGTH = 9000;
    private static final int MAX_ALIGNMENT = 64;

    private final byte[] bytes = new byte[MAX_LENGTH + MAX_ALIGNMENT];
    private final UnsafeBuffer heap = new UnsafeBuffer(bytes);
    private final UnsafeBuffer offHeap = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length));

    @Test
    void sumsTheExampleOfRfc1071() {
        UnsafeBuffer buffer = new UnsafeBuffer(Hex.bytes("0001 f203 f4f5 f6f7"));

        assertThat(InternetChecksum.fold(InternetChecksum.sum(buffer, 0, 8, 0))).isEqualTo(0xddf2);
        assertThat(InternetChecksum.checksum(buffer, 0, 8, 0)).isEqualTo(0x220d);
    }

    @Test
    void sumsEveryShortLengthAtEveryAlignmentAsTheDefinitionDoes() {
        fill(new SplittableRandom(1));
        for (int offset = 0; offset < MAX_ALIGNMENT; offset++) {
            for (int length = 0; length <= 200; length++) {
                assertSumsAsDefined(offset, length, 0);
            }
        }
    }

    @Test
    void sumsRandomBytesAsTheDefinitionDoes() {
        SeededCases.check(CASES, random -> {
            fill(random);
            int offset = random.nextInt(MAX_ALIGNMENT);
            int length = random.nextInt(MAX_LENGTH + 1);
            assertSumsAsDefined(offset, length, random.nextInt(0x10000));
        });
    }

    @Test
    void sumsExtremesWithoutOverflow() {
        for (byte filler : new byte[] {0, (byte) 0xff}) {
            heap.setMemory(0, bytes.length, filler);
            offHeap.putBytes(0, bytes);
            for (int length = 0; length <= MAX_LENGTH; length += 7) {
                assertSumsAsDefined(0, length, 0xffff);
            }
        }
    }

    @Test
    void continuesASumOverPieces() {
        SeededCases.check(CASES, random -> {
            fill(random);
            int first = random.nextInt(MAX_LENGTH / 2) & ~1;
            int second = random.nextInt(MAX_LENGTH / 2);
            long sum = InternetChecksum.sum(heap, first, second, InternetChecksum.sum(heap, 0, first, 0));

            assertThat(InternetChecksum.fold(sum)).isEqualTo(definition(0, first + second, 0));
        });
    }

    @Test
    void foldsTheLargestSums() {
        assertThat(InternetChecksum.fold(0)).isZero();
        assertThat(InternetChecksum.fold(0xffff)).isEqualTo(0xffff);
        assertThat(InternetChecksum.fold(0x10000)).isEqualTo(1);
        assertThat(InternetChecksum.fold(0xffff_ffff_ffffL)).isEqualTo(0xffff);
        assertThat(InternetChecksum.fold(Long.MAX_VALUE)).isEqualTo(0x7fff);
        SeededCases.check(CASES, random -> {
            long sum = random.nextLong() >>> (1 + random.nextInt(60));
            int folded = InternetChecksum.fold(sum);

            assertThat(folded).isBetween(0, 0xffff);
            assertThat(folded % 0xffff).isEqualTo((int) (sum % 0xffff));
        });
    }

    @Test
    void updatesAChecksumAsIfComputedAgain() {
        SeededCases.check(CASES, random -> {
            fill(random);
            int length = 20 + 2 * random.nextInt(20);
            heap.putShort(0, (short) 0x4500);
            int word = 2 * random.nextInt(1, length / 2);
            int before = InternetChecksum.checksum(heap, 0, length, 0);
            int from = word(word);
            int to = random.nextInt(4) == 0 ? 0xffff * random.nextInt(2) : random.nextInt(0x10000);
            putWord(word, to);

            assertThat(InternetChecksum.update(before, from, to))
                    .isEqualTo(InternetChecksum.checksum(heap, 0, length, 0));
        });
    }

    @Test
    void sumsThePseudoHeaders() {
        SeededCases.check(CASES, random -> {
            fill(random);
            int length = random.nextInt(0x10000);
            putWord(8, 0);
            putWord(10, length);
            putWord(8, random.nextInt(256));
            int address = word(0) << 16 | word(2);
            int other = word(4) << 16 | word(6);
            long ipv4 = InternetChecksum.pseudoHeaderIpv4(address, other, word(8), length);
            assertThat(InternetChecksum.fold(ipv4)).isEqualTo(definition(0, 12, 0));

            putWord(32, 0);
            putWord(34, length);
            putWord(36, 0);
            putWord(38, random.nextInt(256));
            long ipv6 = InternetChecksum.pseudoHeaderIpv6(heap, 0, 16, word(38), length);
            assertThat(InternetChecksum.fold(ipv6)).isEqualTo(definition(0, 40, 0));
        });
    }

    @Test
    void completesAPartialChecksum() {
        SeededCases.check(CASES, random -> {
            fill(random);
            int start = random.nextInt(MAX_ALIGNMENT);
            int length = 20 + random.nextInt(1500);
            int field = random.nextBoolean() ? TcpFlyweight.CHECKSUM_OFFSET : UdpFlyweight.CHECKSUM_OFFSET;
            int pseudoHeader = random.nextInt(1, 0x10000);
            putWord(start + field, 0);
            int expected = ~definition(start, length, pseudoHeader) & 0xffff;

            putWord(start + field, pseudoHeader);
            InternetChecksum.complete(heap, start, length, field, false);
            assertThat(word(start + field)).isEqualTo(expected);
        });
    }

    @Test
    void completesUdpsZeroAsOnes() {
        heap.setMemory(0, 8, (byte) 0);
        putWord(6, 0xffff);
        InternetChecksum.complete(heap, 0, 8, 6, false);
        assertThat(word(6)).isZero();

        putWord(6, 0xffff);
        InternetChecksum.complete(heap, 0, 8, 6, true);
        assertThat(word(6)).isEqualTo(0xffff);
    }

    private void fill(SplittableRandom random) {
        random.nextBytes(bytes);
        offHeap.putBytes(0, bytes);
    }

    private void assertSumsAsDefined(int offset, int length, int initial) {
        int expected = definition(offset, length, initial);
        int onHeap = InternetChecksum.fold(InternetChecksum.sum(heap, offset, length, initial));
        int off = InternetChecksum.fold(InternetChecksum.sum(offHeap, offset, length, initial));

        assertThat(onHeap).as("heap, offset %d, length %d", offset, length).isEqualTo(expected);
        assertThat(off).as("off heap, offset %d, length %d", offset, length).isEqualTo(expected);
    }

    /** RFC 1071 word for word: 16 bits at a time, end-around carry at each step. */
    private int definition(int offset, int length, int initial) {
        int sum = initial;
        for (int i = 0; i < length; i += 2) {
            int low = i + 1 < length ? bytes[offset + i + 1] & 0xff : 0;
            sum += (bytes[offset + i] & 0xff) << 8 | low;
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return sum;
    }

    private int word(int offset) {
        return (bytes[offset] & 0xff) << 8 | (bytes[offset + 1] & 0xff);
    }

    private void putWord(int offset, int word) {
        bytes[offset] = (byte) (word >>> 8);
        bytes[offset + 1] = (byte) word;
    }
}
