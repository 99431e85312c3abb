package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.SeededCases;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SequenceWindowTest {

    /** What a reviewer of the protocol was promised: no state lasts longer than this many packets of an honest peer. */
    private static final int LONGEST_BLACKOUT = 100;

    private final SequenceWindow window = new SequenceWindow();

    private void acceptAll(int first, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(window.accept(first + i)).isTrue();
        }
    }

    /** How many packets are refused until one of an unbroken sequence is accepted; then all others are. */
    private int refusedUntilResumed(int first) {
        int refused = 0;
        while (!window.accept(first + refused)) {
            refused++;
        }
        acceptAll(first + refused + 1, 1_000);
        return refused;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
    void takesAnyFirstNumber(int first) {
        assertThat(window.accept(first)).isTrue();
        assertThat(window.accept(first)).isFalse();
        assertThat(window.accept(first + 1)).isTrue();
    }

    @Test
    void refusesDuplicatesAndLatePackets() {
        acceptAll(1_000, 10);

        assertThat(window.accept(1_009)).isFalse();
        assertThat(window.accept(1_009)).isFalse();
        assertThat(window.accept(1_008)).isFalse();
        assertThat(window.accept(1_000)).isFalse();
        assertThat(window.accept(500)).isFalse();
        assertThat(window.accept(1_010)).isTrue();
    }

    @Test
    void takesAGapForLoss() {
        acceptAll(0, 10);

        assertThat(window.accept(12)).isTrue();
        assertThat(window.accept(11)).isFalse();
        assertThat(window.accept(13 + SequenceWindow.MAX_GAP - 1)).isTrue();
        assertThat(window.accept(13 + SequenceWindow.MAX_GAP)).isTrue();
        assertThat(window.accept(14 + 2 * SequenceWindow.MAX_GAP)).isFalse();
    }

    @Test
    void goesOnAcrossTheWrap() {
        acceptAll(-5, 10);

        assertThat(window.accept(-1)).isFalse();
        assertThat(window.accept(5)).isTrue();
    }

    @Test
    void followsAPeerThatRestarted() {
        acceptAll(1_000_000, 10);

        assertThat(refusedUntilResumed(0)).isEqualTo(SequenceWindow.CONFIRMATIONS - 1);
        assertThat(SequenceWindow.CONFIRMATIONS).isLessThanOrEqualTo(LONGEST_BLACKOUT);
    }

    /** With Linux's rule the next 2^31 packets would be late. */
    @ParameterizedTest
    @ValueSource(ints = {0x7fff_fff0, 0x10000, Integer.MIN_VALUE, -1, -100})
    void losesNothingToOneForgedNumberFarAway(int distance) {
        acceptAll(5, 100);

        assertThat(window.accept(105 + distance)).isFalse();
        acceptAll(105, 1_000);
    }

    @Test
    void recoversFromAForgedGap() {
        acceptAll(0, 100);

        assertThat(window.accept(100 + SequenceWindow.MAX_GAP - 1)).isTrue();
        assertThat(refusedUntilResumed(100)).isLessThan(LONGEST_BLACKOUT);
    }

    @Test
    void recoversFromAWholeForgedSequence() {
        acceptAll(0, 100);
        refusedUntilResumed(0x4000_0000);

        assertThat(refusedUntilResumed(100)).isLessThan(LONGEST_BLACKOUT);
    }

    /** Forged packets cannot be fewer than confirmations, nor have others between them. */
    @Test
    void isNotMovedByForgedNumbersBetweenHonestOnes() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(window.accept(i)).isTrue();
            assertThat(window.accept(0x5000_0000 + i)).isFalse();
        }
    }

    @Test
    void startsToConfirmAnewAtEachBreak() {
        acceptAll(1_000_000, 1);
        for (int run = 0; run < 10; run++) {
            for (int i = 0; i < SequenceWindow.CONFIRMATIONS - 1; i++) {
                assertThat(window.accept(run * 1_000 + i)).isFalse();
            }
        }
        acceptAll(1_000_001, 1);
    }

    @Test
    void neverShutsOutAnHonestSenderForLong() {
        SeededCases.check(5_000, random -> {
            SequenceWindow any = new SequenceWindow();
            randomNumbers(random).forEach(any::accept);
            int first = random.nextInt();
            int refused = 0;
            for (int i = 0; i < 200; i++) {
                refused += any.accept(first + i) ? 0 : 1;
            }
            assertThat(refused).isLessThan(LONGEST_BLACKOUT);
        });
    }

    @Test
    void agreesWithTheRuleOnRandomNumbers() {
        SeededCases.check(5_000, random -> {
            SequenceWindow tested = new SequenceWindow();
            Rule rule = new Rule();
            for (int number : randomNumbers(random)) {
                assertThat(tested.accept(number)).isEqualTo(rule.accepts(number));
            }
        });
    }

    /** Unbroken runs with gaps, repetitions, jumps and wraps between them. */
    private static List<Integer> randomNumbers(SplittableRandom random) {
        List<Integer> numbers = new ArrayList<>();
        int next = random.nextBoolean() ? random.nextInt() : -random.nextInt(100);
        while (numbers.size() < 300) {
            switch (random.nextInt(6)) {
                case 0 -> next = random.nextInt();
                case 1 -> next += random.nextInt(3 * SequenceWindow.MAX_GAP);
                case 2 -> next -= random.nextInt(70);
                case 3 -> next += SequenceWindow.MAX_GAP - 1 + random.nextInt(3);
                default -> next += random.nextInt(3);
            }
            int run = random.nextInt(1, 40);
            for (int i = 0; i < run; i++) {
                numbers.add(next++);
            }
        }
        return numbers;
    }

    /** The rule by the whole history since the last accepted number. */
    private static final class Rule {

        private final List<Integer> refused = new ArrayList<>();
        private boolean started;
        private long expected;

        boolean accepts(int number) {
            long ahead = (number - expected) & 0xffff_ffffL;
            if (started && ahead >= 65_536 && !isConfirmedBy(number)) {
                refused.add(number);
                return false;
            }
            started = true;
            expected = number + 1L;
            refused.clear();
            return true;
        }

        private boolean isConfirmedBy(int number) {
            if (refused.size() < 31) {
                return false;
            }
            for (int back = 1; back <= 31; back++) {
                if (refused.get(refused.size() - back) != number - back) {
                    return false;
                }
            }
            return true;
        }
    }

    @Test
    void foretellsWhatItWillSay() {
        SequenceWindow asked = new SequenceWindow();
        SplittableRandom random = new SplittableRandom(5);
        int sequence = 0;
        int accepted = 0;
        for (int i = 0; i < 20_000; i++) {
            sequence = random.nextInt(100) == 0 ? random.nextInt() : sequence + random.nextInt(20) / 19 * 2 + 1;
            int number = sequence - random.nextInt(50) / 49;
            boolean foretold = asked.wouldAccept(number);
            assertThat(asked.accept(number)).as("number %d, %d", i, number).isEqualTo(foretold);
            accepted += foretold ? 1 : 0;
        }
        assertThat(accepted).isBetween(2_000, 19_900);
    }
}
