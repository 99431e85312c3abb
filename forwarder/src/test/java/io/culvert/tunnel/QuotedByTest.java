package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.icmp.ErrorKind;
import io.culvert.icmp.IcmpErrorBuilder;
import io.culvert.icmp.OuterError;
import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import io.culvert.tunnel.UdpEncap.Kind;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetFlyweight;
import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import java.net.InetAddress;
import java.util.Set;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A tunnel knows its own packets in ICMP errors, and no others. */
class QuotedByTest {

    private static final byte[] LINK = Hex.bytes("02000000000b 02000000000a 0800");
    private static final byte[] INNER =
            Hex.bytes("45b9002312340000 3f117ca1c0000201 c6336407 13881770000f3f3d 63756c76657274");
    private static final int MTU = 1000;

    private final SlotMemory memory = new SlotMemory();
    private final OuterError error = new OuterError();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[IcmpErrorBuilder.MAX_LENGTH_IPV6]);

    /** Each with the bytes of its outer packets that are always the same, from the outer IP header. */
    static Stream<Arguments> tunnels() {
        return Stream.of(
                Arguments.of("ipip", TestTunnels.spec(Mode.IPIP), "9 12-19"),
                Arguments.of("gre", TestTunnels.spec(Mode.GRE), "9 12-19 20-21"),
                Arguments.of("gre key", TestTunnels.spec(Mode.GRE).key(7), "9 12-19 20-21 24-27"),
                Arguments.of("gre key csum", TestTunnels.spec(Mode.GRE).key(7).csum(true), "9 12-19 20-21 28-31"),
                Arguments.of("sit any", TestTunnels.spec(Mode.SIT).payload(Payload.ANY), "12-19"),
                Arguments.of("minenc", TestTunnels.spec(Mode.MINENC), "9 12-19"),
                Arguments.of(
                        "fou",
                        TestTunnels.spec(Mode.IPIP).encap(new UdpEncap(Kind.FOU, 4444, 5555, false)),
                        "9 12-19 20-23"),
                Arguments.of(
                        "gue, any source port",
                        TestTunnels.spec(Mode.IPIP).encap(new UdpEncap(Kind.GUE, 0, 5555, false)),
                        "9 12-19 22-23"),
                Arguments.of("ip6gre key", overIpv6(Mode.IP6GRE).key(7), "8-39 48-49 52-55"),
                Arguments.of("ipip6", overIpv6(Mode.IPIP6), "8-39"));
    }

    private static TunnelSpecBuilder overIpv6(Mode mode) {
        return TunnelSpec.builder("t1", mode)
                .local(InetAddress.ofLiteral("2001:db8:ffff::1"))
                .remote(InetAddress.ofLiteral("2001:db8:fffe::1"));
    }

    private Tunnel routed(TunnelSpecBuilder spec) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        return tunnel;
    }

    private byte[] encapsulate(Tunnel tunnel) {
        Slot slot = memory.slot(INNER);
        slot.identification = 0x7a69;
        tunnel.outerHeader().prepend(slot, 4, 0xb9, 63, true);
        return SlotMemory.packet(slot);
    }

    /** An error about that outer packet, as a raw socket gives it. */
    private boolean parse(byte[] quoted, int quotedBytes) {
        boolean ipv6 = quoted[0] >> 4 == 6;
        UnsafeBuffer packet = new UnsafeBuffer(quoted);
        if (ipv6) {
            int length = new IcmpErrorBuilder().packetTooBig(packet, 0, quoted.length, 1300, message, 0);
            message.putBytes(Ipv6Flyweight.HEADER_LENGTH + 8, quoted);
            return error.parseIpv6(
                    message,
                    Ipv6Flyweight.HEADER_LENGTH,
                    Math.min(length, Ipv6Flyweight.HEADER_LENGTH + 8 + quotedBytes) - Ipv6Flyweight.HEADER_LENGTH);
        }
        Ipv4Flyweight header = new Ipv4Flyweight().wrap(message, 0);
        int bytes = Icmpv4Flyweight.HEADER_LENGTH + Math.min(quoted.length, quotedBytes);
        message.setMemory(0, 28, (byte) 0);
        header.headerLength(20).totalLength(20 + bytes).protocol(1).ttl(64).updateChecksum();
        message.putByte(0, (byte) 0x45);
        message.putBytes(28, quoted, 0, Math.min(quoted.length, quotedBytes));
        new Icmpv4Flyweight().wrap(message, 20).type(3).code(4).nextHopMtu(MTU).updateChecksum(bytes);
        return error.parseIpv4(message, 0, 20 + bytes);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tunnels")
    void knowsItsOwnPackets(String name, TunnelSpecBuilder spec, String fixed) {
        Tunnel tunnel = routed(spec);
        byte[] packet = encapsulate(tunnel);
        boolean ipv6 = tunnel.spec().mode().isOuterIpv6();

        assertThat(parse(packet, packet.length)).isTrue();
        assertThat(tunnel.quotedBy(error)).isNotNull();
        assertThat(error.kind()).isEqualTo(ErrorKind.TOO_BIG);
        assertThat(error.word()).isEqualTo(ipv6 ? 1300 : MTU);
        assertThat(error.length()).isEqualTo(packet.length);
        // RFC 792: 64 bits behind the header are all that can be counted on.
        assertThat(parse(packet, (ipv6 ? 48 : 20) + 8)).isTrue();
        assertThat(tunnel.quotedBy(error)).isNotNull();
        assertThat(parse(packet, (ipv6 ? 48 : 20) + 7)).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tunnels")
    void knowsNoOtherPackets(String name, TunnelSpecBuilder spec, String fixed) {
        Tunnel tunnel = routed(spec);
        byte[] packet = encapsulate(tunnel);
        for (String range : fixed.split(" ")) {
            String[] ends = range.split("-");
            for (int at = Integer.parseInt(ends[0]); at <= Integer.parseInt(ends[ends.length - 1]); at++) {
                byte[] other = packet.clone();
                other[at] ^= 0x10;
                assertThat(parse(other, other.length) && tunnel.quotedBy(error) != null)
                        .as("%s: byte %d changed", name, at)
                        .isFalse();
            }
        }
    }

    @Test
    void theKeyBehindTheChecksumMayBeCutOff() {
        Tunnel seven = routed(TestTunnels.spec(Mode.GRE).key(7).csum(true));
        Tunnel eight = routed(TestTunnels.spec(Mode.GRE).key(8).csum(true));
        byte[] packet = encapsulate(seven);

        assertThat(parse(packet, packet.length)).isTrue();
        assertThat(eight.quotedBy(error)).isNull();
        assertThat(parse(packet, 28)).isTrue();
        assertThat(eight.quotedBy(error)).isNotNull();
    }

    /** RFC 1122 section 3.2.2: no honest error quotes a packet to a group. */
    @Test
    void believesNothingAboutAGroup() {
        Tunnel tunnel = routed(TestTunnels.spec(Mode.GRE).remote(InetAddress.ofLiteral("239.1.2.3")));
        byte[] packet = encapsulate(tunnel);

        assertThat(parse(packet, packet.length)).isTrue();
        assertThat(tunnel.quotedBy(error)).isNull();
    }

    @Test
    void aTunnelWithoutRouteHasSentNothing() {
        byte[] packet = encapsulate(routed(TestTunnels.spec(Mode.IPIP).local(null)));
        Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.IPIP).local(null));

        assertThat(parse(packet, packet.length)).isTrue();
        assertThat(tunnel.quotedBy(error)).isNull();
    }

    /** Whatever arrives, nothing beyond it is read: the buffer ends where the message does. */
    @Test
    void anyBytesAreReadSafely() {
        byte[] packet = encapsulate(routed(TestTunnels.spec(Mode.GRE).key(7)));
        Set<Tunnel> all = Set.of(
                routed(TestTunnels.spec(Mode.GRE).key(7).csum(true)),
                routed(TestTunnels.spec(Mode.IPIP).encap(new UdpEncap(Kind.GUE, 0, 5555, false))),
                routed(overIpv6(Mode.IP6GRE).key(7)));
        SeededCases.check(20_000, random -> {
            byte[] bytes = new byte[random.nextInt(129)];
            random.nextBytes(bytes);
            if (random.nextBoolean() && bytes.length > 28) {
                parse(packet, bytes.length - 28);
                message.getBytes(0, bytes);
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            UnsafeBuffer exact = new UnsafeBuffer(bytes);
            if (error.parseIpv4(exact, 0, bytes.length)) {
                all.forEach(tunnel -> tunnel.quotedBy(error));
            }
            if (bytes.length > 0) {
                bytes[0] = (byte) random.nextInt(1, 5);
            }
            if (error.parseIpv6(exact, 0, bytes.length)) {
                all.forEach(tunnel -> tunnel.quotedBy(error));
            }
        });
    }

    static Stream<TunnelSpecBuilder> carriersOfMpls() {
        return Stream.of(
                TestTunnels.spec(Mode.SIT).payload(Payload.ANY),
                TestTunnels.spec(Mode.GRE).key(7).csum(true),
                TestTunnels.spec(Mode.IPIP).payload(Payload.ANY).encap(new UdpEncap(Kind.GUE, 0, 5555, false)),
                overIpv6(Mode.ANY6),
                overIpv6(Mode.IP6GRE));
    }

    /** A label stack is no IP header, whatever its first bits are: nobody is told by its bytes. */
    @ParameterizedTest
    @MethodSource("carriersOfMpls")
    void tellsMplsFromIpInAQuote(TunnelSpecBuilder spec) {
        Tunnel tunnel = routed(spec);
        byte[] ip = encapsulate(tunnel);
        Slot slot = memory.slot(Hex.bytes("45000140 45b9002312340000 3f117ca1c0000201"));
        slot.etherType = EtherType.MPLS;
        slot.networkOffset = EthernetFlyweight.NO_IP;
        tunnel.outerHeader().prepend(slot, 0, 0, 64, false);

        assertThat(parse(ip, ip.length)).isTrue();
        assertThat(tunnel.outerHeader().quotesIp(error)).isTrue();
        byte[] labelled = SlotMemory.packet(slot);
        assertThat(parse(labelled, labelled.length)).isTrue();
        assertThat(tunnel.outerHeader().quotesIp(error)).isFalse();
    }
}
