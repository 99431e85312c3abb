package io.culvert.icmp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.Icmpv6Flyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An ICMP error that somebody in the outer network sent, and the outer packet that it quotes, which may be cut anywhere
 * behind its IP header. That it was parsed says nothing of whether it is true. One thread.
 */
public final class OuterError {

    /** Bytes behind the quoted IP header that every error holds, RFC 792. */
    public static final int MIN_QUOTED_PAYLOAD = 8;

    private static final int OPTIONS_UNIT = 8;

    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final Icmpv4Flyweight icmpv4 = new Icmpv4Flyweight();
    private final Icmpv6Flyweight icmpv6 = new Icmpv6Flyweight();

    private MutableDirectBuffer buffer = new UnsafeBuffer(new byte[0]);
    private boolean isIpv6;
    private int type;
    private int code;
    private long word;
    private int header;
    private int protocol;
    private int payload;
    private int end;
    private int length;
    private int identification;
    private boolean dontFragment;

    /**
     * Reads an ICMP message with its IPv4 header in front, as a raw socket gives it.
     *
     * @return whether it is a sound error that quotes an IPv4 header and what stands first behind it
     */
    public boolean parseIpv4(MutableDirectBuffer message, int offset, int available) {
        if (Ipv4Flyweight.validate(message, offset, available) != Malformed.NONE) {
            return false;
        }
        ipv4.wrap(message, offset);
        int at = ipv4.payloadOffset();
        int bytes = ipv4.payloadLength();
        if (ipv4.protocol() != IpProtocol.ICMP
                || Icmpv4Flyweight.validate(message, at, bytes) != Malformed.NONE
                || !icmpv4.wrap(message, at).isChecksumValid(bytes)
                || !Icmpv4Flyweight.isError(icmpv4.type())) {
            return false;
        }
        begin(message, false, icmpv4.type(), icmpv4.code(), icmpv4.nextHopMtu(), icmpv4.payloadOffset());
        // RFC 4884 section 4.1: words of 32 bits, where something stands behind the quote.
        int quoted = (message.getByte(at + 5) & 0xff) * Integer.BYTES;
        end = quoted == 0 ? at + bytes : Math.min(at + bytes, header + quoted);
        if (Ipv4Flyweight.validateHeader(message, header, end - header) != Malformed.NONE) {
            return false;
        }
        ipv4.wrap(message, header);
        protocol = ipv4.protocol();
        payload = ipv4.payloadOffset();
        length = ipv4.totalLength();
        identification = ipv4.identification();
        dontFragment = ipv4.dontFragment();
        end = Math.min(end, header + length);
        return ipv4.fragmentOffset() == 0 && end - payload >= MIN_QUOTED_PAYLOAD;
    }

    /**
     * Reads an ICMPv6 message without IPv6 header, as a raw socket gives it, whose checksum the kernel has verified.
     *
     * @return whether it is a sound error that quotes an IPv6 header and what stands first behind it
     */
    public boolean parseIpv6(MutableDirectBuffer message, int offset, int available) {
        if (Icmpv6Flyweight.validate(message, offset, available) != Malformed.NONE
                || !Icmpv6Flyweight.isError(icmpv6.wrap(message, offset).type())) {
            return false;
        }
        long value = icmpv6.mtu() & 0xffff_ffffL;
        begin(message, true, icmpv6.type(), icmpv6.code(), value, icmpv6.payloadOffset());
        // RFC 4884 section 4.2: words of 64 bits; packet too big and parameter problem have another field there.
        boolean hasLength = type == Icmpv6Flyweight.DESTINATION_UNREACHABLE || type == Icmpv6Flyweight.TIME_EXCEEDED;
        int quoted = hasLength ? (message.getByte(offset + 4) & 0xff) * Long.BYTES : 0;
        end = quoted == 0 ? offset + available : Math.min(offset + available, header + quoted);
        if (Ipv6Flyweight.validateHeader(message, header, end - header) != Malformed.NONE) {
            return false;
        }
        ipv6.wrap(message, header);
        protocol = ipv6.nextHeader();
        payload = ipv6.payloadOffset();
        length = Ipv6Flyweight.HEADER_LENGTH + ipv6.payloadLength();
        identification = 0;
        dontFragment = true;
        end = Math.min(end, header + length);
        if (protocol == IpProtocol.DESTINATION_OPTIONS && end - payload >= OPTIONS_UNIT) {
            protocol = message.getByte(payload) & 0xff;
            payload += OPTIONS_UNIT * (1 + (message.getByte(payload + 1) & 0xff));
        }
        return end - payload >= MIN_QUOTED_PAYLOAD;
    }

    private void begin(MutableDirectBuffer message, boolean overIpv6, int ownType, int ownCode, long value, int quote) {
        buffer = message;
        isIpv6 = overIpv6;
        type = ownType;
        code = ownCode;
        word = value;
        header = quote;
    }

    /** What kind of error it is. */
    public ErrorKind kind() {
        return isIpv6 ? ErrorKind.ofIpv6(type) : ErrorKind.ofIpv4(type, code);
    }

    /** Whether the outer network is IPv6. */
    public boolean isIpv6() {
        return isIpv6;
    }

    public int type() {
        return type;
    }

    public int code() {
        return code;
    }

    /** The MTU of the next hop of a packet too big, or the pointer of an IPv6 parameter problem; unsigned 32 bits. */
    public long word() {
        return word;
    }

    /** The message. */
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    /** Where the quoted IP header is. */
    public int header() {
        return header;
    }

    /** Where the quote ends, or the quoted packet in it. */
    public int end() {
        return end;
    }

    /** What stands behind the quoted IP header, or behind its destination options. */
    public int protocol() {
        return protocol;
    }

    /** Where that is; at least {@link #MIN_QUOTED_PAYLOAD} bytes of it are there. */
    public int payload() {
        return payload;
    }

    /** Bytes that the quoted packet had, as its header says. */
    public int length() {
        return length;
    }

    /** The quoted IPv4 identification; 0 over IPv6. */
    public int identification() {
        return identification;
    }

    /** Whether no router might have fragmented the quoted packet. */
    public boolean dontFragment() {
        return dontFragment;
    }

    /** The quoted packet's destination: IPv4 in host order; 0 over IPv6. */
    public int ipv4Destination() {
        return isIpv6 ? 0 : buffer.getInt(header + 16, BIG_ENDIAN);
    }
}
