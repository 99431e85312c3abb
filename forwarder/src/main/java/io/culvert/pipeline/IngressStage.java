package io.culvert.pipeline;

/** Where a path's packets come from. One thread, but for what its implementations say of their conductor's side. */
interface IngressStage {

    /** Most packets of one call, whatever is configured. */
    int MAX_BATCH = 256;

    /**
     * Receives what is there into the window's first slots; never waits.
     *
     * @param max most packets, {@link #MAX_BATCH} at most
     * @return how many slots hold a packet now
     */
    int receive(Slots slots, int max);

    /**
     * Waits until there may be something to receive, {@link #wakeUp} was called, or the time is over; -1 for ever.
     *
     * @return whether there may be something to receive, or {@link #wakeUp} was called
     */
    boolean await(int timeoutMillis);

    /** Ends the current or next {@link #await}; any thread. */
    void wakeUp();
}
