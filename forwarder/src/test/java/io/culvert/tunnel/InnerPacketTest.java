package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an inner packet must be to reach the inside, and what is changed in it on the way. */
final class InnerPacketTest {

    private static final int DROP = -1;

    /** RFC 6040 figure 4: inner field by row, outer field by column, both in the order of their values. */
    private static final int[][] RFC_6040 = {
        {0, 0, 0, DROP},
        {1, 1, 1, 3},
        {2, 1, 2, 3},
        {3, 3, 3, 3},
    };

    private final SlotMemory memory = new SlotMemory();

    private static TunnelTable table(Prefix... innerSource) {
        return new TunnelTable(List.of(
                TestTunnels.tunnel(TestTunnels.spec(Mode.IPIP).innerSource(List.of(innerSource))),
                TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).innerSource(List.of(innerSource)))));
    }

    private static final TunnelTable ANY_SOURCE = table();

    private static byte[] outer(byte[] inner, int tos) {
        boolean ipv6 = (inner[0] & 0xf0) == 0x60;
        return ipv6
                ? Packets.outer(
                                47,
                                Packets.gre().protocol(0x86dd).payload(inner).build())
                        .tos(tos)
                        .build()
                : Packets.outer(4, inner).tos(tos).build();
    }

    private Slot decapsulate(TunnelTable table, byte[] outer) {
        Slot slot = memory.slot(outer, table);
        Decapsulation.decapsulate(slot);
        return slot;
    }

    private String outcome(byte[] inner, Prefix... innerSource) {
        return SlotMemory.outcome(
                decapsulate(innerSource.length == 0 ? ANY_SOURCE : table(innerSource), outer(inner, 0)));
    }

    @Test
    void combinesTheEcnFieldsOfIpv4() {
        for (int dscp = 0; dscp < 0x100; dscp += 4) {
            for (int inner = 0; inner < 4; inner++) {
                for (int outer = 0; outer < 4; outer++) {
                    byte[] packet = Packets.ipv4().tos(dscp | inner).build();
                    Slot slot = decapsulate(ANY_SOURCE, outer(packet, 0xb8 | outer));
                    int expected = RFC_6040[inner][outer];
                    assertThat(SlotMemory.outcome(slot)).isEqualTo(expected == DROP ? "ecn" : "FORWARD");
                    if (expected != DROP) {
                        byte[] changed = Packets.ipv4().tos(dscp | expected).build();
                        assertThat(SlotMemory.packet(slot)).isEqualTo(changed);
                    }
                }
            }
        }
    }

    @Test
    void combinesTheEcnFieldsOfIpv6() {
        for (int inner = 0; inner < 4; inner++) {
            for (int outer = 0; outer < 4; outer++) {
                byte[] packet = Packets.ipv6().trafficClass(0xb8 | inner).build();
                Slot slot = decapsulate(ANY_SOURCE, outer(packet, outer));
                int expected = RFC_6040[inner][outer];
                assertThat(SlotMemory.outcome(slot)).isEqualTo(expected == DROP ? "ecn" : "FORWARD");
                if (expected != DROP) {
                    byte[] changed =
                            Packets.ipv6().trafficClass(0xb8 | expected).build();
                    assertThat(SlotMemory.packet(slot)).isEqualTo(changed);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 46})
    void cutsWhatFollowsTheInnerPacket(int trailing) {
        for (byte[] inner : List.of(
                Packets.ipv4().payload(Packets.data(9)).build(),
                Packets.ipv6().payload(Packets.data(9)).build())) {
            Slot slot = decapsulate(ANY_SOURCE, outer(Packets.followedBy(inner, new byte[trailing]), 0));

            assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
            assertThat(SlotMemory.packet(slot)).isEqualTo(inner);
            assertThat(slot.innerLength).isEqualTo(inner.length);
        }
    }

    /** Every version and header length, with total lengths about every limit, fragment fields, TTLs and checksums. */
    @Test
    void refusesEveryUnsoundIpv4Header() {
        int available = 72;
        byte[] inner = Packets.ipv4().payload(Packets.data(available - 20)).build();
        UnsafeBuffer buffer = new UnsafeBuffer(inner);
        int[] lengths = {0, 19, 20, 59, 60, 61, available - 1, available, available + 1, 65_535};
        for (int first = 0; first < 0x100; first++) {
            for (int totalLength : lengths) {
                for (int fragment : new int[] {0, 0x2000, 0x0001, 0x1fff}) {
                    for (int ttl : new int[] {0, 1, 255}) {
                        for (int damage = 0; damage < 2; damage++) {
                            write(buffer, first, totalLength, fragment, ttl, damage);
                            checkIpv4(inner, available);
                        }
                    }
                }
            }
        }
    }

    private static void write(UnsafeBuffer buffer, int first, int totalLength, int fragment, int ttl, int damage) {
        int headerLength = Math.max(20, (first & 0xf) * 4);
        Ipv4Flyweight header = new Ipv4Flyweight()
                .wrap(buffer, 0)
                .headerLength(headerLength)
                .totalLength(totalLength)
                .flagsAndFragmentOffset(fragment)
                .ttl(ttl);
        buffer.putByte(0, (byte) (0x40 | first & 0xf));
        if (headerLength == (first & 0xf) * 4) {
            header.updateChecksum();
            header.checksum(header.checksum() ^ damage);
        }
        buffer.putByte(0, (byte) first);
    }

    private void checkIpv4(byte[] inner, int available) {
        Slot slot = decapsulate(ANY_SOURCE, Packets.ipip(inner));
        String expected = expectedIpv4(inner, available);
        String actual = SlotMemory.outcome(slot);
        int totalLength = (inner[2] & 0xff) << 8 | inner[3] & 0xff;
        if (!actual.equals(expected) || (actual.equals("FORWARD") && slot.length != totalLength)) {
            assertThat(actual).as(Hex.text(inner)).isEqualTo(expected);
            assertThat(slot.length).isEqualTo(totalLength);
        }
    }

    /** RFC 791 3.1, RFC 1812 5.2.2 and RFC 2003 3.1. */
    private static String expectedIpv4(byte[] inner, int available) {
        if (inner[0] >> 4 != 4) {
            return "inner_family";
        }
        int headerLength = (inner[0] & 0xf) * 4;
        int totalLength = (inner[2] & 0xff) << 8 | inner[3] & 0xff;
        if (headerLength < 20 || headerLength > totalLength || totalLength > available) {
            return "inner_malformed";
        }
        int sum = 0;
        for (int i = 0; i < headerLength; i += 2) {
            sum += (inner[i] & 0xff) << 8 | inner[i + 1] & 0xff;
        }
        if ((sum >> 16) + (sum & 0xffff) != 0xffff) {
            return "inner_checksum";
        }
        return inner[8] == 0 ? "inner_ttl" : "FORWARD";
    }

    @Test
    void refusesEveryUnsoundIpv6Header() {
        int available = 52;
        for (int first = 0; first < 0x100; first++) {
            for (int payloadLength : new int[] {0, 1, 11, 12, 13, 65_535}) {
                for (int hopLimit : new int[] {0, 1, 255}) {
                    byte[] inner = Packets.ipv6().payload(Packets.data(12)).build();
                    new Ipv6Flyweight()
                            .wrap(new UnsafeBuffer(inner), 0)
                            .payloadLength(payloadLength)
                            .hopLimit(hopLimit);
                    inner[0] = (byte) first;
                    Slot slot = decapsulate(
                            ANY_SOURCE,
                            Packets.gre(Packets.gre().protocol(0x86dd).payload(inner)));
                    String expected = first >> 4 != 6
                            ? "inner_family"
                            : 40 + payloadLength > available
                                    ? "inner_malformed"
                                    : hopLimit == 0 ? "inner_ttl" : "FORWARD";

                    assertThat(SlotMemory.outcome(slot)).isEqualTo(expected);
                    if (expected.equals("FORWARD")) {
                        assertThat(slot.length).isEqualTo(40 + payloadLength);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0", "0.255.255.255", "127.0.0.0", "127.255.255.255", "224.0.0.0", "239.255.255.255",
                "240.0.0.0", "255.255.255.255", "::1", "::2", "::192.0.2.1", "ff00::",
                "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
            })
    void refusesASourceThatIsOnNoNetwork(String source) {
        assertThat(outcome(Packets.from(source))).isEqualTo("martian");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.0.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.254.0.1",
                "10.0.0.1",
                "223.255.255.255",
                "::",
                "::1:192.0.2.1",
                "::fffe:192.0.2.1",
                "::ffff:0:192.0.2.1",
                "0:0:0:1::1",
                "64:ff9b::192.0.2.1",
                "fe80::1",
                "fd00::1",
                "feff:ffff::1"
            })
    void takesEveryOtherSource(String source) {
        assertThat(outcome(Packets.from(source))).isEqualTo("FORWARD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "0.0.0.1", "127.0.0.1", "127.255.255.255", "::", "::1", "::192.0.2.1"})
    void refusesADestinationThatIsOnNoNetwork(String destination) {
        assertThat(outcome(Packets.to(destination))).isEqualTo("martian");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.0.0.1",
                "126.0.0.1",
                "128.0.0.1",
                "224.0.0.5",
                "255.255.255.255",
                "::1:192.0.2.1",
                "ff02::5",
                "fe80::1",
                "0:0:0:1::"
            })
    void takesEveryOtherDestination(String destination) {
        assertThat(outcome(Packets.to(destination))).isEqualTo("FORWARD");
    }

    /** Of them Java makes IPv4 addresses. */
    @Test
    void refusesIpv4MappedAddresses() {
        long mapped = 0xffff_c000_0201L;

        assertThat(outcome(Packets.ipv6().source(0, mapped).build())).isEqualTo("martian");
        assertThat(outcome(Packets.ipv6().destination(0, mapped).build())).isEqualTo("martian");
    }

    @Test
    void takesTheConfiguredSourcesOnly() {
        Prefix[] sources = {
            Prefix.parse("192.0.2.128/25"),
            Prefix.parse("203.0.113.7/32"),
            Prefix.parse("2001:db8:1::/48"),
            Prefix.parse("2001:db8:2:3:8000::/65"),
            Prefix.parse("2001:db8::9/128")
        };
        for (String source : List.of(
                "192.0.2.128",
                "192.0.2.255",
                "203.0.113.7",
                "2001:db8:1::",
                "2001:db8:1:ffff:ffff:ffff:ffff:ffff",
                "2001:db8:2:3:8000::",
                "2001:db8:2:3:ffff::1",
                "2001:db8::9")) {
            assertThat(outcome(Packets.from(source), sources)).as(source).isEqualTo("FORWARD");
        }
        for (String source : List.of(
                "192.0.2.127",
                "192.0.3.128",
                "203.0.113.6",
                "203.0.113.8",
                "2001:db8:0:ffff::1",
                "2001:db8:2::1",
                "2001:db8:2:3:7fff::",
                "2001:db8:2:4:8000::",
                "2001:db8::8",
                "2001:db8:0:1::9")) {
            assertThat(outcome(Packets.from(source), sources)).as(source).isEqualTo("inner_source");
        }
    }

    @Test
    void takesEverySourceOfAFamilyByItsZeroPrefix() {
        assertThat(outcome(Packets.from("198.51.100.1"), Prefix.parse("0.0.0.0/0")))
                .isEqualTo("FORWARD");
        assertThat(outcome(Packets.from("2001:db8::1"), Prefix.parse("0.0.0.0/0")))
                .isEqualTo("inner_source");
        assertThat(outcome(Packets.from("2001:db8::1"), Prefix.parse("::/0"))).isEqualTo("FORWARD");
        assertThat(outcome(Packets.from("198.51.100.1"), Prefix.parse("::/0"))).isEqualTo("inner_source");
    }
}
