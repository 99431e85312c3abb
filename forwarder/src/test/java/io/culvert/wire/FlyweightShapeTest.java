package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Allocations;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Who knows one flyweight knows all; none allocates. */
final class FlyweightShapeTest {
    private static final List<Class<?>> FLYWEIGHTS = List.of(
            EthernetFlyweight.class,
            Ipv4Flyweight.class,
            Ipv6Flyweight.class,
            GreFlyweight.class,
            GreV1Flyweight.class,
            ErspanFlyweight.class,
            L2tpv3Flyweight.class,
            MinimalEncapsulationFlyweight.class,
            EspFlyweight.class,
            TcpFlyweight.class,
            UdpFlyweight.class,
            Icmpv4Flyweight.class,
            Icmpv6Flyweight.class);

    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final Ipv6ExtensionHeaders extensions = new Ipv6ExtensionHeaders();
    private final GreFlyweight gre = new GreFlyweight();
    private final TcpFlyweight tcp = new TcpFlyweight();
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(2048));

    @Test
    void allHaveOneShape() throws NoSuchMethodException {
        for (Class<?> flyweight : FLYWEIGHTS) {
            Method wrap = flyweight.getMethod("wrap", MutableDirectBuffer.class, int.class);
            assertThat(wrap.getReturnType()).isEqualTo(flyweight);
            Method validate = flyweight.getMethod("validate", DirectBuffer.class, int.class, int.class);
            assertThat(Modifier.isStatic(validate.getModifiers())).isTrue();
            assertThat(validate.getReturnType()).isEqualTo(int.class);
            Method appendTo = flyweight.getMethod("appendTo", StringBuilder.class);
            assertThat(appendTo.getReturnType()).isEqualTo(StringBuilder.class);
            assertThat(Modifier.isFinal(flyweight.getModifiers())).isTrue();
        }
    }

    @Test
    void everyMalformedCodeHasAName() {
        for (int code = 0; code < Malformed.COUNT; code++) {
            assertThat(Malformed.name(code)).isNotEqualTo("unknown");
        }
        assertThat(Malformed.name(Malformed.COUNT)).isEqualTo("unknown");
    }

    @Test
    void buildsAndParsesWithoutAllocating() {
        long allocated = Allocations.inBytes(() -> {
            for (int i = 0; i < 20_000; i++) {
                if (!buildAndParse(i)) {
                    throw new AssertionError("packet " + i);
                }
            }
        });

        assertThat(allocated).isZero();
    }

    /** IPv4, GRE, IPv6, TCP. */
    private boolean buildAndParse(int i) {
        int flags = GreFlyweight.CHECKSUM_PRESENT | GreFlyweight.KEY_PRESENT | GreFlyweight.SEQUENCE_PRESENT;
        ipv4.wrap(buffer, 0)
                .headerLength(20)
                .tos(i & 0xff)
                .totalLength(1500)
                .identification(i & 0xffff)
                .flagsAndFragmentOffset(Ipv4Flyweight.DONT_FRAGMENT)
                .ttl(64)
                .protocol(IpProtocol.GRE)
                .source(i)
                .destination(~i)
                .updateChecksum()
                .putTosUpdatingChecksum(i >>> 8);
        gre.wrap(buffer, 20).flags(flags).protocol(EtherType.IPV6).key(i).sequence(i);
        ipv6.wrap(buffer, 36)
                .trafficClass(0)
                .flowLabel(i)
                .payloadLength(1424)
                .nextHeader(IpProtocol.TCP)
                .hopLimit(64)
                .source(i, i)
                .destination(i, ~i);
        tcp.wrap(buffer, 76).headerLength(20).updateChecksum(ipv6.pseudoHeader(IpProtocol.TCP, 1424), 1424);
        gre.updateChecksum(1480);

        int malformed = Ipv4Flyweight.validate(buffer, 0, 1500)
                | GreFlyweight.validate(buffer, 20, 1480)
                | Ipv6Flyweight.validate(buffer, 36, 1464)
                | extensions.parse(buffer, 36, 1464)
                | TcpFlyweight.validate(buffer, extensions.upperOffset(), 1424);
        return malformed == Malformed.NONE
                && ipv4.isChecksumValid()
                && gre.isChecksumValid(1480)
                && gre.key() == i
                && tcp.isChecksumValid(ipv6.pseudoHeader(IpProtocol.TCP, 1424), 1424);
    }
}
