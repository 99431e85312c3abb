package io.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.culvert.linux.socket.Structs.Iovec;
import io.culvert.linux.socket.Structs.Mmsghdr;
import io.culvert.linux.socket.Structs.SockaddrIn;
import io.culvert.linux.socket.Structs.SockaddrIn6;
import io.culvert.linux.socket.Structs.SockaddrLl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * The messages of one {@code sendmmsg} or {@code recvmmsg}: where their bytes are, from or to whom, and their control
 * data. Everything is off heap and allocated once; the payload belongs to the caller.
 *
 * <p>For each message: {@code struct mmsghdr}, a fixed number of {@code struct iovec}, room for one socket address and
 * for control data. For one thread at a time.
 *
 * <p>To receive, set the iovecs once, then call {@link #prepareReceive} before each {@code receive}. To send, set
 * iovecs, address and control data; they stay until changed, or until a receive writes over them.
 */
public final class MessageBatch implements AutoCloseable {

    /** In {@link #flags}: the message was longer than its iovecs and was cut off. */
    public static final int MSG_TRUNC = Abi.MSG_TRUNC;
    /** In {@link #flags}: the control data was longer than the room for it. */
    public static final int MSG_CTRUNC = Abi.MSG_CTRUNC;

    /** Room for any socket address that this class writes. */
    public static final int NAME_CAPACITY = SockaddrIn6.SIZE;
    /** Room for all control data that this class writes or reads. */
    public static final int CONTROL_CAPACITY = 128;

    private static final ValueLayout.OfShort BIG_ENDIAN_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BIG_ENDIAN_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);

    @SuppressWarnings("restricted")
    private static final MemorySegment EVERYTHING = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment headers;
    private final MemorySegment iovecs;
    private final MemorySegment names;
    private final ControlData control;
    private final int iovecsPerMessage;
    private final int nameCapacity;
    private final int nameStride;
    /** 0 once closed, so that no call reaches memory that is no more. */
    private int capacity;

    /**
     * @param messages 1 to 1024, which is the kernel's own limit for one call
     * @param iovecsPerMessage pieces of memory that a message can be made of, 1 to 1024
     * @param nameCapacity bytes for a socket address, 0 for a connected socket; {@link #NAME_CAPACITY} fits all
     * @param controlCapacity bytes for control data, 0 for none; {@link #CONTROL_CAPACITY} fits all
     */
    public MessageBatch(int messages, int iovecsPerMessage, int nameCapacity, int controlCapacity) {
        if (messages < 1 || messages > 1024 || iovecsPerMessage < 1 || iovecsPerMessage > 1024) {
            throw new IllegalArgumentException(
                    "a batch has 1 to 1024 messages of 1 to 1024 iovecs, not " + messages + " of " + iovecsPerMessage);
        }
        if (nameCapacity < 0 || controlCapacity < 0) {
            throw new IllegalArgumentException(
                    "room for a name or control data cannot be negative: " + nameCapacity + ", " + controlCapacity);
        }
        this.capacity = messages;
        this.iovecsPerMessage = iovecsPerMessage;
        this.nameCapacity = nameCapacity;
        nameStride = (nameCapacity + 7) & ~7;
        headers = arena.allocate((long) messages * Mmsghdr.SIZE, 64);
        iovecs = arena.allocate((long) messages * iovecsPerMessage * Iovec.SIZE, 64);
        names = arena.allocate((long) messages * nameStride, 8);
        control = new ControlData(headers, arena, messages, controlCapacity);
        for (int message = 0; message < messages; message++) {
            long header = header(message);
            headers.set(JAVA_LONG, header + Mmsghdr.NAME, names.address() + name(message));
            headers.set(JAVA_LONG, header + Mmsghdr.IOV, iovecs.address() + iovec(message, 0));
            headers.set(JAVA_LONG, header + Mmsghdr.IOVLEN, iovecsPerMessage);
            headers.set(JAVA_LONG, header + Mmsghdr.CONTROL, control.address(message));
        }
    }

    /** How many messages there are; 0 once closed. */
    public int capacity() {
        return capacity;
    }

    /** Piece {@code index} of a message: {@code length} bytes at {@code address}. */
    public void iovec(int message, int index, long address, int length) {
        Objects.checkIndex(index, iovecsPerMessage);
        long iovec = iovec(message, index);
        iovecs.set(JAVA_LONG, iovec + Iovec.BASE, address);
        iovecs.set(JAVA_LONG, iovec + Iovec.LEN, length);
    }

    /** How many pieces the message has; all of them at first. */
    public void iovecCount(int message, int count) {
        Objects.checkIndex(count, iovecsPerMessage + 1);
        headers.set(JAVA_LONG, header(message) + Mmsghdr.IOVLEN, count);
    }

    /** Bytes that were received or sent in the message, for those that the call did. */
    public int length(int message) {
        return headers.get(JAVA_INT, header(message) + Mmsghdr.LEN);
    }

    /** Flags of a received message, such as {@link #MSG_TRUNC}. */
    public int flags(int message) {
        return headers.get(JAVA_INT, header(message) + Mmsghdr.FLAGS);
    }

    /** Gives {@code count} messages their room for address and control data back, which the last receive used. */
    public void prepareReceive(int first, int count) {
        for (int message = first; message < first + count; message++) {
            headers.set(JAVA_INT, header(message) + Mmsghdr.NAMELEN, nameCapacity);
            control.prepareReceive(message);
        }
    }

    /** Sends the message to where the socket is bound or connected to. */
    public void noAddress(int message) {
        nameLength(message, 0);
    }

    /** Sends the frame out of interface {@code ifindex}; the Ethernet header is in the frame. */
    public void packetAddress(int message, int ifindex, int etherType) {
        nameLength(message, SockaddrLl.SIZE);
        long name = name(message);
        names.set(JAVA_SHORT, name + SockaddrLl.FAMILY, (short) Abi.AF_PACKET);
        names.set(BIG_ENDIAN_SHORT, name + SockaddrLl.PROTOCOL, (short) etherType);
        names.set(JAVA_INT, name + SockaddrLl.IFINDEX, ifindex);
        // Hardware type, packet type, address length and address, of no use in sending whole frames.
        names.set(JAVA_INT, name + SockaddrLl.HATYPE, 0);
    }

    /** The interface that a frame was received from. */
    public int packetInterface(int message) {
        return names.get(JAVA_INT, name(message) + SockaddrLl.IFINDEX);
    }

    /** Whom a received frame was for: one of {@link PacketSocket}'s packet types. */
    public int packetType(int message) {
        return names.get(JAVA_BYTE, name(message) + SockaddrLl.PKTTYPE) & 0xff;
    }

    /** The EtherType of a received frame. */
    public int packetEtherType(int message) {
        return names.get(BIG_ENDIAN_SHORT, name(message) + SockaddrLl.PROTOCOL) & 0xffff;
    }

    /**
     * Sends the message to an IPv4 address.
     *
     * @param address as a number, the first byte highest
     * @param port 0 for raw sockets
     */
    public void inet4Address(int message, int address, int port) {
        nameLength(message, SockaddrIn.SIZE);
        long name = name(message);
        names.set(JAVA_SHORT, name + SockaddrIn.FAMILY, (short) Abi.AF_INET);
        names.set(BIG_ENDIAN_SHORT, name + SockaddrIn.PORT, (short) port);
        names.set(BIG_ENDIAN_INT, name + SockaddrIn.ADDR, address);
    }

    /** The IPv4 address that a message came from, as a number, the first byte highest. */
    public int inet4Address(int message) {
        return names.get(BIG_ENDIAN_INT, name(message) + SockaddrIn.ADDR);
    }

    /**
     * Sends the message to an IPv6 address.
     *
     * @param address where the 16 bytes are
     * @param scope the interface of a link-local address, else 0
     * @param port 0 for raw sockets
     */
    public void inet6Address(int message, long address, int scope, int port) {
        nameLength(message, SockaddrIn6.SIZE);
        long name = name(message);
        names.set(JAVA_SHORT, name + SockaddrIn6.FAMILY, (short) Abi.AF_INET6);
        names.set(BIG_ENDIAN_SHORT, name + SockaddrIn6.PORT, (short) port);
        names.set(JAVA_INT, name + SockaddrIn6.FLOWINFO, 0);
        MemorySegment.copy(EVERYTHING, address, names, name + SockaddrIn6.ADDR, 16);
        names.set(JAVA_INT, name + SockaddrIn6.SCOPE_ID, scope);
    }

    /** Copies the 16 bytes of the IPv6 address that a message came from to {@code target}. */
    public void copyInet6Address(int message, long target) {
        MemorySegment.copy(names, name(message) + SockaddrIn6.ADDR, EVERYTHING, target, 16);
    }

    /** The UDP port that a message came from, IPv4 or IPv6. */
    public int port(int message) {
        return names.get(BIG_ENDIAN_SHORT, name(message) + SockaddrIn.PORT) & 0xffff;
    }

    /** Sends the message without control data. */
    public void noControl(int message) {
        control.clear(message);
    }

    /**
     * Replaces the message's control data: out of which interface and from which address to send it (IP_PKTINFO).
     *
     * @param ifindex 0 to leave it to the routes
     * @param sourceAddress as a number, the first byte highest; 0 to leave it to the kernel. If both are 0 there is no
     *     control data
     */
    public void packetInfo(int message, int ifindex, int sourceAddress) {
        control.packetInfo(message, ifindex, sourceAddress);
    }

    /**
     * Appends to the control data: cut the message into datagrams of this many bytes (UDP_SEGMENT). Call {@link
     * #packetInfo} or {@link #noControl} first.
     */
    public void segmentSize(int message, int bytes) {
        control.segmentSize(message, bytes);
    }

    /**
     * Replaces the message's control data: out of which interface to send an IPv6 packet (IPV6_PKTINFO).
     *
     * @param ifindex 0 to leave it to the routes; there is no control data then
     */
    public void packetInfo6(int message, int ifindex) {
        control.packetInfo6(message, ifindex);
    }

    /** Copies the 16 bytes of the IPv6 address that a message was sent to (IPV6_PKTINFO); false if it is not known. */
    public boolean copyPacketInfo6Address(int message, long target) {
        return control.copyPacketInfo6Address(message, EVERYTHING, target);
    }

    /** The traffic class that a message came with (IPV6_TCLASS), 0 if the kernel did not say. */
    public int trafficClass(int message) {
        return control.trafficClass(message);
    }

    /** The interface that a message was received from (IP_PKTINFO, IPV6_PKTINFO), 0 if the kernel did not say. */
    public int packetInfoInterface(int message) {
        return control.packetInfoInterface(message);
    }

    /** Bytes of the largest fragment that the kernel put a received message together from, 0 if it came whole. */
    public int fragmentSize(int message) {
        return control.fragmentSize(message);
    }

    /** Bytes of each datagram but the last that the kernel merged into a received message (UDP_GRO), 0 if it is one. */
    public int segmentSize(int message) {
        return control.segmentSize(message);
    }

    private void nameLength(int message, int length) {
        Objects.checkFromIndexSize(0, length, nameCapacity);
        headers.set(JAVA_INT, header(message) + Mmsghdr.NAMELEN, length);
    }

    private static long header(int message) {
        return (long) message * Mmsghdr.SIZE;
    }

    private long iovec(int message, int index) {
        return ((long) message * iovecsPerMessage + index) * Iovec.SIZE;
    }

    private long name(int message) {
        return (long) message * nameStride;
    }

    /** Address of the {@code struct mmsghdr} of message {@code first}, from where {@code count} stand. */
    long address(int first, int count) {
        Objects.checkFromIndexSize(first, count, capacity);
        return headers.address() + header(first);
    }

    @Override
    public void close() {
        capacity = 0;
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
