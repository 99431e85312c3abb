package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.ErspanFlyweight;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.IpProtocol;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** ERSPAN types I, II and III, draft-foschiano-erspan-03, as Linux sends them. */
final class ErspanEncapsulator implements Encapsulator {

    private static final int TYPE_OFFSET = 12;
    private static final int TAG_OFFSET = 14;

    /** Type III, BSO: the mirrored frame is shorter than Ethernet's least, or longer than its largest without tag. */
    private static final int SHORT = 1;

    private static final int OVERSIZED = 2;
    private static final int SHORTEST_FRAME = 60;
    private static final int LONGEST_FRAME = 1514;

    /** From the DS field to a class of service. */
    private static final int PRECEDENCE_SHIFT = 5;

    private static final int IPV6_CLASS_SHIFT = 4;

    private final ErspanOptions options;
    private final int sessionId;
    private final int greLength;

    ErspanEncapsulator(TunnelSpec spec) {
        options = spec.erspan();
        sessionId = spec.okey() == null ? 0 : spec.okey();
        greLength = GreFlyweight.headerLength(options.hasHeader() ? GreFlyweight.SEQUENCE_PRESENT : 0);
    }

    @Override
    public int shimLength() {
        return greLength + options.headerLength();
    }

    @Override
    public boolean carries(int innerVersion) {
        return true;
    }

    @Override
    public int protocol(int innerVersion) {
        return IpProtocol.GRE;
    }

    @Override
    public void putTemplate(MutableDirectBuffer buffer, int offset) {
        boolean isTypeIii = options.version() == ErspanFlyweight.VERSION_III;
        new GreFlyweight()
                .wrap(buffer, offset)
                .flags(options.hasHeader() ? GreFlyweight.SEQUENCE_PRESENT : 0)
                .protocol(isTypeIii ? EtherType.ERSPAN_III : EtherType.ERSPAN);
        ErspanFlyweight erspan = new ErspanFlyweight().wrap(buffer, offset + greLength);
        if (isTypeIii) {
            erspan.origin(options.hardwareId(), options.egress());
        } else if (options.hasHeader()) {
            erspan.index(options.index());
        }
    }

    @Override
    public void fixUp(Slot slot, int shimOffset, int innerVersion) {
        if (!options.hasHeader()) {
            return;
        }
        MutableDirectBuffer buffer = slot.buffer;
        int frame = shimOffset + shimLength();
        int frameLength = slot.offset + slot.length - frame;
        boolean isTagged = frameLength > TAG_OFFSET + Short.BYTES
                && (buffer.getShort(frame + TYPE_OFFSET, BIG_ENDIAN) & 0xffff) == EtherType.VLAN;
        int tag = isTagged ? buffer.getShort(frame + TAG_OFFSET, BIG_ENDIAN) : 0;
        int tos = tos(buffer, frame + slot.networkOffset, innerVersion);
        boolean isTypeIii = options.version() == ErspanFlyweight.VERSION_III;
        int encapsulation = isTypeIii ? badShortOversized(frameLength) : isTagged ? ErspanFlyweight.TAG_IN_FRAME : 0;
        slot.erspan
                .wrap(buffer, shimOffset + greLength)
                .versionAndVlan(options.version(), tag)
                .session(sessionId, tos >>> PRECEDENCE_SHIFT, encapsulation, slot.truncated);
        if (isTypeIii) {
            slot.erspan.timestamp(slot.timestamp);
        }
    }

    private static int tos(MutableDirectBuffer buffer, int ip, int innerVersion) {
        return switch (innerVersion) {
            case 4 -> buffer.getByte(ip + 1) & 0xff;
            case 6 -> (buffer.getShort(ip, BIG_ENDIAN) >>> IPV6_CLASS_SHIFT) & 0xff;
            default -> 0;
        };
    }

    private static int badShortOversized(int frameLength) {
        return frameLength < SHORTEST_FRAME ? SHORT : frameLength > LONGEST_FRAME ? OVERSIZED : 0;
    }

    @Override
    public boolean isNumbered() {
        return options.hasHeader();
    }

    @Override
    public void putSequence(MutableDirectBuffer buffer, int shimOffset, int sequence) {
        buffer.putInt(shimOffset + GreFlyweight.MIN_HEADER_LENGTH, sequence, BIG_ENDIAN);
    }

    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int shimOffset,
            int sequence,
            int length,
            int checksumStart,
            int checksumField) {
        if (options.hasHeader()) {
            putSequence(headers, shimOffset, sequence);
        }
        if (options.version() == ErspanFlyweight.VERSION_III) {
            int field = shimOffset + greLength + ErspanFlyweight.SESSION_OFFSET;
            int others = headers.getShort(field, BIG_ENDIAN) & ~ErspanFlyweight.ENCAPSULATION_MASK;
            int bits = badShortOversized(length - shimLength()) << ErspanFlyweight.ENCAPSULATION_SHIFT;
            headers.putShort(field, (short) (others | bits), BIG_ENDIAN);
        }
    }

    @Override
    public boolean isQuotedBy(DirectBuffer quote, int shimOffset, int available) {
        int protocolType = options.version() == ErspanFlyweight.VERSION_III ? EtherType.ERSPAN_III : EtherType.ERSPAN;
        int flags = options.hasHeader() ? GreFlyweight.SEQUENCE_PRESENT : 0;
        return quote.getInt(shimOffset, BIG_ENDIAN) == (flags << Short.SIZE | protocolType);
    }

    /** Each frame has a number and, in type III, a size of its own. */
    @Override
    public boolean segmentsAlike() {
        return false;
    }

    @Override
    public boolean truncates() {
        return true;
    }
}
