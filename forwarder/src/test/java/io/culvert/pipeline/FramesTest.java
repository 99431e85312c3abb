package io.culvert.pipeline;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.testing.Hex;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.UdpEncap;
import io.culvert.tunnel.UdpEncap.Kind;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.TcpFlyweight;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ethernet frames on both paths: what the outer header takes from them, how they are cut and merged, who is answered. */
final class FramesTest {

    private static final int MTU = 1500;
    private static final int FRAME_MTU = MTU - 24;
    private static final int ETHERNET = 14;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final String ADDRESSES = "020000000022 020000000021";

    private final SlotPool pool = new SlotPool(8);
    private final SlotMemory memory = new SlotMemory();
    private final EncapStage stage = new EncapStage();

    @AfterEach
    void close() {
        pool.close();
    }

    private static Tunnel tunnel(TunnelSpecBuilder spec) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(MTU, Packets.LOCAL, new byte[OuterRoute.LINK_LENGTH]));
        return tunnel;
    }

    private static byte[] frame(byte[] packet) {
        boolean ipv6 = (packet[0] & 0xf0) == 0x60;
        return Packets.followedBy(Hex.bytes(ADDRESSES + (ipv6 ? "86dd" : "0800")), packet);
    }

    private static byte[] tagged(byte[] packet) {
        return Packets.followedBy(Hex.bytes(ADDRESSES + "8100 0007 0800"), packet);
    }

    private static byte[] ipv4(int frameLength, int fragment) {
        return frame(Packets.ipv4()
                .fragment(fragment)
                .payload(Packets.data(frameLength - ETHERNET - 20))
                .build());
    }

    private Slot process(TunnelSpecBuilder spec, byte[] frame) {
        return process(tunnel(spec), frame);
    }

    private Slot process(Tunnel tunnel, byte[] frame) {
        Slot slot = memory.slot(frame);
        slot.tunnel = tunnel;
        stage.process(slot);
        return slot;
    }

    private static TunnelSpecBuilder gretap() {
        return TestTunnels.spec(Mode.GRETAP);
    }

    @Test
    void takesTtlTosAndDfFromThePacketInTheFrame() {
        byte[] packet = Packets.ipv4().ttl(3).tos(0xb9).fragment(DONT_FRAGMENT).build();
        for (byte[] frame : List.of(frame(packet), tagged(packet))) {
            Slot slot = process(gretap().tos(1).pmtudisc(false), frame);
            Ipv4Flyweight outer = new Ipv4Flyweight().wrap(slot.buffer, slot.offset);

            assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
            assertThat(SlotMemory.packet(slot)).endsWith(frame).hasSize(24 + frame.length);
            assertThat(outer.ttl()).isEqualTo(3);
            assertThat(outer.tos()).isEqualTo(0xb9);
            assertThat(outer.dontFragment()).isTrue();
        }
        Slot ipv6 = process(
                gretap().tos(1).pmtudisc(false),
                frame(Packets.ipv6().hopLimit(5).trafficClass(0x2e).build()));
        Ipv4Flyweight outer = new Ipv4Flyweight().wrap(ipv6.buffer, ipv6.offset);
        assertThat(outer.ttl()).isEqualTo(5);
        assertThat(outer.tos()).isEqualTo(0x2e);
        assertThat(outer.dontFragment()).isFalse();
    }

    @Test
    void hasTheDefaultTtlWhereNoneCanBeInherited() {
        byte[] arp = Hex.bytes("ffffffffffff 020000000021 0806" + "00".repeat(28));
        Slot slot = process(gretap().tos(1).pmtudisc(false), arp);
        Ipv4Flyweight outer = new Ipv4Flyweight().wrap(slot.buffer, slot.offset);

        assertThat(SlotMemory.packet(slot)).endsWith(arp).hasSize(24 + arp.length);
        assertThat(outer.ttl()).isEqualTo(64);
        assertThat(outer.tos()).isZero();
        assertThat(outer.dontFragment()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 13})
    void refusesAFrameWithoutAWholeHeader(int length) {
        assertThat(SlotMemory.outcome(process(gretap(), Packets.cut(ipv4(60, 0), length))))
                .isEqualTo("frame_malformed");
    }

    @Test
    void carriesWhatIsNoSoundPacketAsItIs() {
        for (byte[] frame : List.of(Packets.cut(ipv4(60, 0), 40), Packets.with(ipv4(60, 0), ETHERNET, 0x55))) {
            Slot slot = process(gretap(), frame);

            assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
            assertThat(SlotMemory.packet(slot)).endsWith(frame);
        }
    }

    /** The frame's sender gets the answer, from the inner destination; the MTU is that of the IP packet. */
    @Test
    void tellsTheSenderOfAPacketThatIsTooBig() {
        assertThat(SlotMemory.outcome(process(gretap(), ipv4(FRAME_MTU, DONT_FRAGMENT))))
                .isEqualTo("FORWARD");
        Slot ipv4 = process(gretap(), ipv4(FRAME_MTU + 1, DONT_FRAGMENT));
        assertThat(SlotMemory.outcome(ipv4)).isEqualTo("ANSWER");
        assertThat(SlotMemory.bytes(ipv4, ipv4.offset, ETHERNET))
                .isEqualTo(Hex.bytes("020000000021 020000000022 0800"));
        assertThat(SlotMemory.bytes(ipv4, ipv4.offset + ETHERNET + 20, 2)).containsExactly(3, 4);
        assertThat(ipv4.buffer.getShort(ipv4.offset + ETHERNET + 26, BIG_ENDIAN))
                .isEqualTo((short) (FRAME_MTU - ETHERNET));
        int total = ipv4.buffer.getShort(ipv4.offset + ETHERNET + 2, BIG_ENDIAN);
        assertThat(ipv4.length).isEqualTo(ETHERNET + total);

        byte[] big = frame(Packets.ipv6().payload(Packets.data(1450)).build());
        Slot ipv6 = process(gretap(), big);
        assertThat(SlotMemory.outcome(ipv6)).isEqualTo("ANSWER");
        assertThat(SlotMemory.bytes(ipv6, ipv6.offset + ETHERNET + 40, 2)).containsExactly(2, 0);
    }

    /** A frame is not cut, and nobody is answered in a group's name. */
    @Test
    void dropsWhatIsTooBigAndCannotBeAnswered() {
        byte[] toGroup = Packets.with(ipv4(FRAME_MTU + 1, DONT_FRAGMENT), 0, 3);
        byte[] arp = Packets.with(ipv4(FRAME_MTU + 1, DONT_FRAGMENT), 13, 6);
        for (byte[] frame : List.of(ipv4(FRAME_MTU + 1, 0), toGroup, arp)) {
            assertThat(SlotMemory.outcome(process(gretap(), frame))).isEqualTo("too_big");
        }
    }

    /** As in Linux (ip_tunnel_xmit): without DF the outer packet goes in fragments, around DF only with ignore-df. */
    @Test
    void fragmentsTheOuterPacketWhereItHasNoDf() {
        byte[] toGroup = Packets.with(ipv4(FRAME_MTU + 1, 0), 0, 3);
        byte[] arp = Packets.with(ipv4(FRAME_MTU + 1, DONT_FRAGMENT), 13, 6);
        byte[] ipv6 = frame(Packets.ipv6().payload(Packets.data(1450)).build());
        for (byte[] frame : List.of(ipv4(FRAME_MTU + 1, 0), toGroup, arp, ipv6)) {
            assertFragmented(process(gretap().pmtudisc(false), frame), frame);
        }
        byte[] dontFragment = ipv4(FRAME_MTU + 1, DONT_FRAGMENT);
        assertThat(SlotMemory.outcome(process(gretap().pmtudisc(false), dontFragment)))
                .isEqualTo("ANSWER");
        assertFragmented(process(gretap().pmtudisc(false).ignoreDf(true), dontFragment), dontFragment);
        byte[] longest = Packets.with(new byte[Slot.MAX_PACKET - 24], 12, 8);
        assertFragmented(process(gretap().pmtudisc(false), longest), longest);
        byte[] tooLong = Packets.with(new byte[Slot.MAX_PACKET - 23], 12, 8);
        assertThat(SlotMemory.outcome(process(gretap().pmtudisc(false), tooLong)))
                .isEqualTo("too_big");
        assertThat(process(gretap().pmtudisc(false), ipv4(FRAME_MTU, 0)).outerFragments)
                .isFalse();
        Slot mirrored = process(TestTunnels.spec(Mode.ERSPAN).key(7).pmtudisc(false), ipv6);
        assertThat(mirrored.truncated).isFalse();
        assertFragmented(mirrored, ipv6);
    }

    private static void assertFragmented(Slot slot, byte[] frame) {
        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(slot.outerFragments).isTrue();
        assertThat(new Ipv4Flyweight().wrap(slot.buffer, slot.offset).dontFragment())
                .isFalse();
        assertThat(SlotMemory.packet(slot)).endsWith(frame);
    }

    /** A mirrored frame is cut, and says so; what its checksum covers was whole. */
    @Test
    void cutsFramesThatAreTooBigInModeErspan() {
        int most = MTU - 20 - 16;
        byte[] frame = frame(SuperPackets.udp(false, Packets.data(1500)));
        Slot slot = memory.slot(frame);
        slot.tunnel = tunnel(TestTunnels.spec(Mode.ERSPAN).key(7));
        slot.checksumPartial = true;
        slot.checksumStart = slot.offset + ETHERNET + 20;
        slot.checksumOffset = 6;
        UnsafeBuffer whole = new UnsafeBuffer(frame.clone());
        int transport = ETHERNET + 20;
        InternetChecksum.complete(whole, transport, frame.length - transport, 6, true);
        stage.process(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(slot.length).isEqualTo(MTU);
        assertThat(slot.checksumPartial).isFalse();
        assertThat(SlotMemory.bytes(slot, slot.offset + 36, most)).isEqualTo(Packets.cut(whole.byteArray(), most));
        assertThat(SlotMemory.bytes(slot, slot.offset + 30, 2)).containsExactly(0x04, 0x07);
        Slot fits = process(TestTunnels.spec(Mode.ERSPAN).key(7), ipv4(most, 0));
        assertThat(SlotMemory.bytes(fits, fits.offset + 30, 2)).containsExactly(0x00, 0x07);
    }

    @Test
    void cutsMirroredFramesBehindUdpToo() {
        byte[] frame = ipv4(1600, 0);
        Slot slot = process(TestTunnels.spec(Mode.ERSPAN).key(7).encap(new UdpEncap(Kind.FOU, 0, 5555, false)), frame);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");
        assertThat(slot.length).isEqualTo(MTU);
        assertThat(SlotMemory.packet(slot)).endsWith(Packets.cut(frame, MTU - 20 - 8 - 16));
        assertThat(SlotMemory.bytes(slot, slot.offset + 38, 2)).containsExactly(0x04, 0x07);
    }

    @Test
    void dropsWithoutARoute() {
        Tunnel tunnel = tunnel(gretap());
        tunnel.route(OuterRoute.unusable(DropReason.NO_ROUTE));

        assertThat(SlotMemory.outcome(process(tunnel, ipv4(60, 0)))).isEqualTo("no_route");
    }

    private Slot superFrame(Tunnel tunnel, byte[] frame, int ip, int gsoType, int gsoSize) {
        Slot slot = pool.get(7);
        slot.received(TunnelTable.EMPTY, frame.length);
        slot.buffer.putBytes(slot.offset, frame);
        slot.tunnel = tunnel;
        slot.checksumPartial = true;
        slot.checksumStart = slot.offset + ip + (gsoType == VnetHeader.GSO_TCPV6 ? 40 : 20);
        slot.checksumOffset = TcpFlyweight.CHECKSUM_OFFSET;
        slot.gsoType = gsoType;
        slot.gsoSize = gsoSize;
        slot.segments = Segmenter.count(slot);
        return slot;
    }

    @Test
    void refusesASuperPacketWhosePacketCannotBeFound() {
        byte[] frame = Packets.with(frame(SuperPackets.tcp(false, 1, Packets.data(300))), 13, 6);
        Slot slot = superFrame(tunnel(gretap()), frame, ETHERNET, VnetHeader.GSO_TCPV4, 100);
        stage.process(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("frame_malformed");
    }

    /** Cut on one side, merged on the other: the frame is as it was, byte for byte. */
    @ParameterizedTest
    @ValueSource(strings = {"ipv4", "tagged", "ipv6"})
    void mergesTheSegmentsThatItCuts(String kind) {
        boolean ipv6 = kind.equals("ipv6");
        byte[] packet = SuperPackets.tcp(ipv6, 1000, Packets.data(250));
        // Of TCP's flags only ACK and PSH let segments be merged.
        int flags = (ipv6 ? 40 : 20) + 13;
        packet = Packets.with(packet, flags, TcpFlyweight.ACK | TcpFlyweight.PSH);
        byte[] frame = kind.equals("tagged") ? tagged(packet) : frame(packet);
        int ip = frame.length - packet.length;
        int gsoType = ipv6 ? VnetHeader.GSO_TCPV6 : VnetHeader.GSO_TCPV4;
        Tunnel tunnel = tunnel(gretap().key(7).seq(true).csum(true));
        Slot slot = superFrame(tunnel, frame, ip, gsoType, 100);
        stage.process(slot);
        assertThat(SlotMemory.outcome(slot)).isEqualTo("FORWARD");

        Coalescer coalescer = new Coalescer();
        DecapStage decap = new DecapStage();
        TunnelTable table = new TunnelTable(List.of(tunnel(gretap().local(TestTunnels.address(Packets.REMOTE))
                .remote(TestTunnels.address(Packets.LOCAL))
                .key(7)
                .seq(true)
                .csum(true))));
        int index = 0;
        for (byte[] segment : segments(slot)) {
            Slot received = pool.get(index++);
            received.received(table, segment.length);
            received.buffer.putBytes(received.offset, segment);
            decap.process(received);
            assertThat(SlotMemory.outcome(received)).isEqualTo("FORWARD");
            coalescer.add(received);
        }

        assertThat(index).isEqualTo(3);
        assertThat(coalescer.count()).isEqualTo(1);
        MergedPacket merged = coalescer.get(0);
        merged.finish();
        assertThat(whole(merged)).isEqualTo(withPartialChecksum(frame, ip));
        assertThat(merged.part(0).checksumStart - merged.part(0).offset).isEqualTo(ip + (ipv6 ? 40 : 20));
    }

    private static byte[] whole(MergedPacket merged) {
        Slot head = merged.part(0);
        byte[] whole = SlotMemory.packet(head);
        for (int i = 1; i < merged.count(); i++) {
            byte[] payload = SlotMemory.bytes(merged.part(i), merged.payloadOffset(i), merged.payloadLength(i));
            whole = Packets.followedBy(whole, payload);
        }
        return whole;
    }

    private static byte[] withPartialChecksum(byte[] frame, int ip) {
        UnsafeBuffer buffer = new UnsafeBuffer(frame.clone());
        int transport = ip + ((frame[ip] & 0xf0) == 0x40 ? 20 : 40);
        long sum = SuperPackets.pseudoHeader(buffer, ip, frame.length - transport);
        buffer.putShort(transport + TcpFlyweight.CHECKSUM_OFFSET, (short) InternetChecksum.fold(sum), BIG_ENDIAN);
        return buffer.byteArray();
    }

    /** Outer packets with finished checksums. */
    private static List<byte[]> segments(Slot slot) {
        Segmenter segmenter = new Segmenter();
        UnsafeBuffer headers = new UnsafeBuffer(ByteBuffer.allocateDirect(320));
        segmenter.start(slot);
        slot.sequence = 1;
        List<byte[]> segments = new ArrayList<>();
        for (int i = 0; i < slot.segments; i++) {
            segmenter.putHeaders(i, headers, 64);
            byte[] packet = new byte[segmenter.headersLength() + segmenter.payloadLength(i)];
            headers.getBytes(64, packet, 0, segmenter.headersLength());
            slot.buffer.getBytes(
                    segmenter.payloadOffset(i), packet, segmenter.headersLength(), segmenter.payloadLength(i));
            UnsafeBuffer buffer = new UnsafeBuffer(packet);
            int transport = slot.checksumStart - slot.offset;
            InternetChecksum.complete(
                    buffer, transport, packet.length - transport, TcpFlyweight.CHECKSUM_OFFSET, false);
            segments.add(packet);
        }
        return segments;
    }

    /** Frames between other hosts are another flow, even with the same addresses in the packets. */
    @Test
    void mergesOnlyFramesOfTheSameHosts() {
        byte[] packet = SuperPackets.tcp(false, 1000, Packets.data(200));
        packet = Packets.with(packet, 33, TcpFlyweight.ACK | TcpFlyweight.PSH);
        Slot slot = superFrame(tunnel(gretap()), frame(packet), ETHERNET, VnetHeader.GSO_TCPV4, 100);
        stage.process(slot);
        List<byte[]> segments = segments(slot);
        segments.set(1, Packets.with(segments.get(1), 24 + 5, 0x23));
        TunnelTable table = new TunnelTable(List.of(tunnel(
                gretap().local(TestTunnels.address(Packets.REMOTE)).remote(TestTunnels.address(Packets.LOCAL)))));
        Coalescer coalescer = new Coalescer();
        for (int i = 0; i < 2; i++) {
            Slot received = pool.get(i);
            received.received(table, segments.get(i).length);
            received.buffer.putBytes(received.offset, segments.get(i));
            new DecapStage().process(received);
            coalescer.add(received);
        }

        assertThat(coalescer.count()).isEqualTo(2);
    }
}
