package io.culvert.pipeline;

import io.culvert.tunnel.Slot;

/** What a path does to one packet. Pure but for the slot, so that several workers run side by side: one instance each. */
interface ProcessStage {

    /** Turns the received packet into the one to send, or sets why it is not sent. */
    void process(Slot slot);
}
