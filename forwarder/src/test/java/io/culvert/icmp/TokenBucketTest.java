package io.culvert.icmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.testing.SeededCases;
import org.junit.jupiter.api.Test;

final class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void startsFull() {
        TokenBucket bucket = new TokenBucket(10, 5, 0);

        assertThat(takeAllAt(bucket, 0)).isEqualTo(5);
        assertThat(bucket.tryTake(SECOND / 10 - 1)).isFalse();
        assertThat(bucket.tryTake(SECOND / 10)).isTrue();
        assertThat(bucket.tryTake(SECOND / 10)).isFalse();
    }

    @Test
    void fillsUpToItsBurstAndNoFurther() {
        TokenBucket bucket = new TokenBucket(10, 5, 0);
        takeAllAt(bucket, 0);

        assertThat(takeAllAt(bucket, 3600 * SECOND)).isEqualTo(5);
    }

    @Test
    void allowsTheRateUnderAFlood() {
        TokenBucket bucket = new TokenBucket(1000, 50, 0);
        int taken = 0;
        for (long now = 0; now < 10 * SECOND; now += 10_000) {
            taken += bucket.tryTake(now) ? 1 : 0;
        }

        assertThat(taken).isEqualTo(10 * 1000 + 49);
    }

    @Test
    void worksAcrossTheOverflowOfTheClock() {
        long start = Long.MAX_VALUE - SECOND / 20;
        TokenBucket bucket = new TokenBucket(10, 2, start);

        assertThat(takeAllAt(bucket, start)).isEqualTo(2);
        assertThat(bucket.tryTake(start + SECOND / 10)).isTrue();
        assertThat(bucket.tryTake(start + SECOND / 10)).isFalse();
    }

    /** Against a bucket that counts tokens in units of a nanosecond's share. */
    @Test
    void doesWhatABucketOfTokensDoes() {
        SeededCases.check(2_000, random -> {
            int perSecond = new int[] {1, 4, 10, 1000, 100_000, 1_000_000}[random.nextInt(6)];
            int burst = 1 + random.nextInt(20);
            long interval = SECOND / perSecond;
            long now = random.nextLong();
            TokenBucket bucket = new TokenBucket(perSecond, burst, now);
            long credit = burst * interval;
            for (int i = 0; i < 200; i++) {
                long passed = random.nextLong(interval * (1 + random.nextInt(3)));
                now += passed;
                credit = Math.min(credit + passed, burst * interval);
                boolean expected = credit >= interval;
                credit -= expected ? interval : 0;

                assertThat(bucket.tryTake(now)).as("step %d", i).isEqualTo(expected);
            }
        });
    }

    @Test
    void refusesRatesItCannotKeep() {
        assertThatThrownBy(() -> new TokenBucket(0, 1, 0)).hasMessage("rate 0/s is not in 1 to 1000000");
        assertThatThrownBy(() -> new TokenBucket(1_000_001, 1, 0)).hasMessage("rate 1000001/s is not in 1 to 1000000");
        assertThatThrownBy(() -> new TokenBucket(1, 0, 0)).hasMessage("burst 0 is below 1");
    }

    private static int takeAllAt(TokenBucket bucket, long nowNs) {
        int taken = 0;
        while (bucket.tryTake(nowNs)) {
            taken++;
        }
        return taken;
    }
}
