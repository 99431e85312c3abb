package io.culvert.tunnel;

/**
 * The inner side of a tunnel: where packets to encapsulate come from and decapsulated ones go. In front of each packet
 * stands its virtio-net header, and in front of that, where the device names protocols, what the packet is.
 */
public interface InnerDevice {

    /** Reads one packet, with its headers in front; returns its bytes or {@code -errno}, never waits. */
    int read(long address, int length);

    /** Writes one packet, with its headers in front; returns its bytes or {@code -errno}, never waits. */
    int write(long address, int length);

    /** Writes one packet that lies in that many pieces, an array of {@code struct iovec}; as {@link #write} else. */
    int writePieces(long iovecs, int count);

    /** Whether packets of other protocols than IP go through it, too. */
    boolean namesProtocols();

    /** Whether it takes UDP super-packets; it always takes TCP's. */
    boolean takesUdpSuperPackets();
}
