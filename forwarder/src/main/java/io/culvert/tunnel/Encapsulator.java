package io.culvert.tunnel;

import org.agrona.MutableDirectBuffer;

/**
 * What one mode puts between the outer IP header and the inner packet. Stateless: any worker may call it at any time.
 */
interface Encapsulator {

    /** Bytes between outer IP header and inner packet. */
    int shimLength();

    /** Whether the mode carries inner packets of that IP version. */
    boolean carries(int innerVersion);

    /** Writes what is the same in every packet. */
    void putTemplate(MutableDirectBuffer buffer, int offset);

    /** Writes what differs by packet; the shim is at that offset, the inner packet behind it. */
    void fixUp(Slot slot, int shimOffset, int innerVersion);
}
