package io.culvert.linux.tun;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct virtio_net_hdr} of {@code linux/virtio_net.h}, which stands before each packet of a TUN device or a
 * packet socket that was opened with it. It says what is left to do on the packet: fill in the L4 checksum, cut it into
 * segments. Byte order is the machine's own. Offsets in the header count from the packet's first byte after the header.
 * Each field has its place in the header, a getter and a setter; {@code at} is where the header begins.
 *
 * <pre>
 *  0      1         2         4          6            8             10
 *  | flags | gso_type | hdr_len | gso_size | csum_start | csum_offset |
 * </pre>
 */
public final class VnetHeader {

    /** Bytes of the header. */
    public static final int LENGTH = 10;
    /** Bytes of the header with the buffer count behind it, {@code virtio_net_hdr_mrg_rxbuf}. */
    public static final int LENGTH_WITH_BUFFERS = 12;

    public static final int FLAGS_OFFSET = 0;
    public static final int GSO_TYPE_OFFSET = 1;
    public static final int HEADER_LENGTH_OFFSET = 2;
    public static final int GSO_SIZE_OFFSET = 4;
    public static final int CHECKSUM_START_OFFSET = 6;
    public static final int CHECKSUM_OFFSET_OFFSET = 8;

    /** Flag: the checksum field holds the pseudo-header's sum only. */
    public static final int NEEDS_CSUM = 1;
    /** Flag: the checksum was verified. */
    public static final int DATA_VALID = 2;

    /** GSO type: one packet, nothing to cut. */
    public static final int GSO_NONE = 0;
    /** GSO type: TCP over IPv4. */
    public static final int GSO_TCPV4 = 1;
    /** GSO type: TCP over IPv6. */
    public static final int GSO_TCPV6 = 4;
    /** GSO type: UDP datagrams of {@code gso_size} bytes each, over IPv4 or IPv6. */
    public static final int GSO_UDP_L4 = 5;
    /** Or'ed to a TCP type: CWR is for the first segment only. */
    public static final int GSO_ECN = 0x80;

    private VnetHeader() {}

    /** {@link #NEEDS_CSUM}, {@link #DATA_VALID}, or 0. */
    public static int flags(MemorySegment memory, long at) {
        return memory.get(JAVA_BYTE, at + FLAGS_OFFSET) & 0xff;
    }

    /** One of the GSO types, with {@link #GSO_ECN} or without. */
    public static int gsoType(MemorySegment memory, long at) {
        return memory.get(JAVA_BYTE, at + GSO_TYPE_OFFSET) & 0xff;
    }

    /** Bytes of all headers. The kernel's hint only, at times the whole first segment: do not trust it. */
    public static int headerLength(MemorySegment memory, long at) {
        return memory.get(JAVA_SHORT_UNALIGNED, at + HEADER_LENGTH_OFFSET) & 0xffff;
    }

    /** L4 payload bytes of each segment but the last. */
    public static int gsoSize(MemorySegment memory, long at) {
        return memory.get(JAVA_SHORT_UNALIGNED, at + GSO_SIZE_OFFSET) & 0xffff;
    }

    /** Where the checksum begins to count. */
    public static int checksumStart(MemorySegment memory, long at) {
        return memory.get(JAVA_SHORT_UNALIGNED, at + CHECKSUM_START_OFFSET) & 0xffff;
    }

    /** Where the checksum field is, counted from {@link #checksumStart}: 16 for TCP, 6 for UDP. */
    public static int checksumOffset(MemorySegment memory, long at) {
        return memory.get(JAVA_SHORT_UNALIGNED, at + CHECKSUM_OFFSET_OFFSET) & 0xffff;
    }

    public static void flags(MemorySegment memory, long at, int flags) {
        memory.set(JAVA_BYTE, at + FLAGS_OFFSET, (byte) flags);
    }

    public static void gsoType(MemorySegment memory, long at, int type) {
        memory.set(JAVA_BYTE, at + GSO_TYPE_OFFSET, (byte) type);
    }

    public static void headerLength(MemorySegment memory, long at, int bytes) {
        memory.set(JAVA_SHORT_UNALIGNED, at + HEADER_LENGTH_OFFSET, (short) bytes);
    }

    public static void gsoSize(MemorySegment memory, long at, int bytes) {
        memory.set(JAVA_SHORT_UNALIGNED, at + GSO_SIZE_OFFSET, (short) bytes);
    }

    public static void checksumStart(MemorySegment memory, long at, int start) {
        memory.set(JAVA_SHORT_UNALIGNED, at + CHECKSUM_START_OFFSET, (short) start);
    }

    public static void checksumOffset(MemorySegment memory, long at, int offset) {
        memory.set(JAVA_SHORT_UNALIGNED, at + CHECKSUM_OFFSET_OFFSET, (short) offset);
    }

    /** Makes it the header of a finished packet: nothing to sum, nothing to cut. */
    public static void clear(MemorySegment memory, long at) {
        memory.set(JAVA_LONG_UNALIGNED, at, 0);
        memory.set(JAVA_SHORT_UNALIGNED, at + Long.BYTES, (short) 0);
    }
}
