package io.culvert.tunnel;

import io.culvert.icmp.OuterError;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one mode puts between the outer IP header and the inner packet. Stateless: any worker may call it at any time.
 */
interface Encapsulator {

    /** Bytes between outer IP header and inner packet. */
    int shimLength();

    /** Whether the mode carries inner packets of that IP version. */
    boolean carries(int innerVersion);

    /** Whether the mode carries packets of that EtherType, which is not IP's. */
    default boolean carriesType(int etherType) {
        return false;
    }

    /**
     * The outer header's protocol for inner packets of that IP version.
     *
     * @param innerVersion 4 or 6; 0 of what is not IP
     */
    int protocol(int innerVersion);

    /** The same where the IP header, with its extension headers, has that length, for a checksum that covers some of it. */
    default Encapsulator behind(int ipLength) {
        return this;
    }

    /** Writes what is the same in every packet; the buffer holds zeros. */
    void putTemplate(MutableDirectBuffer buffer, int offset);

    /** Writes what differs by packet; the shim is at that offset, the inner packet behind it. */
    void fixUp(Slot slot, int shimOffset, int innerVersion);

    /** Whether each outer packet has a number of its own, in the order of sending. */
    default boolean isNumbered() {
        return false;
    }

    /** Writes a packet's number, and corrects what covers it; only where packets are numbered. */
    default void putSequence(MutableDirectBuffer buffer, int shimOffset, int sequence) {}

    /** The same with an acknowledgment in each packet; null if there is no such thing, or it has one already. */
    default @Nullable Encapsulator acknowledging() {
        return null;
    }

    /** Whether each outer packet has an acknowledgment. */
    default boolean acknowledges() {
        return false;
    }

    /** Writes a packet's acknowledgment; only where packets have one. */
    default void putAcknowledgment(MutableDirectBuffer buffer, int shimOffset, int acknowledgment) {}

    /**
     * Writes what differs by segment of a super-packet into a copy of its headers. The inner checksum in the copy is
     * partial.
     *
     * @param shimOffset where the shim is in the copy
     * @param length of shim and inner packet, in bytes
     * @param checksumStart where the inner layer 4 header is in the copy
     * @param checksumField where the partial checksum is in the copy
     */
    void fixUpSegment(
            MutableDirectBuffer headers,
            int shimOffset,
            int sequence,
            int length,
            int checksumStart,
            int checksumField);

    /** Bytes that are put behind an inner packet of that length. */
    default int trailerLength(int innerLength) {
        return 0;
    }

    /** Largest inner packet in bytes, if that many may stand behind the outer IP header. */
    default int innerMtu(int available) {
        return available - shimLength();
    }

    /** Whether a frame that is too big is cut to what fits: a mirrored one that is not whole is better than none. */
    default boolean truncates() {
        return false;
    }

    /** Whether each outer packet is encrypted or authenticated as a whole, so that none may be cut afterwards. */
    default boolean seals() {
        return false;
    }

    /**
     * Encrypts and authenticates one packet in place; only where {@link #seals}.
     *
     * @param shimOffset where the shim is, the inner packet behind it, and room for the trailer behind that
     * @param innerLength bytes of the inner packet, whose checksums are finished
     * @param segment which segment of the slot's super-packet, from 0
     */
    default void seal(MutableDirectBuffer buffer, int shimOffset, int innerLength, Slot slot, int segment) {}

    /**
     * Whether what an ICMP error quotes behind the outer IP header may be this shim.
     *
     * @param available bytes of the quote from there, at least {@link OuterError#MIN_QUOTED_PAYLOAD}
     */
    default boolean isQuotedBy(DirectBuffer quote, int shimOffset, int available) {
        return true;
    }

    /**
     * Whether what an ICMP error quotes behind this shim is an IP packet, as far as it goes.
     *
     * @param protocol what stands in front says of the shim
     */
    default boolean quotesIp(DirectBuffer quote, int shimOffset, int protocol) {
        return true;
    }

    /** Whether the kernel can cut the mode's super-packets: no field of the shim differs between segments. */
    boolean segmentsAlike();
}
