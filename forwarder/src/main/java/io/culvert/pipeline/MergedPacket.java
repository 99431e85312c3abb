package io.culvert.pipeline;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.tunnel.Slot;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.TcpFlyweight;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One packet for a TUN device: a slot's packet as it came, or a super-packet of the headers of the first slot, which may be one
 * already, and the payloads of several, which stay where they are. Packets are merged where cutting the super-packet gives them back, byte
 * for byte; the rules are the kernel's own for TCP, and for UDP datagrams of one length. One thread.
 */
final class MergedPacket {

    private static final int IPV4_TOS = 1;
    private static final int IPV4_TOTAL_LENGTH = 2;
    private static final int IPV4_IDENTIFICATION = 4;
    private static final int IPV4_FRAGMENT = 6;
    private static final int IPV4_TTL = 8;
    private static final int IPV4_CHECKSUM = 10;
    private static final int IPV6_PAYLOAD_LENGTH = 4;
    private static final int IPV6_HOP_LIMIT = 7;
    private static final int IPV6_HEADER_LENGTH = 40;
    private static final int TCP_SEQUENCE = 4;
    private static final int TCP_ACKNOWLEDGMENT = 8;
    private static final int TCP_FLAGS = 13;
    private static final int TCP_OFFSET_TO_WINDOW = 12;
    private static final int TCP_URGENT_POINTER = 18;

    /** Flag PSH in the word of data offset, reserved bits, flags and window. */
    private static final int PSH_IN_WORD = TcpFlyweight.PSH << Short.SIZE;

    private static final int UDP_LENGTH = 4;
    private static final int DONT_FRAGMENT = 0x4000;

    private final Slot[] parts = new Slot[Coalescer.CAPACITY];
    private final TransportView head = new TransportView();
    private int count;
    private int length;
    private int segmentLength;
    private int segments;
    private boolean known;
    private boolean open;
    private boolean verified;

    /** Starts with a packet; {@code known} if the view knows it, and then packets may be merged into it. */
    void start(Slot slot, boolean isKnown) {
        parts[0] = slot;
        count = 1;
        length = slot.length;
        verified = false;
        known = isKnown && head.wrap(slot);
        segmentLength = slot.gsoType != 0 ? slot.gsoSize : known ? head.payloadLength() : 0;
        open = known && mayGrow(slot);
        segments = open ? head.payloadLength() / segmentLength : 1;
    }

    private boolean mayGrow(Slot slot) {
        if (segmentLength == 0 || head.payloadLength() == 0 || head.payloadLength() % segmentLength != 0) {
            return false;
        }
        if (head.isTcp()) {
            return flags(head) == TcpFlyweight.ACK && (slot.gsoType == 0 || slot.gsoType == gsoType());
        }
        return slot.gsoType == 0 && slot.tunnel().device().takesUdpSuperPackets() && checksum(head) != 0;
    }

    /** Whether the packet is of the flow of this one. */
    boolean isSameFlow(Slot slot, TransportView view) {
        return known && slot.tunnel == parts[0].tunnel && view.isSameFlow(head);
    }

    /** Puts the packet, which is of the same flow, behind the others; false if that cannot be. */
    boolean append(Slot slot, TransportView view) {
        if (!open
                || slot.gsoType != 0
                || view.payloadLength() == 0
                || view.payloadLength() > segmentLength
                || length + view.payloadLength() > Slot.MAX_PACKET
                || count == parts.length
                || !isNext(view)) {
            return false;
        }
        if (!verified && !head.isChecksumSound(parts[0])) {
            open = false;
            return false;
        }
        verified = true;
        if (!view.isChecksumSound(slot)) {
            return false;
        }
        parts[count++] = slot;
        segments++;
        length += view.payloadLength();
        boolean push = view.isTcp() && (flags(view) & TcpFlyweight.PSH) != 0;
        if (push) {
            head.buffer().putByte(head.transport() + TCP_FLAGS, (byte) (flags(head) | TcpFlyweight.PSH));
        }
        open = !push && view.payloadLength() == segmentLength;
        return true;
    }

    /**
     * Puts a super-packet of the same flow in front of this packet, which is its last segment; false if it is not.
     *
     * <p>Where Linux cuts what a packet socket sends, the last segment alone belongs to that socket (skb_segment), so that behind a
     * veth pair GRO takes it for another flow's (skb->slow_gro) and hands it up before those that it merged.
     *
     * @param view of the slot; of this packet afterwards
     */
    boolean prepend(Slot slot, TransportView view) {
        Slot last = parts[0];
        if (count > 1
                || slot.gsoType == 0
                || last.gsoType != 0
                || !view.isTcp()
                || sequence(head) != sequence(view) + view.payloadLength()) {
            return false;
        }
        start(slot, true);
        if (view.wrap(last) && append(last, view)) {
            return true;
        }
        start(last, true);
        return false;
    }

    /** Whether its headers are those that cutting the super-packet would give it. */
    private boolean isNext(TransportView view) {
        if (!(view.isIpv4() ? isNextIpv4(view) : isNextIpv6(view))) {
            return false;
        }
        if (!view.isTcp()) {
            return checksum(view) != 0;
        }
        int headerLength = view.payload() - view.transport();
        int options = TcpFlyweight.MIN_HEADER_LENGTH;
        return ((offsetToWindow(view) ^ offsetToWindow(head)) & ~PSH_IN_WORD) == 0
                && urgentPointer(view) == urgentPointer(head)
                && sequence(view) == sequence(head) + length - (head.payload() - head.link())
                && view.isEqual(
                        head,
                        view.transport() + TCP_ACKNOWLEDGMENT,
                        head.transport() + TCP_ACKNOWLEDGMENT,
                        Integer.BYTES)
                && view.isEqual(head, view.transport() + options, head.transport() + options, headerLength - options);
    }

    /** An identification means something only without DF, RFC 6864 section 4; then it must be counted on. */
    private boolean isNextIpv4(TransportView view) {
        UnsafeBuffer buffer = view.buffer();
        UnsafeBuffer first = head.buffer();
        int fragment = buffer.getShort(view.ip() + IPV4_FRAGMENT, BIG_ENDIAN);
        int identification = buffer.getShort(view.ip() + IPV4_IDENTIFICATION, BIG_ENDIAN);
        int expected = first.getShort(head.ip() + IPV4_IDENTIFICATION, BIG_ENDIAN) + segments;
        return buffer.getByte(view.ip() + IPV4_TOS) == first.getByte(head.ip() + IPV4_TOS)
                && buffer.getByte(view.ip() + IPV4_TTL) == first.getByte(head.ip() + IPV4_TTL)
                && fragment == first.getShort(head.ip() + IPV4_FRAGMENT, BIG_ENDIAN)
                && ((fragment & DONT_FRAGMENT) != 0 || identification == (short) expected);
    }

    private boolean isNextIpv6(TransportView view) {
        return view.isEqual(head, view.ip(), head.ip(), Integer.BYTES)
                && view.buffer().getByte(view.ip() + IPV6_HOP_LIMIT)
                        == head.buffer().getByte(head.ip() + IPV6_HOP_LIMIT);
    }

    /** Makes the first slot's headers those of the whole; no packet is appended any more. */
    void finish() {
        if (count == 1) {
            return;
        }
        Slot slot = parts[0];
        UnsafeBuffer buffer = slot.buffer;
        int frameHeader = head.ip() - head.link();
        int ipLength = length - frameHeader;
        int transportLength = ipLength - (head.transport() - head.ip());
        if (head.isIpv4()) {
            int field = head.ip() + IPV4_CHECKSUM;
            int checksum = buffer.getShort(field, BIG_ENDIAN) & 0xffff;
            checksum = InternetChecksum.update(checksum, slot.length - frameHeader, ipLength);
            buffer.putShort(field, (short) checksum, BIG_ENDIAN);
            buffer.putShort(head.ip() + IPV4_TOTAL_LENGTH, (short) ipLength, BIG_ENDIAN);
        } else {
            buffer.putShort(head.ip() + IPV6_PAYLOAD_LENGTH, (short) (ipLength - IPV6_HEADER_LENGTH), BIG_ENDIAN);
        }
        if (!head.isTcp()) {
            buffer.putShort(head.transport() + UDP_LENGTH, (short) transportLength, BIG_ENDIAN);
        }
        int pseudoHeader = InternetChecksum.fold(head.pseudoHeader(transportLength));
        buffer.putShort(head.transport() + head.checksumOffset(), (short) pseudoHeader, BIG_ENDIAN);
        slot.checksumPartial = true;
        slot.checksumStart = head.transport();
        slot.checksumOffset = head.checksumOffset();
        slot.gsoSize = segmentLength;
        slot.gsoType = gsoType();
    }

    private int gsoType() {
        if (!head.isTcp()) {
            return VnetHeader.GSO_UDP_L4;
        }
        return head.isIpv4() ? VnetHeader.GSO_TCPV4 : VnetHeader.GSO_TCPV6;
    }

    /** How many packets it was made of. */
    int count() {
        return count;
    }

    Slot part(int index) {
        return parts[index];
    }

    /** Where a part's payload is, in its slot. */
    int payloadOffset(int index) {
        return parts[index].offset + head.payload() - head.link();
    }

    /** Bytes of payload of a part. */
    int payloadLength(int index) {
        return parts[index].length - (head.payload() - head.link());
    }

    private static int flags(TransportView view) {
        return view.buffer().getByte(view.transport() + TCP_FLAGS) & 0xff;
    }

    /** Data offset, reserved bits, flags and window. */
    private static int offsetToWindow(TransportView view) {
        return view.buffer().getInt(view.transport() + TCP_OFFSET_TO_WINDOW, BIG_ENDIAN);
    }

    private static short urgentPointer(TransportView view) {
        return view.buffer().getShort(view.transport() + TCP_URGENT_POINTER);
    }

    private static int sequence(TransportView view) {
        return view.buffer().getInt(view.transport() + TCP_SEQUENCE, BIG_ENDIAN);
    }

    private static int checksum(TransportView view) {
        return view.buffer().getShort(view.transport() + view.checksumOffset());
    }
}
