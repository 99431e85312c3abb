package io.culvert.doctor;

import io.culvert.linux.ErrnoException;
import io.culvert.offload.SuperLane;

/** Whether the super lane works here: proven by its test packet, as a gateway does at start. */
final class LaneCheck {

    private LaneCheck() {}

    static Finding probe() {
        try (SuperLane lane = SuperLane.open()) {
            return Finding.ok("lane", "the super lane's test packet passed, programs by " + lane.hook());
        } catch (ErrnoException | IllegalStateException e) {
            return Finding.warn(
                    "lane",
                    "the super lane does not work here: " + e.getMessage()
                            + ": the split lane carries packets, at a fraction of the speed",
                    "use Linux 4.20 or newer with BPF, and give the gateway CAP_BPF and CAP_NET_ADMIN");
        }
    }
}
