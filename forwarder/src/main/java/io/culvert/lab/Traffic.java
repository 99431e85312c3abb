package io.culvert.lab;

import java.time.Duration;

/** What goes through one tunnel, from the left end to the right one. One thread. */
interface Traffic extends AutoCloseable {

    /**
     * Sends packets there, each when the one before is back.
     *
     * @param payload bytes of each
     * @throws LabException if it cannot be sent
     */
    Ping.Summary ping(int count, int payload);

    /**
     * Sends as much as goes through for that time.
     *
     * @return payload in gigabits a second
     * @throws LabException if anything is lost for good
     */
    double gigabitsPerSecond(Duration time);

    @Override
    void close();
}
