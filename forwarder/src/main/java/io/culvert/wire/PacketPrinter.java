package io.culvert.wire;

import org.agrona.MutableDirectBuffer;

/**
 * Writes a whole packet as one line, outer header first, headers separated by {@code " | "}. What cannot be read ends the
 * line with the reason in brackets. Never throws, whatever the bytes. Reusable, for one thread. What IP protocol numbers
 * announce is printed here, what EtherTypes do by {@link FramePrinter}.
 */
public final class PacketPrinter {
    /** Headers that are printed of one packet, so that a maliciously nested one does not become a page. */
    static final int LIMIT = 12;

    private final FramePrinter frames = new FramePrinter(this);
    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final Ipv6ExtensionHeaders extensions = new Ipv6ExtensionHeaders();
    private final GreFlyweight gre = new GreFlyweight();
    private final GreV1Flyweight greV1 = new GreV1Flyweight();
    private final MinimalEncapsulationFlyweight minimal = new MinimalEncapsulationFlyweight();
    private final L2tpv3Flyweight l2tp = new L2tpv3Flyweight();
    private final TcpFlyweight tcp = new TcpFlyweight();
    private final UdpFlyweight udp = new UdpFlyweight();
    private final Icmpv4Flyweight icmpv4 = new Icmpv4Flyweight();
    private final Icmpv6Flyweight icmpv6 = new Icmpv6Flyweight();

    /** Appends a frame that starts with an Ethernet header; {@code length} in bytes. */
    public StringBuilder appendFrame(StringBuilder text, MutableDirectBuffer buffer, int offset, int length) {
        frames.appendEthernet(text, buffer, offset, offset + length, LIMIT);
        return text;
    }

    /** Appends a packet that starts with an IPv4 or IPv6 header; {@code length} in bytes. */
    public StringBuilder appendPacket(StringBuilder text, MutableDirectBuffer buffer, int offset, int length) {
        appendIp(text, buffer, offset, offset + length, LIMIT);
        return text;
    }

    /** Appends a packet of that EtherType, which has no header that says so; {@code length} in bytes. */
    public StringBuilder appendTyped(StringBuilder text, int type, MutableDirectBuffer buffer, int offset, int length) {
        EtherType.append(text, type);
        frames.appendByEtherType(text, type, buffer, offset, offset + length, LIMIT);
        return text;
    }

    void appendIp(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        if (offset >= end) {
            refuse(text, "IP", Malformed.TRUNCATED);
            return;
        }
        switch (buffer.getByte(offset) & 0xf0) {
            case 0x40 -> appendIpv4(text, buffer, offset, end, limit);
            case 0x60 -> appendIpv6(text, buffer, offset, end, limit);
            default -> refuse(text, "IP", Malformed.BAD_VERSION);
        }
    }

    void appendIpv4(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        int malformed = Ipv4Flyweight.validateHeader(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "IP", malformed);
            return;
        }
        ipv4.wrap(buffer, offset).appendTo(text);
        if (!ipv4.isChecksumValid()) {
            text.append(" [").append(Malformed.name(Malformed.BAD_CHECKSUM)).append(']');
        }
        if (ipv4.fragmentOffset() == 0) {
            int payloadEnd = Math.min(end, offset + ipv4.totalLength());
            appendUpper(text, ipv4.protocol(), buffer, ipv4.payloadOffset(), payloadEnd, limit - 1);
        }
    }

    void appendIpv6(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        int malformed = Ipv6Flyweight.validateHeader(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "IP6", malformed);
            return;
        }
        ipv6.wrap(buffer, offset).appendTo(text);
        malformed = extensions.parse(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text.append(" | "), "extension headers", malformed);
            return;
        }
        if (extensions.isFragment()) {
            text.append(" [frag ").append(extensions.fragmentOffset());
            text.append(extensions.moreFragments() ? "+]" : "]");
        }
        if (extensions.fragmentOffset() == 0) {
            int payloadEnd = Math.min(end, offset + ipv6.totalLength());
            appendUpper(text, extensions.upperProtocol(), buffer, extensions.upperOffset(), payloadEnd, limit - 1);
        }
    }

    private void appendUpper(
            StringBuilder text, int protocol, MutableDirectBuffer buffer, int offset, int end, int limit) {
        text.append(" | ");
        if (limit <= 0) {
            text.append("...");
            return;
        }
        switch (protocol) {
            case IpProtocol.IPV4 -> appendIpv4(text, buffer, offset, end, limit);
            case IpProtocol.IPV6 -> appendIpv6(text, buffer, offset, end, limit);
            case IpProtocol.MPLS -> frames.appendLabels(text, buffer, offset, end, limit);
            case IpProtocol.GRE -> appendGre(text, buffer, offset, end, limit);
            case IpProtocol.MINIMAL_ENCAPSULATION -> appendMinimal(text, buffer, offset, end, limit);
            case IpProtocol.L2TP -> appendL2tp(text, buffer, offset, end);
            case IpProtocol.TCP -> appendTcp(text, buffer, offset, end);
            case IpProtocol.UDP -> appendUdp(text, buffer, offset, end);
            case IpProtocol.ICMP -> appendIcmpv4(text, buffer, offset, end, limit);
            case IpProtocol.ICMPV6 -> appendIcmpv6(text, buffer, offset, end, limit);
            default ->
                IpProtocol.append(text, protocol)
                        .append(", ")
                        .append(end - offset)
                        .append(" bytes");
        }
    }

    private void appendGre(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        if (end - offset >= 2 && GreV1Flyweight.isVersion(buffer, offset)) {
            appendGreV1(text, buffer, offset, end, limit);
            return;
        }
        int malformed = GreFlyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "GRE", malformed);
            return;
        }
        gre.wrap(buffer, offset).appendTo(text);
        if (!gre.isChecksumValid(end - offset)) {
            text.append(" [").append(Malformed.name(Malformed.BAD_CHECKSUM)).append(']');
        }
        frames.appendByEtherType(text, gre.protocol(), buffer, gre.payloadOffset(), end, limit - 1);
    }

    private void appendGreV1(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        int malformed = GreV1Flyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "GREv1", malformed);
            return;
        }
        greV1.wrap(buffer, offset).appendTo(text);
        int payload = greV1.payloadOffset();
        if (greV1.payloadLength() > 0) {
            EtherType.append(text.append(" | "), greV1.protocol());
            frames.appendByEtherType(
                    text, greV1.protocol(), buffer, payload, payload + greV1.payloadLength(), limit - 1);
        }
    }

    private void appendMinimal(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        int malformed = MinimalEncapsulationFlyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "MINENC", malformed);
            return;
        }
        minimal.wrap(buffer, offset).appendTo(text);
        if (!minimal.isChecksumValid()) {
            text.append(" [").append(Malformed.name(Malformed.BAD_CHECKSUM)).append(']');
        }
        appendUpper(text, minimal.protocol(), buffer, minimal.payloadOffset(), end, limit - 1);
    }

    /** Where the frame begins only the session's ends know. */
    private void appendL2tp(StringBuilder text, MutableDirectBuffer buffer, int offset, int end) {
        int malformed = L2tpv3Flyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "L2TPv3", malformed);
            return;
        }
        l2tp.wrap(buffer, offset).appendTo(text);
        text.append(", ")
                .append(end - offset - L2tpv3Flyweight.MIN_HEADER_LENGTH)
                .append(" bytes");
    }

    private void appendTcp(StringBuilder text, MutableDirectBuffer buffer, int offset, int end) {
        int malformed = TcpFlyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "TCP", malformed);
            return;
        }
        tcp.wrap(buffer, offset).appendTo(text);
        text.append(", len ").append(end - tcp.payloadOffset());
    }

    private void appendUdp(StringBuilder text, MutableDirectBuffer buffer, int offset, int end) {
        int malformed = UdpFlyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "UDP", malformed);
            return;
        }
        udp.wrap(buffer, offset).appendTo(text);
    }

    private void appendIcmpv4(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        int malformed = Icmpv4Flyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "ICMP", malformed);
            return;
        }
        icmpv4.wrap(buffer, offset).appendTo(text);
        if (Icmpv4Flyweight.isError(icmpv4.type())) {
            appendIp(text.append(" | about "), buffer, icmpv4.payloadOffset(), end, limit - 1);
        }
    }

    private void appendIcmpv6(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        int malformed = Icmpv6Flyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "ICMP6", malformed);
            return;
        }
        icmpv6.wrap(buffer, offset).appendTo(text);
        if (Icmpv6Flyweight.isError(icmpv6.type())) {
            appendIp(text.append(" | about "), buffer, icmpv6.payloadOffset(), end, limit - 1);
        }
    }

    static void refuse(StringBuilder text, String header, int malformed) {
        text.append(header).append(" [").append(Malformed.name(malformed)).append(']');
    }
}
