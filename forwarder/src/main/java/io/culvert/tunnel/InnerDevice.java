package io.culvert.tunnel;

/** The inner side of a tunnel: where packets to encapsulate come from and decapsulated ones go. */
public interface InnerDevice {

    /** Reads one packet, with its virtio-net header in front; returns its bytes or {@code -errno}, never waits. */
    int read(long address, int length);

    /** Writes one packet, with its virtio-net header in front; returns its bytes or {@code -errno}, never waits. */
    int write(long address, int length);

    /** Writes one packet that lies in that many pieces, an array of {@code struct iovec}; as {@link #write} else. */
    int writePieces(long iovecs, int count);

    /** Whether it takes UDP super-packets; it always takes TCP's. */
    boolean takesUdpSuperPackets();
}
