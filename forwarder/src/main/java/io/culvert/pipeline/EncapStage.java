package io.culvert.pipeline;

import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.NonIpPacket;
import io.culvert.tunnel.OuterHeader;
import io.culvert.tunnel.PartialChecksum;
import io.culvert.tunnel.Peers;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetFlyweight;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Ipv6Options;
import io.culvert.wire.Malformed;
import org.jspecify.annotations.Nullable;

/**
 * The encapsulation path's process stage. What happens to an inner packet, after {@link TunIngress} read it and before
 * {@link OuterEgress} sends it:
 *
 * <ol>
 *   <li>{@link #process}: its tunnel's outer header, as of now, is taken; without a route to the remote its sender is told
 *   <li>{@link #processIpv4}, {@link #processIpv6}: the inner header is checked, and that the mode carries it
 *   <li>{@link #processFrame}: of an Ethernet frame, the IP packet in it is found, if there is one
 *   <li>{@link #processPpp}: a PPP frame goes as it is, or in fragments of the outer packet
 *   <li>{@link #processOther}: a packet that is not IP goes as it is, or in fragments of the outer packet if DF is not set
 *   <li>{@link #outerHeader}: a tunnel without a remote finds the packet's own outer destination
 *   <li>{@link #nested}: IPv6 in IPv6 must not loop
 *   <li>{@link #fits}, {@link #fitsIpv6}: what is larger than the path takes is answered or sent to be fragmented
 *   <li>{@link OuterHeader#prepend}: the outer header is copied in front and fixed up
 *   <li>{@link SegmentSealer#seal}: a super-packet that must be encrypted is cut, and each segment encrypted
 * </ol>
 */
final class EncapStage implements ProcessStage {

    /** In place of a length. */
    private static final int MALFORMED = -1;

    /** TTL around what has no IP header to inherit from: what Linux has by default. */
    private static final int DEFAULT_TTL = 64;

    /** Of the timestamps of mirrored frames. */
    private static final int TICKS_A_MILLISECOND = 10;

    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final SenderAnswer senderAnswer = new SenderAnswer();
    private final SegmentSealer sealer = new SegmentSealer();

    private final int worker = WorkerNumbers.next();

    @Override
    public void process(Slot slot) {
        slot.worker = worker;
        OuterHeader outer = slot.tunnel().outerHeader();
        DropReason unusable = outer.unusable();
        boolean hasRemote = slot.tunnel().peers() == null;
        boolean isFrame = slot.tunnel().spec().isEthernet();
        boolean isPpp = slot.tunnel().spec().isPpp();
        if (unusable == DropReason.NO_ROUTE && hasRemote && !isFrame && !isPpp && slot.etherType == 0) {
            senderAnswer.unreachable(slot, unusable);
            return;
        }
        if (unusable != null && hasRemote) {
            slot.drop(unusable);
            return;
        }
        if (isFrame) {
            processFrame(slot, outer);
            return;
        }
        if (isPpp) {
            processPpp(slot, outer);
            return;
        }
        if (slot.etherType != 0) {
            processOther(slot, outer);
            return;
        }
        switch ((slot.buffer.getByte(slot.offset) & 0xf0) >> 4) {
            case 4 -> processIpv4(slot, outer);
            case 6 -> processIpv6(slot, outer);
            default -> slot.drop(DropReason.INNER_FAMILY);
        }
    }

    private void processIpv4(Slot slot, OuterHeader tunnelHeader) {
        if (!tunnelHeader.carries(4)) {
            slot.drop(DropReason.INNER_FAMILY);
            return;
        }
        if (Ipv4Flyweight.validate(slot.buffer, slot.offset, slot.length) != Malformed.NONE) {
            slot.drop(DropReason.INNER_MALFORMED);
            return;
        }
        Ipv4Flyweight inner = ipv4.wrap(slot.buffer, slot.offset);
        if (inner.ttl() == 0) {
            slot.drop(DropReason.INNER_TTL);
            return;
        }
        slot.length = inner.totalLength();
        boolean dontFragment = inner.dontFragment();
        OuterHeader outer = outerHeader(slot, tunnelHeader);
        if (outer != null && fits(slot, outer, dontFragment)) {
            prepend(slot, outer, 4, inner.tos(), inner.ttl(), dontFragment);
        }
    }

    private void processIpv6(Slot slot, OuterHeader tunnelHeader) {
        if (!tunnelHeader.carries(6)) {
            slot.drop(DropReason.INNER_FAMILY);
            return;
        }
        if (Ipv6Flyweight.validate(slot.buffer, slot.offset, slot.length) != Malformed.NONE) {
            slot.drop(DropReason.INNER_MALFORMED);
            return;
        }
        Ipv6Flyweight inner = ipv6.wrap(slot.buffer, slot.offset);
        if (inner.hopLimit() == 0) {
            slot.drop(DropReason.INNER_TTL);
            return;
        }
        slot.length = Ipv6Flyweight.HEADER_LENGTH + inner.payloadLength();
        OuterHeader outer = outerHeader(slot, tunnelHeader);
        if (outer != null) {
            processInnerIpv6(slot, inner, outer);
        }
    }

    private void processInnerIpv6(Slot slot, Ipv6Flyweight inner, OuterHeader outer) {
        OuterHeader limited = outer.withEncapLimit();
        OuterHeader chosen = limited == null ? outer : nested(slot, inner, outer, limited);
        if (chosen != null && fitsIpv6(slot, chosen)) {
            prepend(slot, chosen, 6, inner.trafficClass(), inner.hopLimit(), false);
        }
    }

    /** What is in a frame is not judged: bridges take it as it is. Only what the outer header inherits is read. */
    private void processFrame(Slot slot, OuterHeader outer) {
        if (EthernetFlyweight.validate(slot.buffer, slot.offset, slot.length) != Malformed.NONE) {
            slot.drop(DropReason.FRAME_MALFORMED);
            return;
        }
        slot.networkOffset = EthernetFlyweight.ipOffset(slot.buffer, slot.offset, slot.length);
        if (outer.truncates()) {
            slot.timestamp = (int) (System.currentTimeMillis() * TICKS_A_MILLISECOND);
        }
        if (slot.networkOffset == EthernetFlyweight.NO_IP) {
            processOpaque(slot, outer);
            return;
        }
        int ip = slot.offset + slot.networkOffset;
        boolean isIpv4 = (slot.buffer.getByte(ip) & 0xf0) == 0x40;
        boolean dontFragment = isIpv4 && ipv4.wrap(slot.buffer, ip).dontFragment();
        if (outer.truncates() && slot.gsoType == 0 && !outer.mayBeFragmented(dontFragment)) {
            truncate(slot, outer.innerMtu());
        }
        if (!isIpv4) {
            processInnerIpv6(slot, ipv6.wrap(slot.buffer, ip), outer);
        } else if (fits(slot, outer, dontFragment)) {
            prepend(slot, outer, 4, ipv4.tos(), ipv4.ttl(), dontFragment);
        }
    }

    /** Nobody in it can be told that a frame is too big: one that is goes in fragments of the outer packet. */
    private static void processPpp(Slot slot, OuterHeader tunnelHeader) {
        OuterHeader outer = tunnelHeader.acknowledging();
        slot.etherType = EtherType.PPP;
        slot.networkOffset = EthernetFlyweight.NO_IP;
        slot.outerFragments = slot.length > outer.innerMtu();
        outer.prepend(slot, 0, 0, DEFAULT_TTL, false);
    }

    /** Without a remote nothing says where it goes: a TUN device does not hand over link addresses. */
    private static void processOther(Slot slot, OuterHeader outer) {
        if (!outer.carriesType(slot.etherType)) {
            slot.drop(DropReason.INNER_FAMILY);
            return;
        }
        if (slot.tunnel().peers() != null) {
            slot.drop(DropReason.NO_NEXT_HOP);
            return;
        }
        DropReason refusal = NonIpPacket.refusal(slot, slot.etherType, slot.offset, slot.length);
        if (refusal != null) {
            slot.drop(refusal);
            return;
        }
        slot.networkOffset = EthernetFlyweight.NO_IP;
        processOpaque(slot, outer);
    }

    /** A packet or frame without an IP packet: nobody can be told that it is too big, and it can be no super-packet. */
    private static void processOpaque(Slot slot, OuterHeader outer) {
        slot.outerFragments = slot.length > outer.innerMtu() && outer.mayBeFragmented(false);
        int most = slot.outerFragments ? outer.innerMtu(Slot.MAX_PACKET) : outer.innerMtu();
        if (slot.gsoType != 0) {
            slot.drop(DropReason.FRAME_MALFORMED);
        } else if (slot.length > most && !outer.truncates()) {
            slot.drop(DropReason.TOO_BIG);
        } else {
            truncate(slot, most);
            outer.prepend(slot, 0, 0, DEFAULT_TTL, false);
        }
    }

    /** Cuts a frame that is longer; what a device was to finish must be finished while it is whole. */
    private static void truncate(Slot slot, int length) {
        if (slot.length <= length) {
            return;
        }
        PartialChecksum.complete(slot);
        slot.length = length;
        slot.truncated = true;
    }

    private void prepend(Slot slot, OuterHeader outer, int version, int tos, int ttl, boolean dontFragment) {
        outer.prepend(slot, version, tos, ttl, dontFragment);
        if (slot.gsoType != 0 && outer.seals()) {
            sealer.seal(slot);
        }
    }

    /**
     * The outer header of IPv6 in IPv6, RFC 2473 section 4: never around a packet of the tunnel's own exit, and around one
     * with an encapsulation limit only as long as that is above 0.
     *
     * @return null if the packet goes no further
     */
    private @Nullable OuterHeader nested(Slot slot, Ipv6Flyweight inner, OuterHeader outer, OuterHeader limited) {
        if (slot.tunnel().isRemote(inner.sourceHigh(), inner.sourceLow())) {
            slot.drop(DropReason.SOURCE_IS_REMOTE);
            return null;
        }
        int limitOffset = Ipv6Options.findEncapsulationLimit(
                slot.buffer, slot.offset + slot.networkOffset, slot.length - slot.networkOffset);
        if (limitOffset < 0) {
            return outer;
        }
        slot.innerEncapLimit = slot.buffer.getByte(limitOffset) & 0xff;
        if (slot.innerEncapLimit == 0) {
            senderAnswer.encapLimitReached(slot, limitOffset);
            return null;
        }
        return limited;
    }

    /** The outer header to the packet's own destination if the tunnel has no remote; null if it is dropped. */
    private static @Nullable OuterHeader outerHeader(Slot slot, OuterHeader tunnelHeader) {
        Peers peers = slot.tunnel().peers();
        return peers == null ? tunnelHeader : peers.outerHeader(slot);
    }

    /** The same of IPv6, whose least MTU every path takes: in fragments of the outer packet if need be. */
    private boolean fitsIpv6(Slot slot, OuterHeader outer) {
        int length = lengthOnPath(slot);
        int least = slot.networkOffset + Ipv6Flyweight.MIN_MTU;
        int most = outer.ignoresPathMtu() ? outer.innerMtu(Slot.MAX_PACKET) : Math.max(outer.innerMtu(), least);
        if (length > most) {
            senderAnswer.tooBig(slot, most);
            return false;
        }
        slot.outerFragments = length > outer.innerMtu();
        return length != MALFORMED;
    }

    /** Length of the packet, or of each segment of a super-packet; drops one that is not sound. */
    private static int lengthOnPath(Slot slot) {
        if (slot.gsoType == 0) {
            return slot.length;
        }
        if (!Segmenter.isSound(slot)) {
            slot.drop(DropReason.INNER_MALFORMED);
            return MALFORMED;
        }
        return Segmenter.segmentLength(slot);
    }

    /** Whether the packet fits the path; if not, its verdict says what becomes of it. */
    private boolean fits(Slot slot, OuterHeader outer, boolean dontFragment) {
        int length = lengthOnPath(slot);
        if (length <= outer.innerMtu()) {
            return length != MALFORMED;
        }
        if (!dontFragment && slot.networkOffset == 0 && slot.gsoType == 0) {
            slot.outerHeader = outer;
            slot.verdict = Verdict.FRAGMENT;
        } else if (outer.mayBeFragmented(dontFragment) && length <= outer.innerMtu(Slot.MAX_PACKET)) {
            slot.outerFragments = true;
            return true;
        } else if (!dontFragment && slot.networkOffset > 0) {
            slot.drop(DropReason.TOO_BIG);
        } else {
            senderAnswer.tooBig(slot, outer.innerMtu());
        }
        return false;
    }
}
