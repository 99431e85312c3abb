package io.culvert.tunnel;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Memory for one slot at a time. It ends with the packet, so that an access behind the packet throws, and what nobody
 * wrote in front of the packet still holds a filler.
 */
public final class SlotMemory {

    private static final byte FILLER = (byte) 0xa5;

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(Slot.STRIDE));

    /** A slot that has just received that packet; it takes the place of the one before. */
    public Slot slot(byte[] packet) {
        int end = Slot.HEADROOM + packet.length;
        memory.setMemory(0, Slot.HEADROOM, FILLER);
        memory.putBytes(Slot.HEADROOM, packet);
        Slot slot = new Slot(new UnsafeBuffer(memory.addressOffset(), end), memory.addressOffset());
        slot.received(TunnelTable.EMPTY, packet.length);
        return slot;
    }

    /** A slot that has just received that packet, with tunnels to take it. */
    public Slot slot(byte[] packet, TunnelTable table) {
        Slot slot = slot(packet);
        slot.table = table;
        return slot;
    }

    /** The slot's packet. */
    public static byte[] packet(Slot slot) {
        return bytes(slot, slot.offset, slot.length);
    }

    /** What becomes of the slot's packet: the word of its drop reason, or else its verdict's name. */
    public static String outcome(Slot slot) {
        return slot.verdict == Verdict.DROP ? slot.dropReason.word() : slot.verdict.name();
    }

    /** Some bytes of the slot's memory. */
    public static byte[] bytes(Slot slot, int offset, int length) {
        byte[] bytes = new byte[length];
        slot.buffer.getBytes(offset, bytes);
        return bytes;
    }

    /** Whether nobody wrote to the first bytes of the slot's memory. */
    public static boolean isUntouched(Slot slot, int length) {
        byte[] untouched = new byte[length];
        Arrays.fill(untouched, FILLER);
        return Arrays.equals(bytes(slot, 0, length), untouched);
    }
}
