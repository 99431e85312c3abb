package io.culvert.pipeline;

import io.culvert.tunnel.TunnelTable;

/** A socket that outer packets are received from. The path's thread receives; the conductor opens, asks and closes. */
public interface OuterSource extends AutoCloseable {

    int fd();

    /**
     * Receives what is there into the window's slots from {@code first}; never waits.
     *
     * @return how many slots hold a packet now; less than {@code max} once the socket is empty
     */
    int receive(Slots slots, int first, int max, TunnelTable table);

    /** Takes nothing more in than what waits already; the conductor, before it closes the source. */
    void refuse();

    /** Packets that the kernel dropped since the socket was opened because its receive queue was full; the conductor. */
    long kernelDrops();

    @Override
    void close();
}
