package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.GueHeader;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Malformed;
import io.culvert.wire.UdpFlyweight;

/** Takes off UDP, and GUE behind it, and hands the rest to the class of what they carry. */
final class UdpDecapsulator implements Decapsulator {

    private static final int LENGTH_OFFSET = 4;
    private static final int PORT_OFFSET = 2;

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        int udp = slot.offset + outerHeaderLength;
        int available = slot.length - outerHeaderLength;
        // A super-packet's own length may be more than the field takes: the kernel then leaves it to segmentation.
        int malformed = slot.gsoType == 0
                ? UdpFlyweight.validate(slot.buffer, udp, available)
                : available < UdpFlyweight.HEADER_LENGTH ? Malformed.TRUNCATED : Malformed.NONE;
        if (malformed != Malformed.NONE) {
            slot.drop(DropReason.UDP_MALFORMED);
            return;
        }
        int port = slot.buffer.getShort(udp + PORT_OFFSET, BIG_ENDIAN) & 0xffff;
        UdpService service = table.udpService(port);
        if (service == null) {
            slot.verdict = Verdict.IGNORE;
            return;
        }
        if (!verify(slot, udp, available)) {
            slot.drop(DropReason.UDP_CHECKSUM);
            return;
        }
        slot.encapPort = port;
        if (slot.gsoType == 0) {
            slot.length = outerHeaderLength + (slot.buffer.getShort(udp + LENGTH_OFFSET, BIG_ENDIAN) & 0xffff);
        }
        if (service.kind() == UdpEncap.Kind.FOU) {
            pass(slot, table, service.protocol(), outerHeaderLength + UdpFlyweight.HEADER_LENGTH);
        } else {
            decapsulateGue(slot, table, outerHeaderLength + UdpFlyweight.HEADER_LENGTH);
        }
    }

    private static void decapsulateGue(Slot slot, TunnelTable table, int headers) {
        int gue = slot.offset + headers;
        if (GueHeader.validate(slot.buffer, gue, slot.length - headers) != Malformed.NONE) {
            slot.drop(DropReason.GUE_MALFORMED);
            return;
        }
        pass(slot, table, GueHeader.protocol(slot.buffer, gue), headers + GueHeader.LENGTH);
    }

    private static void pass(Slot slot, TunnelTable table, int protocol, int headers) {
        Decapsulator carried = ModeRegistry.decapsulator(protocol);
        if (carried == null || protocol == IpProtocol.UDP) {
            slot.drop(DropReason.GUE_PROTOCOL);
        } else {
            carried.decapsulate(slot, table, headers);
        }
    }

    /** Whether the UDP checksum is right, absent, or not finished yet. */
    private static boolean verify(Slot slot, int udp, int available) {
        int checksum = slot.buffer.getShort(udp + UdpFlyweight.CHECKSUM_OFFSET, BIG_ENDIAN) & 0xffff;
        if (checksum == 0 || slot.gsoType != 0) {
            return true;
        }
        if (slot.checksumPartial && slot.checksumStart == udp) {
            // The sender left this one to its device, so the inner one is finished.
            slot.checksumPartial = false;
            return true;
        }
        int length = slot.buffer.getShort(udp + LENGTH_OFFSET, BIG_ENDIAN) & 0xffff;
        long pseudoHeader =
                InternetChecksum.pseudoHeaderIpv4(slot.outerSource, slot.outerDestination, IpProtocol.UDP, length);
        if (slot.raw && checksum == InternetChecksum.fold(pseudoHeader)) {
            // A raw socket does not say so, but this field holds the pseudo-header's sum only: not finished either.
            return true;
        }
        if (slot.checksumPartial) {
            return slot.checksumStart > udp
                    && slot.checksumStart + slot.checksumOffset + Short.BYTES <= udp + available
                    && InternetChecksum.fold(pseudoHeader + GreChecksum.sum(slot, udp)) == 0xffff;
        }
        return InternetChecksum.isValid(slot.buffer, udp, length, pseudoHeader);
    }
}
