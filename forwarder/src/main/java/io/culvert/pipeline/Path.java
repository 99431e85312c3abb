package io.culvert.pipeline;

import java.util.List;

/** One direction's three stages at work. The conductor starts, quiets and stops it. */
interface Path {

    /** Starts the threads. */
    void start();

    /** Waits until every packet that was received before this call has left; receiving goes on. */
    void awaitQuiescence();

    /** Stops the threads after the packets in flight have left. */
    void stop();

    /** The path's threads. */
    List<Thread> threads();
}
