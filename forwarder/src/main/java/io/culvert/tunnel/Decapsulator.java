package io.culvert.tunnel;

/** How one outer protocol is taken off. Stateless: any worker may call it at any time. */
interface Decapsulator {

    /**
     * Finds the tunnel of a packet whose outer header is at the slot's offset and valid, checks what the mode adds, and
     * moves the slot's offset and length to the inner packet. Sets a drop verdict if the packet is refused.
     */
    void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength);
}
