package io.culvert.gateway;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.linux.ErrnoException;
import io.culvert.offload.SuperLane;
import org.jspecify.annotations.Nullable;

/**
 * Which lane the gateway uses, and why. A tunnel may still use a slower one where this one cannot serve it.
 *
 * @param name the lane's word in the configuration
 * @param reason why, for people
 * @param programs the super lane's programs, of which the split lane uses the one for received packets; null without them
 */
record LaneChoice(String name, String reason, @Nullable SuperLane programs) {

    /**
     * Chooses; whether the super lane works is proven, not guessed.
     *
     * @throws GatewayException if the super lane was asked for and does not work
     */
    static LaneChoice make(Lane wanted) {
        if (wanted == Lane.RAW) {
            return new LaneChoice("raw", "configured", null);
        }
        if (wanted == Lane.SPLIT) {
            return split();
        }
        try {
            SuperLane programs = SuperLane.open();
            return new LaneChoice("super", "its test packet passed, programs by " + programs.hook(), programs);
        } catch (ErrnoException | IllegalStateException e) {
            if (wanted == Lane.SUPER) {
                throw new GatewayException(
                        GatewayException.MISSING_PRIVILEGE,
                        "lane \"super\" does not work here: " + e.getMessage() + ": use lane \"auto\"",
                        e);
            }
            return new LaneChoice("split", "the super lane does not work here: " + e.getMessage(), null);
        }
    }

    /** Without the programs each received packet goes to the raw socket too, which costs time and nothing else. */
    private static LaneChoice split() {
        try {
            SuperLane programs = SuperLane.open();
            programs.takeOnly();
            return new LaneChoice("split", "configured, received packets taken by " + programs.hook(), programs);
        } catch (ErrnoException | IllegalStateException e) {
            return new LaneChoice("split", "configured", null);
        }
    }
}
