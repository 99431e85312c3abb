package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.MutableDirectBuffer;

/** Prints what EtherTypes announce: frames, labels, PPP. One thread. */
final class FramePrinter {

    /** Behind the EtherType that announces it: priority and identifier, then the EtherType of what follows. */
    private static final int VLAN_TAG_LENGTH = 4;

    private static final short PPP_ADDRESS_AND_CONTROL = (short) 0xff03;
    private static final int PPP_IPV4 = 0x21;
    private static final int PPP_IPV6 = 0x57;

    private final PacketPrinter packets;
    private final EthernetFlyweight ethernet = new EthernetFlyweight();

    /** @param packets prints what is IP */
    FramePrinter(PacketPrinter packets) {
        this.packets = packets;
    }

    void appendEthernet(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        int malformed = EthernetFlyweight.validate(buffer, offset, end - offset);
        if (malformed != Malformed.NONE) {
            PacketPrinter.refuse(text, "Ethernet", malformed);
            return;
        }
        ethernet.wrap(buffer, offset).appendTo(text);
        appendByEtherType(text, ethernet.type(), buffer, ethernet.payloadOffset(), end, limit - 1);
    }

    void appendByEtherType(StringBuilder text, int type, MutableDirectBuffer buffer, int offset, int end, int limit) {
        text.append(" | ");
        if (limit <= 0) {
            text.append("...");
            return;
        }
        switch (type) {
            case EtherType.IPV4 -> packets.appendIpv4(text, buffer, offset, end, limit);
            case EtherType.IPV6 -> packets.appendIpv6(text, buffer, offset, end, limit);
            case EtherType.MPLS, EtherType.MPLS_MULTICAST -> appendLabels(text, buffer, offset, end, limit);
            case EtherType.PPP -> appendPpp(text, buffer, offset, end, limit);
            case EtherType.VLAN -> appendVlan(text, buffer, offset, end, limit);
            case EtherType.TRANSPARENT_ETHERNET_BRIDGING -> appendEthernet(text, buffer, offset, end, limit);
            default -> text.append(end - offset).append(" bytes");
        }
    }

    /** Each label with its TTL; what is behind the last one is only known to be IP if it looks like that. */
    void appendLabels(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        text.append("labels");
        int at = offset;
        for (int i = 0; i < PacketPrinter.LIMIT && at + MplsLabelStack.ENTRY_LENGTH <= end; i++) {
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
                    packets.appendIp(text, buffer, at, end, limit - 1);
                } else {
                    text.append(end - at).append(" bytes");
                }
                return;
            }
        }
        PacketPrinter.refuse(text.append(" | "), "label", Malformed.TRUNCATED);
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
            PacketPrinter.refuse(text, "PPP", Malformed.TRUNCATED);
            return;
        }
        int protocol = isShort ? buffer.getByte(at) & 0xff : buffer.getShort(at, BIG_ENDIAN) & 0xffff;
        switch (protocol) {
            case PPP_IPV4 -> packets.appendIpv4(text, buffer, payload, end, limit);
            case PPP_IPV6 -> packets.appendIpv6(text, buffer, payload, end, limit);
            default ->
                Text.appendHex(text.append("proto "), protocol, 4)
                        .append(", ")
                        .append(end - payload)
                        .append(" bytes");
        }
    }

    private void appendVlan(StringBuilder text, MutableDirectBuffer buffer, int offset, int end, int limit) {
        if (end - offset < VLAN_TAG_LENGTH) {
            PacketPrinter.refuse(text, "VLAN", Malformed.TRUNCATED);
            return;
        }
        int tag = buffer.getInt(offset, BIG_ENDIAN);
        EtherType.append(text.append("VLAN ").append(tag >>> 16 & 0xfff).append(' '), tag & 0xffff);
        appendByEtherType(text, tag & 0xffff, buffer, offset + VLAN_TAG_LENGTH, end, limit - 1);
    }
}
