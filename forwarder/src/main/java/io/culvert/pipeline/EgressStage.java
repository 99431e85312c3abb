package io.culvert.pipeline;

import io.culvert.tunnel.Slot;

/** Where a path's packets go, in the order in which they came, and where every one of them is counted. One thread. */
interface EgressStage {

    /** Carries out the slot's verdict. The slot must stay as it is until {@link #flush}. */
    void send(Slot slot);

    /** Counts a packet as dropped that {@link #send} threw an exception for. */
    void failed(Slot slot);

    /** Sends what is still queued; afterwards no slot is referred to any more. Throws no exception. */
    void flush();
}
