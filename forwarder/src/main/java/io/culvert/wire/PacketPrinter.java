package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.MutableDirectBuffer;

/**
 * Writes a whole packet as one line, outer header first, headers separated by {@code " | "}. What cannot be read ends the
 * line with the reason in brackets. Never throws, whatever the bytes. Reusable, for one thread.
 */
public final class PacketPrinter {
    /** Headers that are printed of one packet, so that a maliciously nested one does not become a page. */
    private static final int LIMIT = 12;

    /** Behind the EtherType that announces it: priority and identifier, then the EtherType of what follows. */
    private static final int VLAN_TAG_LENGTH = 4;

    private static final short PPP_ADDRESS_AND_CONTROL = (short) 0xff03;
    private static final int PPP_IPV4 = 0x21;
    private static final int PPP_IPV6 = 0x57;

    private final EthernetFlyweight ethernet = new EthernetFlyweight();
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
        appendEthernet(text, buffer, offset, offset + length, LIMIT);
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
        appendByEtherType(text, type, buffer, offset, offset + length, LIMIT);
        return text;
    }

    private void appendEthernet(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        int malformed = EthernetFlyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            refuse(text, "Ethernet", malformed);
            return;
        }
        ethernet.wrap(buffer, offset).appendTo(text);
        appendByEtherType(text, ethernet.type(), buffer, ethernet.payloadOffset(), end, limit - 1);
    }

    private void appendByEtherType(
            StringBuilder text, int type, MutableDirectBuffer buffer, int offset, int end, int limit) {
        text.append(" | ");
        if (limit <= 0) {
            text.append("...");
            return;
        }
        switch (type) {
            case EtherType.IPV4 -> appendIpv4(text, buffer, offset, end, limit);
            case EtherType.IPV6 -> appendIpv6(text, buffer, offset, end, limit);
            case EtherType.MPLS, EtherType.MPLS_MULTICAST -> appendLabels(text, buffer, offset, end, limit);
            case EtherType.PPP -> appendPpp(text, buffer, offset, end, limit);
            case EtherType.VLAN -> appendVlan(text, buffer, offset, end, limit);
            case EtherType.TRANSPARENT_ETHERNET_BRIDGING -> appendEthernet(text, buffer, offset, end, limit);
            default -> text.append(end - offset).append(" bytes");
        }
    }

    /** Each label with its TTL; what is behind the last one is only known to be IP if it looks like that. */
    private void appendLabels(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        text.append("labels");
        int at = offset;
        for (int i = 0; i < LIMIT && at + MplsLabelStack.ENTRY_LENGTH <= end; i++) {
            text.append(' ')
                    .append(MplsLabelStack.label(buffer, at))
                    .append('/')
                    .append(MplsLabelStack.ttl(buffer, at));
            boolean isBottom = MplsLabelStack.isBottom(buffer, at);
            at += MplsLabelStack.ENTRY_LENGTH;
            if (isBottom) {
                text.append(" | ");
                int version = at < end ? buffer.getByte(at) & 0xf0 : 0;
                if (version == 0x40 || version == 0x60) {
                    appendIp(text, buffer, at, end, limit - 1);
                } else {
                    text.append(end - at).append(" bytes");
                }
                return;
            }
        }
        refuse(text.append(" | "), "label", Malformed.TRUNCATED);
    }

    /** Address, control and the protocol's first byte may have been left out, RFC 1661 sections 6.5 and 6.6. */
    private void appendPpp(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        int at = offset;
        if (end - at >= 2 && buffer.getShort(at, BIG_ENDIAN) == PPP_ADDRESS_AND_CONTROL) {
            at += 2;
        }
        boolean isShort = at < end && (buffer.getByte(at) & 1) != 0;
        int payload = at + (isShort ? 1 : 2);
        if (payload > end) {
            refuse(text, "PPP", Malformed.TRUNCATED);
            return;
        }
        int protocol = isShort ? buffer.getByte(at) & 0xff : buffer.getShort(at, BIG_ENDIAN) & 0xffff;
        switch (protocol) {
            case PPP_IPV4 -> appendIpv4(text, buffer, payload, end, limit);
            case PPP_IPV6 -> appendIpv6(text, buffer, payload, end, limit);
            default ->
                Text.appendHex(text.append("proto "), protocol, 4)
                        .append(", ")
                        .append(end - payload)
                        .append(" bytes");
        }
    }

    private void appendVlan(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        if (end - offset < VLAN_TAG_LENGTH) {
            refuse(text, "VLAN", Malformed.TRUNCATED);
            return;
        }
        int tag = buffer.getInt(offset, BIG_ENDIAN);
        EtherType.append(text.append("VLAN ").append(tag >>> 16 & 0xfff).append(' '), tag & 0xffff);
        appendByEtherType(text, tag & 0xffff, buffer, offset + VLAN_TAG_LENGTH, end, limit - 1);
    }

    private void appendIp(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
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

    private void appendIpv4(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
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

    private void appendIpv6(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
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
            case IpProtocol.MPLS -> appendLabels(text, buffer, offset, end, limit);
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
        appendByEtherType(text, gre.protocol(), buffer, gre.payloadOffset(), end, limit - 1);
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
            appendByEtherType(text, greV1.protocol(), buffer, payload, payload + greV1.payloadLength(), limit - 1);
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

    private static void refuse(StringBuilder text, String header, int malformed) {
        text.append(header).append(" [").append(Malformed.name(malformed)).append(']');
    }
}
