package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Judges;
import io.culvert.wire.Icmpv6Flyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Router solicitations and advertisements of mode isatap; the messages are scapy's. */
final class RouterDiscoveryTest {

    private static final InetAddress ROUTER = InetAddress.ofLiteral("203.0.113.2");
    private static final int INNER = 20;
    private static final int MESSAGE = INNER + Ipv6Flyweight.HEADER_LENGTH;
    private static final int LIFETIME = MESSAGE + 6;
    private static final int DEFAULT_ROUTE_LIFETIME = MESSAGE + 16 + 32 + 4;
    private static final int OTHER_ROUTE_LIFETIME = DEFAULT_ROUTE_LIFETIME + 8;
    private static final long SECOND = 1_000_000_000L;

    private static List<byte[]> messages = List.of();

    private final SlotMemory memory = new SlotMemory();

    @BeforeAll
    static void askScapy() {
        Judges.requireScapy();
        messages = Judges.python(
                        RouterDiscoveryTest.class,
                        "/it/router_advertisements.py",
                        "203.0.113.1",
                        "203.0.113.2",
                        "2001:db8:5::",
                        "1800",
                        "3600",
                        "900")
                .stream()
                .map(Hex::bytes)
                .toList();
    }

    private static Tunnel tunnel(List<InetAddress> defaults, List<InetAddress> others) {
        Tunnel tunnel = TestTunnels.tunnel(
                TestTunnels.spec(Mode.ISATAP).remote(null).sit(SitOptions.DEFAULT.withPrl(defaults, others)));
        tunnel.onLink(List.of(Prefix.parse("fe80::/64")));
        return tunnel;
    }

    private Slot decapsulate(Tunnel tunnel, byte[] packet) {
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel)));
        Decapsulation.decapsulate(slot);
        return slot;
    }

    private static byte[] advertisement() {
        return messages.getFirst();
    }

    private static byte[] redirect() {
        return messages.get(1);
    }

    @Test
    void passesWhatADefaultRouterSaysAsItIs() {
        for (byte[] message : messages.subList(0, 2)) {
            Slot slot = decapsulate(tunnel(List.of(ROUTER), List.of()), message);

            assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
            assertThat(SlotMemory.packet(slot)).isEqualTo(Arrays.copyOfRange(message, INNER, message.length));
        }
    }

    @Test
    void takesTheDefaultRouteFromWhatAnotherRouterSays() {
        Slot slot = decapsulate(tunnel(List.of(), List.of(ROUTER)), advertisement());

        byte[] expected = advertisement();
        Arrays.fill(expected, LIFETIME, LIFETIME + 2, (byte) 0);
        Arrays.fill(expected, DEFAULT_ROUTE_LIFETIME, DEFAULT_ROUTE_LIFETIME + 4, (byte) 0);
        int length = expected.length - MESSAGE;
        UnsafeBuffer buffer = new UnsafeBuffer(expected);
        long pseudoHeader = new Ipv6Flyweight().wrap(buffer, INNER).pseudoHeader(IpProtocol.ICMPV6, length);
        new Icmpv6Flyweight().wrap(buffer, MESSAGE).updateChecksum(pseudoHeader, length);
        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(slot)).isEqualTo(Arrays.copyOfRange(expected, INNER, expected.length));
        assertThat(expected[OTHER_ROUTE_LIFETIME + 2])
                .as("the route that stays")
                .isEqualTo((byte) (7200 >> 8));
    }

    @Test
    void leavesAnUnfinishedChecksumToBeFinished() {
        byte[] packet = advertisement();
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel(List.of(), List.of(ROUTER)))));
        slot.checksumPartial = true;
        slot.checksumStart = Slot.HEADROOM + MESSAGE;
        slot.checksumOffset = 2;
        Decapsulation.decapsulate(slot);

        assertThat(SlotMemory.bytes(slot, slot.offset + 42, 2))
                .isEqualTo(Arrays.copyOfRange(packet, MESSAGE + 2, MESSAGE + 4));
        assertThat(SlotMemory.bytes(slot, slot.offset + 46, 2)).containsOnly(0);
    }

    @Test
    void dropsWhatNoRouterOfTheListSays() {
        Tunnel stranger = tunnel(List.of(), List.of());
        Tunnel other = tunnel(List.of(), List.of(ROUTER));

        assertThat(outcome(stranger, advertisement())).isEqualTo("unlisted_router");
        assertThat(outcome(stranger, redirect())).isEqualTo("unlisted_router");
        assertThat(outcome(other, redirect())).isEqualTo("unlisted_router");
        for (int headers : new int[] {1, 16, 17, 100}) {
            assertThat(outcome(stranger, hidden(headers)))
                    .as("behind %d headers", headers)
                    .isEqualTo(headers <= 16 ? "unlisted_router" : "inner_malformed");
        }
        // What neighbours may say.
        assertThat(outcome(stranger, Packets.with(redirect(), MESSAGE, 128))).isEqualTo("FORWARD");
    }

    private String outcome(Tunnel tunnel, byte[] packet) {
        return SlotMemory.outcome(decapsulate(tunnel, packet));
    }

    /** The advertisement behind so many destination options headers, which the kernel passes over. */
    private static byte[] hidden(int headers) {
        byte[] inner = Arrays.copyOfRange(advertisement(), INNER, advertisement().length);
        byte[] message = Arrays.copyOfRange(inner, Ipv6Flyweight.HEADER_LENGTH, inner.length);
        UnsafeBuffer header = new UnsafeBuffer(inner);
        return Packets.outer(
                        IpProtocol.IPV6,
                        Packets.ipv6()
                                .source(
                                        header.getLong(8, java.nio.ByteOrder.BIG_ENDIAN),
                                        header.getLong(16, java.nio.ByteOrder.BIG_ENDIAN))
                                .destination(
                                        header.getLong(24, java.nio.ByteOrder.BIG_ENDIAN),
                                        header.getLong(32, java.nio.ByteOrder.BIG_ENDIAN))
                                .hopLimit(255)
                                .nextHeader(IpProtocol.DESTINATION_OPTIONS)
                                .payload(Packets.followedBy(
                                        Hex.bytes("3c00010400000000".repeat(headers - 1) + "3a00010400000000"),
                                        message))
                                .build())
                .build();
    }

    @Test
    void survivesEveryTruncationAndOptionLength() {
        for (Tunnel tunnel : List.of(tunnel(List.of(ROUTER), List.of()), tunnel(List.of(), List.of(ROUTER)))) {
            byte[] whole = advertisement();
            for (int length = MESSAGE; length < whole.length; length++) {
                byte[] inner = Arrays.copyOfRange(whole, INNER, length);
                inner[5] = (byte) (inner.length - Ipv6Flyweight.HEADER_LENGTH);
                assertThat(outcome(tunnel, Packets.outer(IpProtocol.IPV6, inner).build()))
                        .isEqualTo("FORWARD");
            }
            for (int optionLength = 0; optionLength < 256; optionLength++) {
                assertThat(outcome(tunnel, Packets.with(whole, MESSAGE + 17, optionLength)))
                        .isEqualTo("FORWARD");
            }
        }
    }

    @Test
    void solicitsInScapysWords() {
        Tunnel tunnel = tunnel(List.of(ROUTER), List.of(InetAddress.ofLiteral("203.0.113.3")));

        List<byte[]> due = solicitor(tunnel).due(0);

        assertThat(due).hasSize(1);
        assertThat(Hex.text(due.getFirst())).isEqualTo(Hex.text(messages.getLast()));
    }

    private static RouterSolicitor solicitor(Tunnel tunnel) {
        return Objects.requireNonNull(tunnel.routerSolicitor());
    }

    private static List<Long> times(Tunnel tunnel, long from, long to) {
        List<Long> times = new ArrayList<>();
        for (long second = from; second < to; second++) {
            for (byte[] _ : solicitor(tunnel).due(second * SECOND)) {
                times.add(second);
            }
        }
        return times;
    }

    @Test
    void asksThreeTimesAndThenSeldom() {
        assertThat(times(tunnel(List.of(ROUTER), List.of()), 5, 400)).containsExactly(5L, 9L, 13L, 133L, 253L, 373L);
    }

    /** RFC 5214 section 8.3.4: at half of the shortest lifetime, and not within 120 s. */
    @Test
    void asksAgainBeforeWhatItWasToldExpires() {
        Tunnel tunnel = tunnel(List.of(ROUTER), List.of());
        assertThat(times(tunnel, 5, 7)).containsExactly(5L);

        decapsulate(tunnel, advertisement());
        assertThat(times(tunnel, 7, 500)).as("half of 900 s later").containsExactly(457L);

        decapsulate(tunnel, Packets.with(advertisement(), LIFETIME, 0));
        assertThat(times(tunnel, 500, 700)).as("no sooner than 120 s later").containsExactly(620L);
    }

    @Test
    void asksEachRouterByItself() {
        Tunnel tunnel = tunnel(List.of(ROUTER, InetAddress.ofLiteral("203.0.113.9")), List.of());
        solicitor(tunnel).due(0);
        decapsulate(tunnel, advertisement());

        assertThat(times(tunnel, 1, 100)).as("the one that is silent").containsExactly(4L, 8L);
    }
}
