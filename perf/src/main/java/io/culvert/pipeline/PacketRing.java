package io.culvert.pipeline;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.TcpFlyweight;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The slots of a staged path, each with a packet as the ingress stage leaves it. Their headers alone are more than a
 * first-level cache holds, their super-packets more than a second-level one, so that benchmarks touch memory as the path
 * does.
 */
public final class PacketRing implements AutoCloseable {

    /** Segments of a super-packet. */
    static final int SUPER_PACKET_SEGMENTS = 46;

    private static final int TCP_HEADER = 32;

    /** TCP payload of a segment: 1500 bytes less the inner headers and the longest outer one. */
    private static final int SEGMENT = 1500 - 36 - 20 - TCP_HEADER;

    /** Length of an inner super-packet in bytes: IPv4 header, TCP header with timestamps, payload. */
    static final int SUPER_PACKET = 20 + TCP_HEADER + SUPER_PACKET_SEGMENTS * SEGMENT;

    private static final int CAPACITY = 256;
    private static final int MTU = 1500;
    private static final int TCP_CHECKSUM_OFFSET = 16;
    private static final int INNER_TTL = 64;

    private final SlotPool pool = new SlotPool(CAPACITY);
    private TunnelTable table = TunnelTable.EMPTY;
    private @Nullable Tunnel tunnel;
    private int length;
    private int innerOffset = Slot.HEADROOM;
    private boolean superPackets;
    private long sequence;

    /** Fills every slot with random bytes. */
    public PacketRing() {
        byte[] bytes = new byte[Slot.STRIDE];
        Random random = new Random(1);
        for (int i = 0; i < CAPACITY; i++) {
            random.nextBytes(bytes);
            pool.get(i).buffer.putBytes(0, bytes);
        }
    }

    /** Fills every slot with an inner packet of that length; above 1500 bytes a super-packet with a partial checksum. */
    public void fillInner(TunnelOption option, int innerBytes) {
        tunnel = option.tunnel(0);
        putInner(Slot.HEADROOM, innerBytes);
    }

    /** Fills every slot with an outer packet, as the peer sends it, around an inner packet of that length. */
    public void fillOuter(TunnelOption option, int innerBytes) {
        Tunnel peer = option.peerTunnel(0);
        putInner(Slot.HEADROOM + peer.overhead(), innerBytes);
        tunnel = peer;
        EncapStage encapStage = new EncapStage();
        for (int i = 0; i < CAPACITY; i++) {
            Slot slot = next();
            slot.offset = innerOffset;
            encapStage.process(slot);
            requireForward(slot);
        }
        tunnel = null;
        table = new TunnelTable(List.of(option.tunnel(0)));
        length = innerBytes + peer.overhead();
    }

    private void putInner(int offset, int innerBytes) {
        innerOffset = offset;
        length = innerBytes;
        superPackets = innerBytes > MTU;
        for (int i = 0; i < CAPACITY; i++) {
            putInner(pool.get(i), innerBytes);
        }
    }

    private void putInner(Slot slot, int innerBytes) {
        slot.buffer.setMemory(innerOffset, Ipv4Flyweight.MIN_HEADER_LENGTH, (byte) 0);
        new Ipv4Flyweight()
                .wrap(slot.buffer, innerOffset)
                .headerLength(Ipv4Flyweight.MIN_HEADER_LENGTH)
                .totalLength(innerBytes)
                .flagsAndFragmentOffset(Ipv4Flyweight.DONT_FRAGMENT)
                .ttl(INNER_TTL)
                .protocol(IpProtocol.TCP)
                .source(0xc000_0201)
                .destination(0xc633_6401)
                .updateChecksum();
        new TcpFlyweight()
                .wrap(slot.buffer, innerOffset + Ipv4Flyweight.MIN_HEADER_LENGTH)
                .headerLength(TCP_HEADER);
    }

    /** The next packet, in the state in which the ingress stage hands it on. */
    public Slot next() {
        Slot slot = pool.get(sequence++);
        slot.received(table, length);
        slot.tunnel = tunnel;
        slot.identification = (int) sequence;
        slot.sequence = (int) sequence;
        if (superPackets) {
            slot.gsoType = VnetHeader.GSO_TCPV4;
            slot.gsoSize = SEGMENT;
            slot.checksumPartial = true;
            slot.checksumStart = innerOffset + Ipv4Flyweight.MIN_HEADER_LENGTH;
            slot.checksumOffset = TCP_CHECKSUM_OFFSET;
            slot.segments = SUPER_PACKET_SEGMENTS;
        }
        return slot;
    }

    /** Fails if the packet would not be sent: a benchmark of what is dropped early measures nothing. */
    public static void requireForward(Slot slot) {
        if (slot.verdict != Verdict.FORWARD) {
            throw new IllegalStateException(
                    "the packet is not forwarded: " + slot.verdict + " " + slot.dropReason.word());
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
