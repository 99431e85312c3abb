package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.SeededCases;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Malformed;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the outer IPv4 header takes from the inner one, from the configuration and from the slot. */
final class OuterHeaderTest {

    private static final byte[] LINK = new byte[OuterRoute.LINK_LENGTH];

    private final SlotMemory memory = new SlotMemory();

    private Ipv4Flyweight prepend(TunnelSpecBuilder spec, int innerTos, int innerTtl, boolean innerDontFragment) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        Slot slot = memory.slot(Packets.ipv4().build());
        tunnel.outerHeader().prepend(slot, 4, innerTos, innerTtl, innerDontFragment);
        return new Ipv4Flyweight().wrap(slot.buffer, slot.offset);
    }

    private static TunnelSpecBuilder ipip() {
        return TestTunnels.spec(Mode.IPIP);
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1", "0, 3, 3", "0, 255, 255", "1, 64, 1", "64, 3, 64", "255, 1, 255"})
    void sendsTheFixedTtlOrElseTheInnerOne(int configured, int inner, int outer) {
        assertThat(prepend(ipip().ttl(configured), 0, inner, false).ttl()).isEqualTo(outer);
    }

    /** Bit 0 of the configured value is "inherit"; the fixed DSCP may have other bits where ECN is. */
    @ParameterizedTest
    @CsvSource({
        "0x00, 0xb8, 0x00", "0x00, 0xff, 0x03", "0x10, 0xb8, 0x10", "0x28, 0x6b, 0x2b", "0x2a, 0x68, 0x28",
        "0xfe, 0x01, 0xfd", "0x01, 0xb8, 0xb8", "0x01, 0xff, 0xff", "0x11, 0xb8, 0xb8", "0xff, 0x02, 0x02"
    })
    void sendsTheFixedDscpOrElseTheInnerOneAndAlwaysTheInnerEcn(String configured, String inner, String outer) {
        TunnelSpecBuilder spec = ipip().tos(Integer.decode(configured));

        assertThat(prepend(spec, Integer.decode(inner), 64, false).tos()).isEqualTo(Integer.decode(outer));
    }

    /** RFC 6040 section 4.1, normal mode: congestion experienced inside stays visible outside. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void copiesTheEcnField(int ecn) {
        for (int configured = 0; configured < 0x100; configured++) {
            for (int innerDscp = 0; innerDscp < 0x100; innerDscp += 0x54) {
                assertThat(prepend(ipip().tos(configured), innerDscp | ecn, 64, false)
                                .ecn())
                        .isEqualTo(ecn);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, false, true", "true, true, true", "false, true, true", "false, false, false"})
    void setsDontFragmentForPathMtuDiscoveryOrFromTheInnerHeader(boolean pmtudisc, boolean inner, boolean outer) {
        Ipv4Flyweight header = prepend(ipip().pmtudisc(pmtudisc), 0, 64, inner);

        assertThat(header.flagsAndFragmentOffset()).isEqualTo(outer ? 0x4000 : 0);
    }

    @Test
    void setsDontFragmentForIpv6AsConfigured() {
        for (boolean pmtudisc : new boolean[] {true, false}) {
            Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).pmtudisc(pmtudisc));
            tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
            Slot slot = memory.slot(Packets.ipv6().build());
            tunnel.outerHeader().prepend(slot, 6, 0, 64, false);

            assertThat(new Ipv4Flyweight().wrap(slot.buffer, slot.offset).dontFragment())
                    .isEqualTo(pmtudisc);
        }
    }

    @Test
    void takesTheLow16BitsOfTheSlotsIdentification() {
        Tunnel tunnel = TestTunnels.tunnel(ipip());
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        for (int identification : new int[] {0, 1, 0xffff, 0x10000, 0xfffe_1234, -1}) {
            Slot slot = memory.slot(Packets.ipv4().build());
            slot.identification = identification;
            tunnel.outerHeader().prepend(slot, 4, 0, 64, false);
            Ipv4Flyweight header = new Ipv4Flyweight().wrap(slot.buffer, slot.offset);

            assertThat(header.identification()).isEqualTo(identification & 0xffff);
            assertThat(header.isChecksumValid()).isTrue();
        }
    }

    @Test
    void buildsSoundHeadersForRandomPackets() {
        SeededCases.check(10_000, this::checkRandomPacket);
    }

    private void checkRandomPacket(SplittableRandom random) {
        TunnelSpecBuilder spec = randomSpec(random);
        Tunnel tunnel = TestTunnels.tunnel(spec);
        byte[] link = new byte[OuterRoute.LINK_LENGTH];
        random.nextBytes(link);
        tunnel.route(TestTunnels.resolved(1500, random.nextInt(), link));
        byte[] inner = randomInner(random, Slot.MAX_PACKET - tunnel.overhead());
        Slot slot = memory.slot(inner);
        slot.identification = random.nextInt();
        int sequence = random.nextInt();
        tunnel.takeOutputSequence(sequence);
        int innerVersion = spec.build().mode() == Mode.GRE && random.nextBoolean() ? 6 : 4;

        tunnel.outerHeader()
                .prepend(slot, innerVersion, random.nextInt(256), random.nextInt(1, 256), random.nextBoolean());
        tunnel.outerHeader().number(slot);

        byte[] packet = SlotMemory.packet(slot);
        assertThat(Ipv4Flyweight.validate(slot.buffer, slot.offset, slot.length))
                .isEqualTo(Malformed.NONE);
        Ipv4Flyweight outer = new Ipv4Flyweight().wrap(slot.buffer, slot.offset);
        assertThat(outer.isChecksumValid()).isTrue();
        assertThat(outer.totalLength()).isEqualTo(packet.length).isEqualTo(inner.length + tunnel.overhead());
        assertThat(outer.destination()).isEqualTo(Packets.REMOTE);
        assertThat(Arrays.equals(packet, tunnel.overhead(), packet.length, inner, 0, inner.length))
                .isTrue();
        int linkOffset = slot.offset - OuterRoute.LINK_LENGTH;
        assertThat(SlotMemory.bytes(slot, linkOffset, OuterRoute.LINK_LENGTH)).isEqualTo(link);
        assertThat(SlotMemory.isUntouched(slot, linkOffset)).isTrue();
        if (tunnel.spec().mode() == Mode.GRE) {
            checkGre(slot, tunnel.spec(), innerVersion);
        }
    }

    private static void checkGre(Slot slot, TunnelSpec spec, int innerVersion) {
        int offset = slot.offset + 20;
        int length = slot.length - 20;
        assertThat(GreFlyweight.validate(slot.buffer, offset, length)).isEqualTo(Malformed.NONE);
        GreFlyweight gre = new GreFlyweight().wrap(slot.buffer, offset);
        assertThat(gre.protocol()).isEqualTo(innerVersion == 4 ? 0x0800 : 0x86dd);
        assertThat(gre.hasChecksum()).isEqualTo(spec.ocsum());
        assertThat(gre.hasKey() ? Integer.valueOf(gre.key()) : null).isEqualTo(spec.okey());
        assertThat(gre.hasSequence()).isEqualTo(spec.oseq());
        assertThat(gre.sequence()).isEqualTo(spec.oseq() ? slot.sequence : 0);
        if (spec.ocsum()) {
            assertThat(InternetChecksum.isValid(slot.buffer, offset, length, 0)).isTrue();
            assertThat(slot.buffer.getShort(offset + 6)).isZero();
        }
    }

    private static TunnelSpecBuilder randomSpec(SplittableRandom random) {
        boolean gre = random.nextInt(4) > 0;
        return TestTunnels.spec(gre ? Mode.GRE : Mode.IPIP)
                .local(random.nextInt(4) == 0 ? null : TestTunnels.address(random.nextInt() | 1))
                .ttl(random.nextInt(256))
                .tos(random.nextInt(256))
                .pmtudisc(random.nextBoolean())
                .okey(gre && random.nextBoolean() ? random.nextInt() : null)
                .oseq(gre && random.nextBoolean())
                .ocsum(gre && random.nextBoolean());
    }

    private static byte[] randomInner(SplittableRandom random, int max) {
        byte[] inner = new byte[random.nextInt(50) == 0 ? max : random.nextInt(20, 1500)];
        random.nextBytes(inner);
        return inner;
    }
}
