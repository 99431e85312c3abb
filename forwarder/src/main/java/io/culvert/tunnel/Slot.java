package io.culvert.tunnel;

import io.culvert.esp.SecurityAssociation;
import io.culvert.wire.ErspanFlyweight;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.GreV1Flyweight;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6ExtensionHeaders;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.L2tpv3Flyweight;
import io.culvert.wire.MinimalEncapsulationFlyweight;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One packet on its way through a path: a fixed piece of off-heap memory with headroom in front, and what the stages
 * tell each other about it. Encapsulation prepends into the headroom, decapsulation moves the offset: payload bytes stay
 * where the kernel put them.
 *
 * <p>A slot belongs to one thread at a time: ingress, then one worker, then egress.
 */
public final class Slot {

    /**
     * Bytes in front of a received IP packet, for every outer header, the Ethernet header and the virtio-net header
     * together. A multiple of the cache line, so that received IP headers start on one.
     */
    public static final int HEADROOM = 256;

    /** Largest packet, in bytes: what IPv4's total length can say. */
    public static final int MAX_PACKET = 65_535;

    /**
     * Bytes from one slot to the next. An odd number of 64-byte cache lines, so that the headers of a batch spread over
     * the sets of the first-level cache instead of sharing a few.
     */
    public static final int STRIDE = 64 * 1033;

    /** Bytes for the sealed segments of a super-packet: enough if a segment carries 160 bytes or more. */
    public static final int SEALED_CAPACITY = 128 << 10;

    /** Its memory, {@link #STRIDE} bytes. */
    public final UnsafeBuffer buffer;

    /** Address of the memory's first byte. */
    public final long address;

    /** Offset of the packet's first byte: an IP header, or an Ethernet header where a tunnel carries frames. */
    public int offset;

    /** Length of the packet in bytes. */
    public int length;

    /**
     * Bytes from the inner packet's first one to its IP header: 0, or of an Ethernet frame {@link
     * io.culvert.wire.EthernetFlyweight#ipOffset}.
     */
    public int networkOffset;

    /** What an inner packet is that is neither IP nor a frame, as {@link io.culvert.wire.EtherType} has it; else 0. */
    public int etherType;

    /** The tunnel that the packet belongs to; null until it is known. */
    public @Nullable Tunnel tunnel;

    /** The tunnels as they were when the packet was received. */
    public TunnelTable table = TunnelTable.EMPTY;

    /** The outer header that was prepended, encapsulation path only. */
    public @Nullable OuterHeader outerHeader;

    public Verdict verdict = Verdict.IGNORE;

    /** Why it is dropped; meaningful only with {@link Verdict#DROP}. */
    public DropReason dropReason = DropReason.INTERNAL;

    /** Whether a layer 4 checksum is left to be finished: its field holds the folded pseudo-header sum. */
    public boolean checksumPartial;

    /** Offset of the first byte that the partial checksum covers. */
    public int checksumStart;

    /** Bytes from {@link #checksumStart} to the checksum field. */
    public int checksumOffset;

    /** GSO type of struct virtio_net_hdr; 0 for a packet that is not a super-packet. */
    public int gsoType;

    /** Layer 4 payload bytes of each segment of a super-packet. */
    public int gsoSize;

    /** Outer packets that it may take: segments of a super-packet, or fragments of one that is too big; else 1. */
    public int segments;

    /** Whether the path takes its outer packets in fragments only; encapsulation path only. */
    public boolean outerFragments;

    /** Outer source and destination as {@link TunnelTable} tells addresses apart; decapsulation path only. */
    int outerSource;

    int outerDestination;

    /** DS field of the outer header, decapsulation path only. */
    int outerTos;

    /** Index of the device it arrived on, decapsulation path only; 0 if unknown. */
    public int arrivalIndex;

    /** Whether it came by a raw socket: checked and reassembled by the kernel, and without a virtio-net header. */
    public boolean raw;

    /** Outer identification of the first segment, given by the ingress stage in order; encapsulation path only. */
    public int identification;

    /** GRE or L2TPv3 sequence number: of the first segment, given by the egress stage in order, or read by decapsulation. */
    public int sequence;

    /** Tunnel encapsulation limit that the inner packet brought, 0 for none; encapsulation path, outer IPv6 only. */
    public int innerEncapLimit;

    /** Whether {@link #sequence} was read from the packet and the egress stage must judge it. */
    public boolean sequenceChecked;

    /** 64-bit ESP sequence number: of the first segment, given by the ingress stage in order, or of a received packet. */
    public long espSequence;

    /** The security association that a received packet names; null if there is none. */
    @Nullable
    SecurityAssociation association;

    /** Number of the worker that has the slot, by which it finds ciphers of its own. */
    public int worker;

    /** Segments of the super-packet that lie protected in {@link #sealed}; 0 if nothing was sealed in segments. */
    public int sealedSegments;

    /** Bytes from one sealed segment to the next. */
    public int sealedStride;

    /** Length in bytes of each sealed outer packet but the last. */
    public int sealedLength;

    /** Length in bytes of the last sealed outer packet. */
    public int sealedLastLength;

    private @Nullable UnsafeBuffer sealed;

    /** The slot whose packet this one is a fragment of; null for any other packet. */
    public @Nullable Slot fragmentOf;

    /** Whether no further fragment of the same packet follows. */
    public boolean isLast;

    /** UDP destination port that it was received at, decapsulation path only; 0 if there is no UDP between the headers. */
    public int encapPort;

    /** When a mirrored frame was taken, in units of 100 microseconds; encapsulation path only. */
    public int timestamp;

    /** Whether an inner frame was cut to what the path takes; encapsulation path only. */
    public boolean truncated;

    /** Bytes of the inner packet, for counters. */
    public int innerLength;

    final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    final Ipv4Flyweight innerIpv4 = new Ipv4Flyweight();
    final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    final Ipv6ExtensionHeaders extensionHeaders = new Ipv6ExtensionHeaders();
    final GreFlyweight gre = new GreFlyweight();
    final GreV1Flyweight greV1 = new GreV1Flyweight();
    final ErspanFlyweight erspan = new ErspanFlyweight();
    final L2tpv3Flyweight l2tp = new L2tpv3Flyweight();
    final MinimalEncapsulationFlyweight minimal = new MinimalEncapsulationFlyweight();

    /**
     * @param buffer its memory, {@link #STRIDE} bytes
     * @param address address of the memory's first byte
     */
    public Slot(UnsafeBuffer buffer, long address) {
        this.buffer = buffer;
        this.address = address;
    }

    /** Makes it hold a packet that was just received at {@link #HEADROOM}. */
    public void received(TunnelTable currentTable, int packetLength) {
        table = currentTable;
        outerHeader = null;
        offset = HEADROOM;
        length = packetLength;
        networkOffset = 0;
        etherType = 0;
        truncated = false;
        tunnel = null;
        verdict = Verdict.FORWARD;
        checksumPartial = false;
        gsoType = 0;
        segments = 1;
        outerFragments = false;
        fragmentOf = null;
        isLast = true;
        arrivalIndex = 0;
        raw = false;
        innerEncapLimit = 0;
        sequenceChecked = false;
        encapPort = 0;
        association = null;
        sealedSegments = 0;
        innerLength = packetLength;
    }

    /** The tunnel that the packet belongs to; only where a stage has found it. */
    public Tunnel tunnel() {
        if (tunnel == null) {
            throw new IllegalStateException("the packet has no tunnel yet");
        }
        return tunnel;
    }

    /** The outer header that was prepended; only behind encapsulation. */
    public OuterHeader outerHeader() {
        if (outerHeader == null) {
            throw new IllegalStateException("the packet is not encapsulated");
        }
        return outerHeader;
    }

    /** Memory for the sealed segments of a super-packet; made when it is first needed. */
    public UnsafeBuffer sealed() {
        UnsafeBuffer memory = sealed;
        if (memory == null) {
            memory = new UnsafeBuffer(ByteBuffer.allocateDirect(SEALED_CAPACITY));
            sealed = memory;
        }
        return memory;
    }

    /**
     * Judges the ESP sequence number of a received packet, if it has one, and drops what was seen already; called by the
     * egress stage in the order of arrival.
     */
    public void judgeReplay() {
        SecurityAssociation named = association;
        if (named == null) {
            return;
        }
        if (verdict == Verdict.DROP && dropReason == DropReason.ESP_AUTH) {
            named.forged();
        } else if (verdict == Verdict.DROP && dropReason == DropReason.ESP_REPLAY) {
            named.replayed();
        } else if (!named.accept(espSequence, innerLength)) {
            drop(DropReason.ESP_REPLAY);
        }
    }

    /** Drops the packet. */
    public void drop(DropReason reason) {
        verdict = Verdict.DROP;
        dropReason = reason;
    }
}
