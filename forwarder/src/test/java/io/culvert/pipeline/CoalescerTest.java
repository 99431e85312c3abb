package io.culvert.pipeline;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.testing.SeededCases;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.TcpFlyweight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is merged, and that cutting what was merged gives the packets back. */
final class CoalescerTest {

    private static final int SEGMENT = 100;

    private final SlotPool pool = new SlotPool(64);
    private final Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE));
    private final Coalescer coalescer = new Coalescer();
    private int next;

    @AfterEach
    void close() {
        pool.close();
    }

    /** Cuts a super-packet as the split lane does: segments that follow each other, checksums finished. */
    private static List<byte[]> segments(byte[] packet, int gsoType, int gsoSize) {
        boolean ipv4 = (packet[0] & 0xf0) == 0x40;
        boolean udp = gsoType == VnetHeader.GSO_UDP_L4;
        int transport = ipv4 ? 20 : 40;
        int payload = transport + (udp ? 8 : TcpFlyweight.MIN_HEADER_LENGTH + SuperPackets.TCP_OPTIONS);
        List<byte[]> segments = new ArrayList<>();
        for (int at = payload; at < packet.length; at += gsoSize) {
            int length = Math.min(gsoSize, packet.length - at);
            byte[] segment = new byte[payload + length];
            System.arraycopy(packet, 0, segment, 0, payload);
            System.arraycopy(packet, at, segment, payload, length);
            UnsafeBuffer buffer = new UnsafeBuffer(segment);
            boolean last = at + length == packet.length;
            if (ipv4) {
                Ipv4Flyweight ip = new Ipv4Flyweight().wrap(buffer, 0);
                ip.totalLength(segment.length)
                        .identification(ip.identification() + segments.size())
                        .updateChecksum();
            } else {
                buffer.putShort(4, (short) (segment.length - 40), BIG_ENDIAN);
            }
            if (udp) {
                buffer.putShort(transport + 4, (short) (8 + length), BIG_ENDIAN);
            } else {
                TcpFlyweight tcp = new TcpFlyweight().wrap(buffer, transport);
                tcp.sequence(tcp.sequence() + at - payload);
                tcp.flags(last ? TcpFlyweight.ACK | TcpFlyweight.PSH : TcpFlyweight.ACK);
            }
            finishChecksum(buffer, transport, udp);
            segments.add(segment);
        }
        return segments;
    }

    private static void finishChecksum(UnsafeBuffer packet, int transport, boolean udp) {
        int length = packet.capacity() - transport;
        long pseudoHeader = SuperPackets.pseudoHeader(packet, 0, length);
        int field = transport + (udp ? 6 : 16);
        packet.putShort(field, (short) InternetChecksum.fold(pseudoHeader), BIG_ENDIAN);
        InternetChecksum.complete(packet, transport, length, udp ? 6 : 16, udp);
    }

    private static List<byte[]> tcp(int segments) {
        return segments(SuperPackets.tcp(false, 1000, Packets.data(segments * SEGMENT)), VnetHeader.GSO_TCPV4, SEGMENT);
    }

    private static List<byte[]> udp(int segments) {
        return segments(SuperPackets.udp(false, Packets.data(segments * SEGMENT)), VnetHeader.GSO_UDP_L4, SEGMENT);
    }

    private Slot slot(byte[] packet) {
        Slot slot = pool.get(next++);
        slot.received(TunnelTable.EMPTY, packet.length);
        slot.buffer.putBytes(slot.offset, packet);
        slot.tunnel = tunnel;
        return slot;
    }

    private void add(List<byte[]> packets) {
        packets.forEach(packet -> coalescer.add(slot(packet)));
    }

    /** How many packets went into each that is written. */
    private List<Integer> counts() {
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < coalescer.count(); i++) {
            counts.add(coalescer.get(i).count());
        }
        return counts;
    }

    /** A merged packet as the device gets it. */
    private static byte[] whole(MergedPacket merged) {
        merged.finish();
        int payloads = 0;
        for (int i = 1; i < merged.count(); i++) {
            payloads += merged.payloadLength(i);
        }
        byte[] head = SlotMemory.packet(merged.part(0));
        byte[] whole = Arrays.copyOf(head, head.length + payloads);
        int at = head.length;
        for (int i = 1; i < merged.count(); i++) {
            merged.part(i).buffer.getBytes(merged.payloadOffset(i), whole, at, merged.payloadLength(i));
            at += merged.payloadLength(i);
        }
        return whole;
    }

    @Test
    void givesBackEveryPacketWhenItIsCut() {
        SeededCases.check(500, this::checkRandomFlow);
    }

    private void checkRandomFlow(SplittableRandom random) {
        boolean ipv6 = random.nextBoolean();
        boolean udp = random.nextBoolean();
        int gsoSize = random.nextInt(1, 1400);
        byte[] data = new byte[random.nextInt(gsoSize, 40 * gsoSize)];
        random.nextBytes(data);
        byte[] packet = udp ? SuperPackets.udp(ipv6, data) : SuperPackets.tcp(ipv6, 0xffff_ff00, data);
        int gsoType = udp ? VnetHeader.GSO_UDP_L4 : ipv6 ? VnetHeader.GSO_TCPV6 : VnetHeader.GSO_TCPV4;
        List<byte[]> sent = segments(packet, gsoType, gsoSize);
        next = 0;
        coalescer.clear();
        add(sent);

        assertThat(coalescer.count()).isEqualTo(1);
        MergedPacket merged = coalescer.get(0);
        byte[] whole = whole(merged);
        if (sent.size() > 1) {
            Slot head = merged.part(0);
            assertThat(head.gsoType).isEqualTo(gsoType);
            assertThat(head.gsoSize).isEqualTo(gsoSize);
            assertThat(head.checksumPartial).isTrue();
            assertThat(head.checksumStart).isEqualTo(head.offset + (ipv6 ? 40 : 20));
            UnsafeBuffer bytes = new UnsafeBuffer(whole);
            int transport = ipv6 ? 40 : 20;
            int field = transport + (udp ? 6 : 16);
            assertThat(bytes.getShort(field, BIG_ENDIAN)).isEqualTo((short)
                    InternetChecksum.fold(SuperPackets.pseudoHeader(bytes, 0, whole.length - transport)));
            if (!ipv6) {
                assertThat(new Ipv4Flyweight().wrap(bytes, 0).isChecksumValid()).isTrue();
            }
        }
        assertThat(segments(whole, gsoType, gsoSize)).containsExactlyElementsOf(sent);
    }

    @Test
    void mergesEachFlowByItself() {
        List<byte[]> one = tcp(3);
        List<byte[]> other = new ArrayList<>();
        for (byte[] packet : tcp(3)) {
            other.add(changed(packet, tcp -> tcp.sourcePort(1)));
        }
        for (int i = 0; i < 3; i++) {
            add(List.of(one.get(i), other.get(i)));
        }
        add(udp(4));

        assertThat(counts()).containsExactly(3, 3, 4);
    }

    private static byte[] changed(byte[] packet, Consumer<TcpFlyweight> change) {
        byte[] copy = packet.clone();
        UnsafeBuffer buffer = new UnsafeBuffer(copy);
        change.accept(new TcpFlyweight().wrap(buffer, 20));
        finishChecksum(buffer, 20, false);
        return copy;
    }

    @Test
    void mergesNothingOfAnotherTunnel() {
        List<byte[]> packets = tcp(2);
        add(packets.subList(0, 1));
        Slot slot = slot(packets.get(1));
        slot.tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE));
        coalescer.add(slot);

        assertThat(counts()).containsExactly(1, 1);
    }

    /** The receiver sees the packets of a flow in the order in which they came. */
    @Test
    void mergesNothingAcrossAPacketOfTheSameFlow() {
        List<byte[]> packets = tcp(4);
        add(packets.subList(0, 2));
        add(List.of(changed(packets.get(1), tcp -> tcp.flags(TcpFlyweight.ACK | TcpFlyweight.URG))));
        add(packets.subList(2, 4));

        assertThat(counts()).containsExactly(2, 1, 2);
    }

    @Test
    void mergesNothingAcrossAFragment() {
        List<byte[]> packets = tcp(3);
        add(packets.subList(0, 1));
        add(List.of(Packets.ipv4().fragment(0x2000).payload(Packets.data(64)).build()));
        add(packets.subList(1, 3));

        assertThat(counts()).containsExactly(1, 1, 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sequence",
                "acknowledgment",
                "reserved",
                "window",
                "urgent pointer",
                "fin",
                "syn",
                "urg",
                "cwr",
                "option",
                "longer",
                "checksum"
            })
    void refusesASegmentThatDoesNotFollow(String difference) {
        List<byte[]> packets = tcp(3);
        byte[] second = packets.get(1);
        byte[] odd = switch (difference) {
            case "sequence" -> changed(second, tcp -> tcp.sequence(tcp.sequence() + 1));
            case "acknowledgment" -> changed(second, tcp -> tcp.acknowledgment(78));
            case "reserved" -> changed(Packets.with(second, 20 + 12, second[20 + 12] | 1), _ -> {});
            case "window" -> changed(second, tcp -> tcp.window(999));
            case "urgent pointer" -> changed(Packets.with(second, 20 + 19, 1), _ -> {});
            case "fin" -> changed(second, tcp -> tcp.flags(TcpFlyweight.ACK | TcpFlyweight.FIN));
            case "syn" -> changed(second, tcp -> tcp.flags(TcpFlyweight.ACK | TcpFlyweight.SYN));
            case "urg" -> changed(second, tcp -> tcp.flags(TcpFlyweight.ACK | TcpFlyweight.URG));
            case "cwr" -> changed(second, tcp -> tcp.flags(TcpFlyweight.ACK | TcpFlyweight.CWR));
            case "option" -> {
                byte[] copy = Packets.with(second, 40, 2);
                yield changed(copy, tcp -> tcp.window(1000));
            }
            case "longer" ->
                segments(SuperPackets.tcp(false, 1100, Packets.data(SEGMENT + 1)), VnetHeader.GSO_TCPV4, 1400)
                        .getFirst();
            default -> Packets.with(second, second.length - 1, ~second[second.length - 1]);
        };
        add(List.of(packets.getFirst(), odd));

        assertThat(counts()).containsExactly(1, 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 8", "6, 0", "8, 7", "5, 9"})
    void refusesAnIpHeaderThatCuttingWouldNotGiveBack(int offset, int value) {
        List<byte[]> packets = new ArrayList<>();
        for (byte[] packet : tcp(2)) {
            // Without DF the identification counts.
            packets.add(Packets.with(packet, 6, 0));
        }
        add(packets);
        byte[] odd = Packets.with(packets.get(1), offset, value);
        add(List.of(packets.getFirst(), offset == 6 ? Packets.with(odd, 6, 0x40) : odd));

        assertThat(counts()).containsExactly(2, 1, 1);
    }

    @Test
    void mergesBehindAPushOrAShortSegmentNoMore() {
        List<byte[]> packets = tcp(4);
        byte[] push = changed(packets.get(1), tcp -> tcp.flags(TcpFlyweight.ACK | TcpFlyweight.PSH));
        add(List.of(packets.get(0), push, packets.get(2), packets.get(3)));

        assertThat(counts()).containsExactly(2, 2);
        assertThat(whole(coalescer.get(0))[20 + 13]).isEqualTo((byte) (TcpFlyweight.ACK | TcpFlyweight.PSH));
        coalescer.clear();
        List<byte[]> shorter =
                segments(SuperPackets.udp(false, Packets.data(2 * SEGMENT + 1)), VnetHeader.GSO_UDP_L4, SEGMENT);
        add(shorter);
        add(udp(1));
        assertThat(counts()).containsExactly(3, 1);
    }

    @Test
    void leavesADamagedPacketAsItIs() {
        List<byte[]> packets = tcp(3);
        byte[] first = packets.getFirst();
        byte[] damaged = Packets.with(first, first.length - 1, ~first[first.length - 1]);
        add(List.of(damaged, packets.get(1), packets.get(2)));

        assertThat(counts()).containsExactly(1, 2);
        assertThat(whole(coalescer.get(0))).isEqualTo(damaged);
        assertThat(coalescer.get(0).part(0).checksumPartial).isFalse();
    }

    /** The last segment of what a packet socket sends comes before what GRO merged of the others, see MergedPacket.prepend. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void mergesASuperPacketAndItsLastSegmentInEitherOrder(boolean lastFirst) {
        List<byte[]> segments = tcp(5);
        Slot front = superPacket(segments.subList(0, 4));
        Slot last = slot(segments.getLast());
        coalescer.add(lastFirst ? last : front);
        coalescer.add(lastFirst ? front : last);

        assertThat(counts()).containsExactly(2);
        MergedPacket merged = coalescer.get(0);
        assertThat(merged.part(0)).isSameAs(front);
        byte[] whole = whole(merged);
        assertThat(front.gsoType).isEqualTo(VnetHeader.GSO_TCPV4);
        assertThat(front.gsoSize).isEqualTo(SEGMENT);
        assertThat(new Ipv4Flyweight().wrap(new UnsafeBuffer(whole), 0).isChecksumValid())
                .isTrue();
        assertThat(segments(whole, VnetHeader.GSO_TCPV4, SEGMENT)).containsExactlyElementsOf(segments);
    }

    /** What GRO makes of segments: one packet with a partial checksum. */
    private Slot superPacket(List<byte[]> segments) {
        coalescer.clear();
        add(segments);
        Slot slot = slot(whole(coalescer.get(0)));
        slot.gsoType = VnetHeader.GSO_TCPV4;
        slot.gsoSize = SEGMENT;
        slot.checksumPartial = true;
        slot.checksumStart = slot.offset + 20;
        slot.checksumOffset = 16;
        coalescer.clear();
        return slot;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gap", "two before", "damaged", "identification", "short", "ecn", "longer"})
    void leavesASuperPacketBehindAPacketThatIsNotItsLastSegment(String difference) {
        List<byte[]> segments = tcp(6);
        Slot front = superPacket(segments.subList(0, 4));
        byte[] last = changed(segments.get(4), tcp -> tcp.flags(TcpFlyweight.ACK | TcpFlyweight.PSH));
        switch (difference) {
            case "gap" -> last = segments.get(5);
            case "damaged" -> last = Packets.with(last, last.length - 1, ~last[last.length - 1]);
            case "identification" -> {
                // Without DF the identification counts.
                last = Packets.with(Packets.with(last, 6, 0), 5, 77);
                front.buffer.putByte(front.offset + 6, (byte) 0);
            }
            case "short" -> front.gsoSize = SEGMENT - 1;
            case "ecn" -> front.gsoType |= VnetHeader.GSO_ECN;
            case "longer" -> front.gsoSize = SEGMENT / 2;
            default -> {
                coalescer.add(slot(segments.get(4)));
                last = segments.get(5);
            }
        }
        coalescer.add(slot(last));
        coalescer.add(front);

        MergedPacket newest = coalescer.get(coalescer.count() - 1);
        assertThat(newest.count()).isEqualTo(1);
        assertThat(newest.part(0)).isSameAs(front);
    }

    @Test
    void leavesEmptySegmentsAlone() {
        byte[] empty = segments(SuperPackets.tcp(false, 5, Packets.data(1)), VnetHeader.GSO_TCPV4, 1)
                .getFirst();
        byte[] pureAck = Packets.ipv4()
                .protocol(IpProtocol.TCP)
                .payload(Arrays.copyOfRange(empty, 20, empty.length - 1))
                .build();
        add(List.of(pureAck, pureAck));

        assertThat(counts()).containsExactly(1, 1);
    }

    /** RFC 768: a checksum of 0 is none, and a merged packet could not say so. */
    @Test
    void leavesDatagramsWithoutAChecksumAlone() {
        byte[] datagram =
                Packets.ipv4().payload(Packets.udp(0, Packets.data(SEGMENT))).build();
        add(List.of(datagram, datagram));

        assertThat(counts()).containsExactly(1, 1);
    }

    @Test
    void mergesPacketsWhoseChecksumsAreToBeFinished() {
        for (byte[] packet : tcp(3)) {
            Slot slot = slot(Packets.with(packet, 36, 1));
            slot.checksumPartial = true;
            slot.checksumStart = slot.offset + 20;
            slot.checksumOffset = 16;
            coalescer.add(slot);
        }

        assertThat(counts()).containsExactly(3);
    }

    @Test
    void mergesNoMoreThanAPacketCanSay() {
        List<byte[]> packets = segments(SuperPackets.tcp(false, 0, Packets.data(1024)), VnetHeader.GSO_TCPV4, 1024);
        int sequence = 0;
        for (int i = 0; i < Coalescer.CAPACITY; i++) {
            int number = sequence;
            byte[] packet =
                    changed(packets.getFirst(), tcp -> tcp.sequence(number).flags(TcpFlyweight.ACK));
            coalescer.add(slot(packet));
            sequence += 1024;
        }

        assertThat(coalescer.isFull()).isTrue();
        assertThat(counts()).containsExactly(63, 1);
    }
}
