package io.culvert.perf.load;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * Searches the highest rate at which no more than a share of the packets is lost: RFC 2544 section 26.1 by bisection,
 * between rates that are known to be passed and failed. Trials of one search serve the next, with another share.
 */
public final class RateSearch {

    /** Where the search ends: the rates that were passed and failed are this near. */
    private static final double RESOLUTION = 1.05;

    private static final double SMALLEST = 100;
    private static final int MAX_TRIALS = 12;

    private final DoubleFunction<UdpTrial> tester;
    private final List<UdpTrial> trials = new ArrayList<>();
    private double flatOut;

    /** @param tester runs a trial at a rate, in packets a second; at rate 0 as fast as it can */
    public RateSearch(DoubleFunction<UdpTrial> tester) {
        this.tester = tester;
    }

    /**
     * Searches.
     *
     * @param maxLoss share of packets that may be lost, 0 for none
     * @return packets a second that were offered and passed; 0 if even the lowest rate is too much
     */
    public double highest(double maxLoss) {
        if (flatOut == 0) {
            UdpTrial fastest = tester.apply(0);
            flatOut = Math.max(SMALLEST, fastest.deliveredRate());
        }
        for (int count = 0; count < MAX_TRIALS; count++) {
            double passed = passed(maxLoss);
            double failed = failed(maxLoss, passed);
            if (failed / Math.max(passed, SMALLEST / 2) <= RESOLUTION) {
                break;
            }
            trials.add(tester.apply(next(passed, failed)));
        }
        return passed(maxLoss);
    }

    /** Every trial at a rate, in the order in which they ran. */
    public List<UdpTrial> trials() {
        return List.copyOf(trials);
    }

    private double next(double passed, double failed) {
        if (passed == 0 && failed == Double.POSITIVE_INFINITY) {
            return flatOut;
        }
        if (passed == 0) {
            return Math.max(SMALLEST, failed / 2);
        }
        return failed == Double.POSITIVE_INFINITY ? passed * 1.5 : Math.sqrt(passed * failed);
    }

    /** The highest rate that was passed. */
    private double passed(double maxLoss) {
        return trials.stream()
                .filter(trial -> trial.passes(maxLoss))
                .mapToDouble(UdpTrial::offered)
                .max()
                .orElse(0);
    }

    /** The lowest rate above it that was failed: on a noisy host a lower one may have failed once. */
    private double failed(double maxLoss, double passed) {
        return trials.stream()
                .filter(trial -> !trial.passes(maxLoss) && trial.target() > passed)
                .mapToDouble(UdpTrial::target)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }
}
