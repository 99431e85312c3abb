package io.culvert.tunnel;

import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;
import org.jspecify.annotations.Nullable;

/**
 * Takes off IPv6 in IPv4, RFC 4213. Where the tunnel has no remote, the outer addresses must be those in the inner ones:
 * RFC 5969 section 12 for 6rd and 6to4, RFC 5214 section 7.3 for isatap.
 */
final class SitDecapsulator implements Decapsulator {

    @Override
    public void decapsulate(Slot slot, TunnelTable table, int outerHeaderLength) {
        if (!table.assign(slot, Mode.SIT, TunnelTable.NO_KEY)) {
            return;
        }
        if (slot.raw) {
            PartialChecksum.detect(slot, slot.offset + outerHeaderLength, slot.length - outerHeaderLength);
        }
        Tunnel tunnel = slot.tunnel();
        if (tunnel.spec().isMultipoint()) {
            DropReason refusal = refusal(slot, tunnel, outerHeaderLength);
            if (refusal != null) {
                slot.drop(refusal);
                return;
            }
        }
        InnerPacket.accept(slot, outerHeaderLength, 6);
        Isatap isatap = tunnel.isatap();
        if (isatap != null && slot.verdict == Verdict.FORWARD) {
            RouterAdvertisements.check(slot, isatap);
        }
    }

    private static @Nullable DropReason refusal(Slot slot, Tunnel tunnel, int outerHeaderLength) {
        int offset = slot.offset + outerHeaderLength;
        if (Ipv6Flyweight.validateHeader(slot.buffer, offset, slot.length - outerHeaderLength) != Malformed.NONE) {
            // The checks of every inner packet refuse it for its own reason.
            return null;
        }
        Ipv6Flyweight inner = slot.ipv6.wrap(slot.buffer, offset);
        SixRd sixRd = tunnel.sixRd();
        return sixRd != null ? refusal(slot, sixRd, inner) : refusal(slot, tunnel, inner);
    }

    private static @Nullable DropReason refusal(Slot slot, SixRd sixRd, Ipv6Flyweight inner) {
        long source = inner.sourceHigh();
        long destination = inner.destinationHigh();
        if (sixRd.contains(source)) {
            int ipv4 = sixRd.ipv4(source);
            if (Martians.isIpv4Source(ipv4) || (sixRd.isSixToFour() && Martians.isPrivate(ipv4))) {
                return DropReason.EMBEDDED_ADDRESS;
            }
            if (ipv4 != slot.outerSource) {
                return DropReason.SPOOFED_SOURCE;
            }
        }
        return sixRd.contains(destination) && sixRd.ipv4(destination) != slot.outerDestination
                ? DropReason.SPOOFED_DESTINATION
                : null;
    }

    private static @Nullable DropReason refusal(Slot slot, Tunnel tunnel, Ipv6Flyweight inner) {
        Isatap isatap = tunnel.isatap();
        if (isatap == null || isatap.isRouter(slot.outerSource)) {
            return null;
        }
        long low = inner.sourceLow();
        boolean isPeer = Isatap.isIdentifier(low) && Isatap.ipv4(low) == slot.outerSource;
        return isPeer && isatap.isOnLink(inner.sourceHigh(), low) ? null : DropReason.SPOOFED_SOURCE;
    }
}
