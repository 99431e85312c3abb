package io.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.culvert.linux.socket.Structs.Cmsghdr;
import io.culvert.linux.socket.Structs.In6Pktinfo;
import io.culvert.linux.socket.Structs.InPktinfo;
import io.culvert.linux.socket.Structs.Mmsghdr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * The control data (cmsg(3)) of a batch's messages: a fixed room for each, whose used length stands in the message's
 * {@code struct mmsghdr}.
 *
 * <pre>
 *  0         8       12     16
 *  | cmsg_len | level | type | data ... padding to 8 | the next
 * </pre>
 */
final class ControlData {

    private static final ValueLayout.OfInt BIG_ENDIAN_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment headers;
    private final MemorySegment controls;
    private final int capacity;

    /** @param capacity bytes for each message; what is not a multiple of 8 cannot be used */
    ControlData(MemorySegment headers, Arena arena, int messages, int capacity) {
        this.headers = headers;
        this.capacity = capacity & ~7;
        controls = arena.allocate((long) messages * this.capacity, 8);
    }

    long address(int message) {
        return controls.address() + begin(message);
    }

    void clear(int message) {
        length(message, 0);
    }

    void prepareReceive(int message) {
        length(message, capacity);
    }

    void packetInfo(int message, int ifindex, int sourceAddress) {
        clear(message);
        if (ifindex == 0 && sourceAddress == 0) {
            return;
        }
        long data = append(message, Abi.IPPROTO_IP, Abi.IP_PKTINFO, InPktinfo.SIZE);
        controls.set(JAVA_INT, data + InPktinfo.IFINDEX, ifindex);
        controls.set(BIG_ENDIAN_INT, data + InPktinfo.SPEC_DST, sourceAddress);
        controls.set(JAVA_INT, data + InPktinfo.ADDR, 0);
    }

    void packetInfo6(int message, int ifindex) {
        clear(message);
        if (ifindex == 0) {
            return;
        }
        long data = append(message, Abi.IPPROTO_IPV6, Abi.IPV6_PKTINFO, In6Pktinfo.SIZE);
        controls.asSlice(data + In6Pktinfo.ADDR, 16).fill((byte) 0);
        controls.set(JAVA_INT, data + In6Pktinfo.IFINDEX, ifindex);
    }

    boolean copyPacketInfo6Address(int message, MemorySegment everything, long target) {
        long data = find(message, Abi.IPPROTO_IPV6, Abi.IPV6_PKTINFO);
        if (data < 0) {
            return false;
        }
        MemorySegment.copy(controls, data + In6Pktinfo.ADDR, everything, target, 16);
        return true;
    }

    int trafficClass(int message) {
        long data = find(message, Abi.IPPROTO_IPV6, Abi.IPV6_TCLASS);
        return data < 0 ? 0 : controls.get(JAVA_INT, data);
    }

    int packetInfoInterface(int message) {
        long data = find(message, Abi.IPPROTO_IP, Abi.IP_PKTINFO);
        if (data >= 0) {
            return controls.get(JAVA_INT, data + InPktinfo.IFINDEX);
        }
        data = find(message, Abi.IPPROTO_IPV6, Abi.IPV6_PKTINFO);
        return data < 0 ? 0 : controls.get(JAVA_INT, data + In6Pktinfo.IFINDEX);
    }

    int fragmentSize(int message) {
        long data = find(message, Abi.IPPROTO_IP, Abi.IP_RECVFRAGSIZE);
        if (data < 0) {
            data = find(message, Abi.IPPROTO_IPV6, Abi.IPV6_RECVFRAGSIZE);
        }
        return data < 0 ? 0 : controls.get(JAVA_INT, data);
    }

    void segmentSize(int message, int bytes) {
        long data = append(message, Abi.SOL_UDP, Abi.UDP_SEGMENT, Short.BYTES);
        controls.set(JAVA_SHORT, data, (short) bytes);
    }

    int segmentSize(int message) {
        long data = find(message, Abi.SOL_UDP, Abi.UDP_GRO);
        return data < 0 ? 0 : controls.get(JAVA_INT, data);
    }

    /** Appends a control message of that kind; returns the offset of its data. */
    private long append(int message, int level, int type, int dataLength) {
        long used = length(message);
        int space = Cmsghdr.space(dataLength);
        Objects.checkFromIndexSize(used, space, capacity);
        long header = begin(message) + used;
        controls.set(JAVA_LONG, header + Cmsghdr.LEN, Cmsghdr.SIZE + dataLength);
        controls.set(JAVA_INT, header + Cmsghdr.LEVEL, level);
        controls.set(JAVA_INT, header + Cmsghdr.TYPE, type);
        length(message, used + space);
        return header + Cmsghdr.SIZE;
    }

    /** The offset of the data of the first control message of that kind, or -1. */
    private long find(int message, int level, int type) {
        long header = begin(message);
        long end = header + length(message);
        while (header + Cmsghdr.SIZE <= end) {
            long length = controls.get(JAVA_LONG, header + Cmsghdr.LEN);
            if (length < Cmsghdr.SIZE || length > end - header) {
                return -1;
            }
            if (controls.get(JAVA_INT, header + Cmsghdr.LEVEL) == level
                    && controls.get(JAVA_INT, header + Cmsghdr.TYPE) == type) {
                return header + Cmsghdr.SIZE;
            }
            header += Cmsghdr.align(length);
        }
        return -1;
    }

    private long begin(int message) {
        return (long) message * capacity;
    }

    private long length(int message) {
        return headers.get(JAVA_LONG, (long) message * Mmsghdr.SIZE + Mmsghdr.CONTROLLEN);
    }

    private void length(int message, long bytes) {
        headers.set(JAVA_LONG, (long) message * Mmsghdr.SIZE + Mmsghdr.CONTROLLEN, bytes);
    }
}
