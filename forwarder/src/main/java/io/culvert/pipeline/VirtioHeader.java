package io.culvert.pipeline;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.tunnel.Slot;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * struct virtio_net_hdr in front of a frame, host byte order: what checksum is left to finish and how a super-packet is
 * cut. Offsets in it count from the frame's first byte; in the slot they count from the buffer's.
 */
final class VirtioHeader {

    static final int LENGTH = VnetHeader.LENGTH;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int TCP_DATA_OFFSET = 12;
    private static final int UDP_HEADER_LENGTH = 8;

    private VirtioHeader() {}

    /** Reads the header at that offset into the slot. */
    static void load(Slot slot, int offset) {
        UnsafeBuffer buffer = slot.buffer;
        slot.checksumPartial = (buffer.getByte(offset + VnetHeader.FLAGS_OFFSET) & VnetHeader.NEEDS_CSUM) != 0;
        slot.checksumStart =
                offset + LENGTH + (buffer.getShort(offset + VnetHeader.CHECKSUM_START_OFFSET, ORDER) & 0xffff);
        slot.checksumOffset = buffer.getShort(offset + VnetHeader.CHECKSUM_OFFSET_OFFSET, ORDER) & 0xffff;
        slot.gsoType = buffer.getByte(offset + VnetHeader.GSO_TYPE_OFFSET) & 0xff;
        slot.gsoSize = buffer.getShort(offset + VnetHeader.GSO_SIZE_OFFSET, ORDER) & 0xffff;
    }

    /** Writes the slot's header in front of the frame that starts at that offset. */
    static void store(Slot slot, int frame) {
        UnsafeBuffer buffer = slot.buffer;
        int offset = frame - LENGTH;
        if (slot.checksumPartial) {
            storePartial(buffer, frame, slot.checksumStart, slot.checksumOffset);
        } else {
            buffer.putShort(offset, (short) 0);
            buffer.putLong(offset + VnetHeader.HEADER_LENGTH_OFFSET, 0);
        }
        if (slot.gsoType != 0) {
            buffer.putByte(offset + VnetHeader.GSO_TYPE_OFFSET, (byte) slot.gsoType);
            if (slot.checksumPartial) {
                // Else nothing says where they end, and the kernel asks for no more than a hint.
                buffer.putShort(offset + VnetHeader.HEADER_LENGTH_OFFSET, (short) (headersEnd(slot) - frame), ORDER);
            }
            buffer.putShort(offset + VnetHeader.GSO_SIZE_OFFSET, (short) slot.gsoSize, ORDER);
        }
    }

    /** Writes a header that leaves one checksum to finish in front of the frame that starts at that offset. */
    static void storePartial(UnsafeBuffer buffer, int frame, int checksumStart, int checksumOffset) {
        int offset = frame - LENGTH;
        buffer.putShort(offset, (short) 0);
        buffer.putLong(offset + VnetHeader.HEADER_LENGTH_OFFSET, 0);
        buffer.putByte(offset + VnetHeader.FLAGS_OFFSET, (byte) VnetHeader.NEEDS_CSUM);
        buffer.putShort(offset + VnetHeader.CHECKSUM_START_OFFSET, (short) (checksumStart - frame), ORDER);
        buffer.putShort(offset + VnetHeader.CHECKSUM_OFFSET_OFFSET, (short) checksumOffset, ORDER);
    }

    /** Where the super-packet's layer 4 header ends: what every segment repeats. */
    static int headersEnd(Slot slot) {
        if (slot.gsoType == VnetHeader.GSO_UDP_L4) {
            return slot.checksumStart + UDP_HEADER_LENGTH;
        }
        int dataOffset = slot.buffer.getShort(slot.checksumStart + TCP_DATA_OFFSET, BIG_ENDIAN) >>> 12 & 0xf;
        return slot.checksumStart + dataOffset * Integer.BYTES;
    }
}
