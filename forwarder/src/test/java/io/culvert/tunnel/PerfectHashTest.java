package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.SeededCases;
import java.math.BigInteger;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PerfectHashTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 64, 1_000, 4_096, 10_000, 65_536, 65_537, 100_000})
    void everyPairHasASlotOfItsOwn(int count) {
        long[] addresses = LongStream.range(0, count)
                .map(i -> (0xc633_6400L + i) << 32 | 0xcb00_7101L)
                .toArray();
        assertPerfect(addresses, new long[count]);
        assertPerfect(new long[count], LongStream.range(0, count).toArray());

        Random random = new Random(count);
        assertPerfect(
                random.longs().distinct().limit(count).toArray(),
                random.longs(count, 0, 1L << 33).toArray());
    }

    /** Sets of a few pairs, of addresses alone too, of which many need more than one multiplier. */
    @Test
    void fewPairsAreToldApartToo() {
        SeededCases.check(20_000, random -> {
            int count = 1 + random.nextInt(40);
            long[] addresses = random.longs().distinct().limit(count).toArray();
            assertPerfect(addresses, random.nextBoolean() ? new long[count] : addresses);
        });
    }

    /** The first hash of both is the same whatever displaces them; only another multiplier tells them apart. */
    @Test
    void pairsWithTheSameFirstHashAreToldApart() {
        long multiplier = 0x9e37_79b9_7f4a_7c15L;
        long key = 3;
        long inverse = BigInteger.valueOf(multiplier)
                .modInverse(BigInteger.TWO.pow(64))
                .longValue();
        long address = Long.rotateLeft(key * multiplier, 32) * inverse;
        assertThat(address * multiplier).isEqualTo(Long.rotateLeft(key * multiplier, 32));

        assertPerfect(new long[] {address, 0, 5}, new long[] {0, key, 1});
    }

    private static void assertPerfect(long[] addresses, long[] keys) {
        PerfectHash hash = PerfectHash.of(addresses, keys);

        int[] slots = IntStream.range(0, addresses.length)
                .map(i -> hash.slot(addresses[i], keys[i]))
                .toArray();
        assertThat(IntStream.of(slots)).allMatch(slot -> slot >= 0 && slot < hash.slots());
        assertThat(slots).doesNotHaveDuplicates();
        assertThat(hash.slots()).isLessThanOrEqualTo(Math.max(2, 4 * addresses.length));
    }
}
