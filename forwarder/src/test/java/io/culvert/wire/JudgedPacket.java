package io.culvert.wire;

import io.culvert.testing.Tshark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A random packet of up to three tunnel layers, built by the flyweights from the inside out, and what a decoder must find
 * in it: for each of tshark's fields the values from the outermost header to the innermost.
 */
final class JudgedPacket {
    private static final int CAPACITY = 4096;
    private static final byte[] ROUTER_ALERT = {(byte) 0x94, 4, 0, 0};

    private final UnsafeBuffer buffer = HeaderChecks.prefilled(CAPACITY);
    private final Map<String, List<String>> fields = new LinkedHashMap<>();
    private final SplittableRandom random;
    private int start = CAPACITY;

    JudgedPacket(SplittableRandom random) {
        this.random = random;
        int payloadLength = random.nextInt(200);
        start -= payloadLength;
        for (int i = 0; i < payloadLength; i++) {
            buffer.putByte(start + i, (byte) random.nextInt(256));
        }
        int protocol = prependUpper();
        boolean isIpv6 = protocol == IpProtocol.ICMPV6 || (protocol != IpProtocol.ICMP && random.nextBoolean());
        prependIp(isIpv6, protocol);
        for (int tunnels = random.nextInt(3); tunnels > 0; tunnels--) {
            protocol = isIpv6 ? IpProtocol.IPV6 : IpProtocol.IPV4;
            if (random.nextBoolean()) {
                prependGre(isIpv6 ? EtherType.IPV6 : EtherType.IPV4);
                protocol = IpProtocol.GRE;
            }
            isIpv6 = random.nextBoolean();
            prependIp(isIpv6, protocol);
        }
    }

    byte[] bytes() {
        byte[] bytes = new byte[CAPACITY - start];
        buffer.getBytes(start, bytes);
        return bytes;
    }

    Map<String, List<String>> fields() {
        return fields;
    }

    private int prependUpper() {
        return switch (random.nextInt(4)) {
            case 0 -> prependTcp();
            case 1 -> prependUdp();
            case 2 -> prependIcmp();
            default -> prependIcmp6();
        };
    }

    /** Ports that no dissector claims. */
    private int port() {
        return random.nextInt(61000, 62000);
    }

    private int prependTcp() {
        int headerLength = 20 + 4 * random.nextInt(11);
        start -= headerLength;
        TcpFlyweight tcp = new TcpFlyweight().wrap(buffer, start);
        tcp.sourcePort(port())
                .destinationPort(port())
                .sequence(random.nextInt())
                .acknowledgment(random.nextInt());
        tcp.headerLength(headerLength).flags(random.nextInt(256)).window(random.nextInt(0x10000));
        tcp.urgentPointer(random.nextInt(0x10000));
        // No-operation options.
        buffer.setMemory(tcp.optionsOffset(), tcp.optionsLength(), (byte) 1);
        expect("tcp.srcport", tcp.sourcePort());
        expect("tcp.dstport", tcp.destinationPort());
        expect("tcp.seq_raw", Integer.toUnsignedLong(tcp.sequence()));
        expect("tcp.ack_raw", Integer.toUnsignedLong(tcp.acknowledgment()));
        expect("tcp.hdr_len", headerLength);
        expect("tcp.flags", tcp.flags());
        expect("tcp.window_size_value", tcp.window());
        expect("tcp.urgent_pointer", tcp.urgentPointer());
        expect("tcp.checksum.status", Tshark.GOOD);
        return IpProtocol.TCP;
    }

    private int prependUdp() {
        start -= UdpFlyweight.HEADER_LENGTH;
        UdpFlyweight udp = new UdpFlyweight().wrap(buffer, start);
        udp.sourcePort(port()).destinationPort(port()).length(CAPACITY - start);
        expect("udp.srcport", udp.sourcePort());
        expect("udp.dstport", udp.destinationPort());
        expect("udp.length", udp.length());
        expect("udp.checksum.status", Tshark.GOOD);
        return IpProtocol.UDP;
    }

    private int prependIcmp() {
        start -= Icmpv4Flyweight.HEADER_LENGTH;
        Icmpv4Flyweight icmp = new Icmpv4Flyweight().wrap(buffer, start);
        icmp.type(Icmpv4Flyweight.ECHO_REQUEST).code(0);
        icmp.identifier(random.nextInt(0x10000)).sequence(random.nextInt(0x10000));
        icmp.updateChecksum(CAPACITY - start);
        expect("icmp.type", icmp.type());
        expect("icmp.ident", icmp.identifier());
        expect("icmp.seq", icmp.sequence());
        expect("icmp.checksum.status", Tshark.GOOD);
        return IpProtocol.ICMP;
    }

    private int prependIcmp6() {
        start -= Icmpv6Flyweight.HEADER_LENGTH;
        Icmpv6Flyweight icmp = new Icmpv6Flyweight().wrap(buffer, start);
        icmp.type(Icmpv6Flyweight.ECHO_REPLY).code(0);
        icmp.identifier(random.nextInt(0x10000)).sequence(random.nextInt(0x10000));
        expect("icmpv6.type", icmp.type());
        expect("icmpv6.echo.identifier", icmp.identifier());
        expect("icmpv6.echo.sequence_number", icmp.sequence());
        expect("icmpv6.checksum.status", Tshark.GOOD);
        return IpProtocol.ICMPV6;
    }

    private void prependGre(int protocol) {
        int flags = random.nextInt()
                & (GreFlyweight.CHECKSUM_PRESENT | GreFlyweight.KEY_PRESENT | GreFlyweight.SEQUENCE_PRESENT);
        start -= GreFlyweight.headerLength(flags);
        GreFlyweight gre = new GreFlyweight().wrap(buffer, start).flags(flags).protocol(protocol);
        if (gre.hasKey()) {
            gre.key(random.nextInt());
            expect("gre.key", Integer.toUnsignedLong(gre.key()));
        }
        if (gre.hasSequence()) {
            gre.sequence(random.nextInt());
            expect("gre.sequence_number", Integer.toUnsignedLong(gre.sequence()));
        }
        if (gre.hasChecksum()) {
            gre.updateChecksum(CAPACITY - start);
            expect("gre.checksum.status", Tshark.GOOD);
        }
        expect("gre.flags_and_version", flags);
        expect("gre.proto", protocol);
    }

    private void prependIp(boolean isIpv6, int protocol) {
        int upper = start;
        int upperLength = CAPACITY - start;
        long pseudoHeader = isIpv6 ? prependIpv6(protocol) : prependIpv4(protocol);
        switch (protocol) {
            case IpProtocol.TCP -> new TcpFlyweight().wrap(buffer, upper).updateChecksum(pseudoHeader, upperLength);
            case IpProtocol.UDP -> new UdpFlyweight().wrap(buffer, upper).updateChecksum(pseudoHeader);
            case IpProtocol.ICMPV6 ->
                new Icmpv6Flyweight().wrap(buffer, upper).updateChecksum(pseudoHeader, upperLength);
            default -> {
                // The others have no pseudo-header.
            }
        }
    }

    private long prependIpv4(int protocol) {
        int upperLength = CAPACITY - start;
        int headerLength = 20 + 4 * random.nextInt(11);
        start -= headerLength;
        Ipv4Flyweight ip = new Ipv4Flyweight().wrap(buffer, start).headerLength(headerLength);
        for (int option = 0; option < ip.optionsLength(); option += 4) {
            buffer.putBytes(ip.optionsOffset() + option, ROUTER_ALERT);
        }
        ip.tos(random.nextInt(256)).totalLength(CAPACITY - start).identification(random.nextInt(0x10000));
        ip.flagsAndFragmentOffset(random.nextBoolean() ? Ipv4Flyweight.DONT_FRAGMENT : 0);
        ip.ttl(random.nextInt(1, 256)).protocol(protocol);
        ip.source(0x0a000000 | random.nextInt(1 << 24)).destination(0xac100000 | random.nextInt(1 << 20));
        ip.updateChecksum();
        expect("ip.hdr_len", headerLength);
        expect("ip.dsfield", ip.tos());
        expect("ip.len", ip.totalLength());
        expect("ip.id", ip.identification());
        expect("ip.flags.df", ip.dontFragment() ? 1 : 0);
        expect("ip.flags.mf", 0);
        expect("ip.frag_offset", 0);
        expect("ip.ttl", ip.ttl());
        expect("ip.proto", protocol);
        expect("ip.checksum.status", Tshark.GOOD);
        expect("ip.src", Text.appendIpv4(new StringBuilder(), ip.source()).toString());
        expect("ip.dst", Text.appendIpv4(new StringBuilder(), ip.destination()).toString());
        return InternetChecksum.pseudoHeaderIpv4(ip.source(), ip.destination(), protocol, upperLength);
    }

    private long prependIpv6(int protocol) {
        int upperLength = CAPACITY - start;
        start -= Ipv6Flyweight.HEADER_LENGTH;
        Ipv6Flyweight ip = new Ipv6Flyweight().wrap(buffer, start);
        ip.trafficClass(random.nextInt(256)).flowLabel(random.nextInt(1 << 20)).payloadLength(upperLength);
        ip.nextHeader(protocol).hopLimit(random.nextInt(1, 256));
        ip.source(0x2001_0db8_0000_0000L | random.nextInt(0x10000), random.nextLong());
        ip.destination(0xfd00_0000_0000_0000L, random.nextInt(0x10000));
        expect("ipv6.tclass", ip.trafficClass());
        expect("ipv6.flow", ip.flowLabel());
        expect("ipv6.plen", upperLength);
        expect("ipv6.nxt", protocol);
        expect("ipv6.hlim", ip.hopLimit());
        expect(
                "ipv6.src",
                Text.appendIpv6(new StringBuilder(), ip.sourceHigh(), ip.sourceLow())
                        .toString());
        expect(
                "ipv6.dst",
                Text.appendIpv6(new StringBuilder(), ip.destinationHigh(), ip.destinationLow())
                        .toString());
        return ip.pseudoHeader(protocol, upperLength);
    }

    private void expect(String field, long value) {
        expect(field, Long.toString(value));
    }

    /** What is built later lies further out. */
    private void expect(String field, String value) {
        fields.computeIfAbsent(field, name -> new ArrayList<>()).addFirst(value);
    }
}
