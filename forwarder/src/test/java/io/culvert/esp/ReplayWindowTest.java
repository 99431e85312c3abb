package io.culvert.esp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplayWindowTest {

    private static final int STEPS = 200_000;

    /** Step by step what RFC 4303 section 3.4.3 says, with a set instead of a bitmap. */
    private static final class Model {
        private final Set<Long> seen = new HashSet<>();
        private final int size;
        private long top;

        Model(int size) {
            this.size = size;
        }

        boolean accept(long sequence) {
            if (sequence <= 0 || sequence <= top - size || !seen.add(sequence)) {
                return false;
            }
            top = Math.max(top, sequence);
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 63, 64, 65, 127, 1024, 4095, 4096})
    void judgesAsTheModelDoes(int size) {
        Random random = new Random(size);
        ReplayWindow window = new ReplayWindow(size);
        Model model = new Model(size);
        for (int step = 0; step < STEPS; step++) {
            long sequence = model.top + next(random, size);
            assertThat(window.mayAccept(sequence)).isEqualTo(wouldAccept(model, sequence));
            assertThat(window.accept(sequence))
                    .as("%d after %d", sequence, model.top)
                    .isEqualTo(model.accept(sequence));
        }
    }

    private static boolean wouldAccept(Model model, long sequence) {
        return sequence > 0 && sequence > model.top - model.size && !model.seen.contains(sequence);
    }

    private static long next(Random random, int size) {
        return switch (random.nextInt(10)) {
            case 0 -> random.nextInt(3 * size);
            case 1 -> -random.nextInt(3 * size);
            case 2 -> -size + random.nextInt(3) - 1;
            case 3 -> 64 * random.nextInt(4);
            default -> random.nextInt(5) - 2;
        };
    }

    /** After a restart: what was before it is seen, whether it came or not. */
    @ParameterizedTest
    @ValueSource(ints = {32, 63, 64, 65, 127, 1024, 4095, 4096})
    void startsBehindWhatWasBefore(int size) {
        Random random = new Random(size);
        for (int start = 0; start < 300; start++) {
            ReplayWindow window = new ReplayWindow(size);
            Model model = new Model(size);
            window.startAt(start);
            for (long sequence = 1; sequence <= start; sequence++) {
                model.accept(sequence);
            }
            for (int step = 0; step < 300; step++) {
                long sequence = model.top + next(random, size);
                assertThat(window.accept(sequence))
                        .as("%d after %d, started at %d", sequence, model.top, start)
                        .isEqualTo(model.accept(sequence));
            }
        }
    }

    @Test
    void refusesNumberZero() {
        ReplayWindow window = new ReplayWindow(64);
        assertThat(window.accept(0)).isFalse();
        assertThat(window.accept(1)).isTrue();
        assertThat(window.accept(0)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64, 1024, 4096})
    void extendsToTheNearestNumber(int size) {
        Random random = new Random(size);
        ReplayWindow window = new ReplayWindow(size);
        long top = 1;
        window.accept(top);
        for (int step = 0; step < STEPS; step++) {
            long sequence = Math.max(1, top + (random.nextBoolean() ? random.nextInt(1 << 30) : -random.nextInt(size)));
            assertThat(window.extend((int) sequence)).as("top %x", top).isEqualTo(sequence);
            window.accept(sequence);
            top = Math.max(top, sequence);
        }
        assertThat(top).isGreaterThan(1L << 40);
    }

    @Test
    void extendsNothingToBeforeTheFirstNumber() {
        ReplayWindow window = new ReplayWindow(64);
        assertThat(window.extend(1)).isEqualTo(1);
        assertThat(window.mayAccept(window.extend(-5))).isFalse();
    }
}
