package io.culvert.perf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The search, against a device whose capacity is known. */
class RateSearchTest {

    private static final double GENERATOR = 1_000_000;

    @ParameterizedTest
    @ValueSource(doubles = {1_500, 40_000, 333_333, 900_000})
    void findsTheHighestRateWithoutLoss(double capacity) {
        double found = new RateSearch(device(capacity)).highest(0);

        assertThat(found).isLessThan(capacity + 1).isGreaterThan(capacity * 0.94);
    }

    @Test
    void findsTheRateAtWhichAShareIsLost() {
        RateSearch search = new RateSearch(device(100_000));
        double withoutLoss = search.highest(0);
        double withLoss = search.highest(0.2);

        // A fifth is lost where a fifth more than the capacity, of what is offered, is offered.
        assertThat(withLoss).isCloseTo(125_000, within(8_000.0)).isGreaterThan(withoutLoss);
    }

    @Test
    void endsWhereTheGeneratorIsTheLimit() {
        double found = new RateSearch(device(10 * GENERATOR)).highest(0);

        assertThat(found).isBetween(GENERATOR * 0.9, GENERATOR);
    }

    @Test
    void isZeroWhereEverythingIsLost() {
        RateSearch search = new RateSearch(rate -> trial(rate, Math.max(rate, 1000), 0));

        assertThat(search.highest(0)).isZero();
        assertThat(search.trials()).hasSizeLessThan(20);
    }

    /** One hiccup far below the capacity must not end the search there. */
    @Test
    void recoversFromAHiccup() {
        DoubleFunction<UdpTrial> device = device(100_000);
        int[] trials = {0};
        double found = new RateSearch(rate -> ++trials[0] == 2 ? trial(rate, rate, rate * 0.99) : device.apply(rate))
                .highest(0);

        assertThat(found).isGreaterThan(45_000);
    }

    private static DoubleFunction<UdpTrial> device(double capacity) {
        return rate -> {
            double offered = rate == 0 ? GENERATOR : Math.min(rate, GENERATOR);
            return trial(rate, offered, Math.min(offered, capacity));
        };
    }

    private static UdpTrial trial(double target, double offered, double delivered) {
        return new UdpTrial(target == 0 ? offered : target, offered, (long) offered, (long) delivered, 0, 0, 0, 0, 0);
    }
}
