package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.GueHeader;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.L2tpUdpHeader;
import io.culvert.wire.Malformed;
import io.culvert.wire.UdpFlyweight;

/** Takes off UDP, and GUE or what L2TPv3 has behind it, and hands the rest to the class of what they carry. */
final class UdpDecapsulator implements Decapsulator {

    private static final int LENGTH_OFFSET = 4;
    private static final int PORT_OFFSET = 2;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_DESTINATION = 24;

    private final boolean ipv6;

    /** @param ipv6 whether the outer header is IPv6 */
    UdpDecapsulator(boolean ipv6) {
        this.ipv6 = ipv6;
    }

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
        int port = field(slot, udp + PORT_OFFSET);
        UdpService service = table.udpService(ipv6, port);
        if (service == null) {
            slot.verdict = Verdict.IGNORE;
            return;
        }
        if (!verify(slot, udp, available)) {
            slot.drop(DropReason.UDP_CHECKSUM);
            return;
        }
        boolean isUnsummed = field(slot, udp + UdpFlyweight.CHECKSUM_OFFSET) == 0;
        slot.encapPort = port;
        if (slot.gsoType == 0) {
            slot.length = outerHeaderLength + field(slot, udp + LENGTH_OFFSET);
        }
        int headers = outerHeaderLength + UdpFlyweight.HEADER_LENGTH;
        switch (service.kind()) {
            case FOU -> pass(slot, table, service.protocol(), headers);
            case GUE -> decapsulateGue(slot, table, headers);
            case L2TP -> decapsulateL2tp(slot, table, headers);
        }
        if (ipv6 && isUnsummed && slot.verdict == Verdict.FORWARD && wantsChecksum(slot.tunnel())) {
            slot.drop(DropReason.UDP_CHECKSUM_MISSING);
        }
    }

    /** RFC 6936 section 5: without a checksum nothing protects the addresses, so a tunnel must have been told to do without. */
    private static boolean wantsChecksum(Tunnel tunnel) {
        UdpEncap encap = tunnel.spec().encap();
        return encap != null && encap.csum();
    }

    private void decapsulateGue(Slot slot, TunnelTable table, int headers) {
        int gue = slot.offset + headers;
        if (GueHeader.validate(slot.buffer, gue, slot.length - headers) != Malformed.NONE) {
            slot.drop(DropReason.GUE_MALFORMED);
            return;
        }
        pass(slot, table, GueHeader.protocol(slot.buffer, gue), headers + GueHeader.LENGTH);
    }

    private void decapsulateL2tp(Slot slot, TunnelTable table, int headers) {
        switch (L2tpUdpHeader.validate(slot.buffer, slot.offset + headers, slot.length - headers)) {
            case Malformed.NONE -> pass(slot, table, IpProtocol.L2TP, headers + L2tpUdpHeader.LENGTH);
            case Malformed.BAD_FLAGS -> slot.drop(DropReason.L2TP_CONTROL);
            case Malformed.BAD_VERSION -> slot.drop(DropReason.L2TP_VERSION);
            default -> slot.drop(DropReason.L2TP_MALFORMED);
        }
    }

    private void pass(Slot slot, TunnelTable table, int protocol, int headers) {
        Decapsulator carried = ipv6 ? ModeRegistry.ipv6Decapsulator(protocol) : ModeRegistry.decapsulator(protocol);
        if (carried == null || protocol == IpProtocol.UDP) {
            slot.drop(DropReason.GUE_PROTOCOL);
        } else {
            carried.decapsulate(slot, table, headers);
        }
    }

    /** Whether the UDP checksum is right, absent, or not finished yet. */
    private boolean verify(Slot slot, int udp, int available) {
        int checksum = field(slot, udp + UdpFlyweight.CHECKSUM_OFFSET);
        if (checksum == 0 || slot.gsoType != 0) {
            return true;
        }
        if (slot.checksumPartial && slot.checksumStart == udp) {
            // The sender left this one to its device, so the inner one is finished.
            slot.checksumPartial = false;
            return true;
        }
        int length = field(slot, udp + LENGTH_OFFSET);
        long pseudoHeader = pseudoHeader(slot, length);
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

    private long pseudoHeader(Slot slot, int length) {
        return ipv6
                ? InternetChecksum.pseudoHeaderIpv6(
                        slot.buffer, slot.offset + IPV6_SOURCE, slot.offset + IPV6_DESTINATION, IpProtocol.UDP, length)
                : InternetChecksum.pseudoHeaderIpv4(slot.outerSource, slot.outerDestination, IpProtocol.UDP, length);
    }

    private static int field(Slot slot, int offset) {
        return slot.buffer.getShort(offset, BIG_ENDIAN) & 0xffff;
    }
}
