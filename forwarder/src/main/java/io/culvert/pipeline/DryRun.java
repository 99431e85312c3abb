package io.culvert.pipeline;

import io.culvert.fragment.Ipv4Fragmenter;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetFlyweight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Runs single packets through the process stages of the paths, which decide everything about them: nothing is sent,
 * written or counted, and no sequence number is used up. One thread.
 */
public final class DryRun implements AutoCloseable {

    private static final long FRAME_SOURCE = 0x0200_0000_0001L;
    private static final long FRAME_DESTINATION = 0x0200_0000_0002L;

    private static final int PPP_IPV4 = 0x21;
    private static final int PPP_IPV6 = 0x57;

    private final SlotPool slots = new SlotPool(2);
    private final EncapStage encap = new EncapStage();
    private final DecapStage decap = new DecapStage();
    private final Ipv4Fragmenter fragmenter = new Ipv4Fragmenter();

    /**
     * What becomes of a packet.
     *
     * @param reason why it is dropped; null if it is not
     * @param tunnel the tunnel that it belongs to; null if none was found
     * @param frames whether the packets are Ethernet frames
     * @param etherType what the packets are if they are neither that nor IP; else 0
     * @param packets what is sent, written or answered; empty if it is dropped or ignored
     */
    public record Outcome(
            Verdict verdict,
            @Nullable DropReason reason,
            @Nullable Tunnel tunnel,
            boolean frames,
            int etherType,
            List<byte[]> packets) {}

    /**
     * Treats a packet as one that an outer socket received.
     *
     * @param packet starts with its outer IP header, {@link Slot#MAX_PACKET} bytes at most
     * @param arrivalIndex index of the device that it came by; 0 if unknown
     */
    public Outcome decapsulate(TunnelTable table, byte[] packet, int arrivalIndex) {
        Slot slot = receive(slots.get(0), table, packet);
        slot.arrivalIndex = arrivalIndex;
        decap.process(slot);
        if (slot.verdict == Verdict.FORWARD
                && slot.sequenceChecked
                && !slot.tunnel().wouldAcceptSequence(slot.sequence)) {
            slot.drop(DropReason.SEQ_LATE);
        }
        return outcome(slot, List.of(), isFrame(slot));
    }

    /**
     * Treats a packet as one that the tunnel's device handed over. Identification and sequence number of the outer
     * packet are left 0: it gets them when it is sent.
     *
     * @param packet starts with its IP header, {@link Slot#MAX_PACKET} bytes at most; where the tunnel carries frames, their
     *     header is put in front of it
     */
    public Outcome encapsulate(TunnelTable table, Tunnel tunnel, byte[] packet) {
        Slot slot = receive(slots.get(0), table, inner(tunnel.spec(), packet));
        slot.tunnel = tunnel;
        encap.process(slot);
        return outcome(
                slot,
                slot.verdict == Verdict.FRAGMENT ? fragments(slot) : List.of(),
                slot.verdict == Verdict.ANSWER && isFrame(slot));
    }

    private static byte[] inner(TunnelSpec spec, byte[] packet) {
        if (spec.isEthernet()) {
            return frame(packet);
        }
        return spec.isPpp() ? pppFrame(packet) : packet;
    }

    /** Address, control and protocol, RFC 1661 section 2 and RFC 1662 section 3.1. */
    private static byte[] pppFrame(byte[] packet) {
        byte[] header = {(byte) 0xff, 0x03, 0, (byte) ((packet[0] & 0xf0) == 0x40 ? PPP_IPV4 : PPP_IPV6)};
        byte[] frame = Arrays.copyOf(header, header.length + packet.length);
        System.arraycopy(packet, 0, frame, header.length, packet.length);
        return frame;
    }

    /** With addresses of this machine's own kind that nobody has. */
    private static byte[] frame(byte[] packet) {
        UnsafeBuffer frame = new UnsafeBuffer(new byte[EthernetFlyweight.HEADER_LENGTH + packet.length]);
        new EthernetFlyweight()
                .wrap(frame, 0)
                .destination(FRAME_DESTINATION)
                .source(FRAME_SOURCE)
                .type((packet[0] & 0xf0) == 0x40 ? EtherType.IPV4 : EtherType.IPV6);
        frame.putBytes(EthernetFlyweight.HEADER_LENGTH, packet);
        return frame.byteArray();
    }

    private static Slot receive(Slot slot, TunnelTable table, byte[] packet) {
        slot.received(table, packet.length);
        slot.identification = 0;
        slot.sequence = 0;
        slot.buffer.putBytes(Slot.HEADROOM, packet);
        return slot;
    }

    /** Each fragment encapsulated, as {@link FragmentOutput} does; drops the packet if there can be none. */
    private List<byte[]> fragments(Slot slot) {
        List<byte[]> packets = new ArrayList<>();
        int mtu = slot.tunnel().outerHeader().innerMtu();
        int count = fragmenter.start(slot.buffer, slot.offset, slot.length, mtu);
        if (count == 0) {
            slot.drop(DropReason.TOO_BIG);
        }
        for (int i = 0; i < count; i++) {
            Slot fragment = slots.get(1);
            fragment.received(slot.table, fragmenter.next(fragment.buffer, Slot.HEADROOM));
            fragment.tunnel = slot.tunnel;
            fragment.identification = i;
            fragment.sequence = 0;
            encap.process(fragment);
            packets.add(bytes(fragment));
        }
        return packets;
    }

    private static boolean isFrame(Slot slot) {
        return slot.tunnel != null && slot.tunnel.spec().isEthernet();
    }

    private static Outcome outcome(Slot slot, List<byte[]> fragments, boolean frames) {
        return switch (slot.verdict) {
            case DROP -> new Outcome(slot.verdict, slot.dropReason, slot.tunnel, frames, 0, List.of());
            case IGNORE -> new Outcome(slot.verdict, null, null, frames, 0, List.of());
            case TAKEN -> new Outcome(slot.verdict, null, slot.tunnel, frames, 0, List.of());
            case FRAGMENT -> new Outcome(slot.verdict, null, slot.tunnel, frames, 0, fragments);
            case FORWARD, ANSWER ->
                new Outcome(slot.verdict, null, slot.tunnel, frames, decapsulated(slot), List.of(bytes(slot)));
        };
    }

    private static int decapsulated(Slot slot) {
        return slot.outerHeader == null ? slot.etherType : 0;
    }

    private static byte[] bytes(Slot slot) {
        byte[] packet = new byte[slot.length];
        slot.buffer.getBytes(slot.offset, packet);
        return packet;
    }

    @Override
    public void close() {
        slots.close();
    }
}
