package io.culvert.doctor;

import io.culvert.config.GatewayConfig.Datapath;
import io.culvert.config.GatewayConfig.Idle;
import java.util.Locale;

/** Whether the host has processors to spare for threads that look for packets without sleeping. */
final class IdleCheck {

    /** One a path, and as many for what packets come from and go to. */
    private static final int PROCESSORS = 4;

    private IdleCheck() {}

    static Finding of(Datapath datapath, int processors) {
        return datapath.idle() == Idle.POLL && processors < PROCESSORS
                ? Finding.warn(
                        "idle",
                        "idle \"poll\" takes a processor a path while packets flow, and the gateway may use "
                                + processors + ": packets wait for programs, and programs for the gateway",
                        "set idle = \"sleep\" in [datapath], or preset = \"balanced\"")
                : Finding.ok("idle", "idle " + datapath.idle().name().toLowerCase(Locale.ROOT));
    }
}
