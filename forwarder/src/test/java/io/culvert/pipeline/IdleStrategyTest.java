package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class IdleStrategyTest {

    private static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(100);

    /** An ingress stage that is asked to wait only. */
    private static final class Waits implements IngressStage {
        private final List<Integer> timeouts = new ArrayList<>();
        private int looksUntilFound = Integer.MAX_VALUE;
        private long sleepNanos;

        @Override
        public int receive(Slots slots, int max) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean await(int timeoutMillis) {
            timeouts.add(timeoutMillis);
            if (timeoutMillis == 0) {
                return timeouts.size() >= looksUntilFound;
            }
            LockSupport.parkNanos(sleepNanos);
            return true;
        }

        @Override
        public void wakeUp() {
            throw new UnsupportedOperationException();
        }
    }

    private final Waits ingress = new Waits();

    @Test
    void sleepsAtOnceWithoutATimeToPoll() {
        new IdleStrategy(0, false).await(ingress);

        assertThat(ingress.timeouts).containsExactly(-1);
    }

    @Test
    void pollsForItsTimeAndThenSleeps() {
        long start = System.nanoTime();
        new IdleStrategy(LONGEST, false).await(ingress);

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(LONGEST);
        assertThat(ingress.timeouts).hasSizeGreaterThan(1).endsWith(0, -1).containsOnlyOnce(-1);
    }

    @Test
    void doesNotSleepIfItFindsSomething() {
        ingress.looksUntilFound = 3;
        new IdleStrategy(TimeUnit.MINUTES.toNanos(1), false).await(ingress);

        assertThat(ingress.timeouts).containsExactly(0, 0, 0);
    }

    @Test
    void adaptivelyPollsNotAtAllWhilePacketsAreFarApart() {
        IdleStrategy idle = new IdleStrategy(LONGEST, true);
        ingress.sleepNanos = 2 * LONGEST;
        for (int i = 0; i < 3; i++) {
            idle.await(ingress);
        }

        assertThat(ingress.timeouts).containsExactly(-1, -1, -1);
    }

    @Test
    void adaptivelyPollsLongerWhilePacketsAreNearAndShorterAgain() {
        IdleStrategy idle = new IdleStrategy(LONGEST, true);
        for (int i = 0; i < 5; i++) {
            idle.await(ingress);
        }
        long grown = idle.pollNanos();
        ingress.sleepNanos = 2 * LONGEST;
        int rounds = 0;
        while (idle.pollNanos() > 0 && rounds < 100) {
            idle.await(ingress);
            rounds++;
        }

        assertThat(grown).isBetween(10_000L, LONGEST);
        assertThat(idle.pollNanos()).isZero();
        assertThat(rounds).isBetween(2, 20);
    }
}
