package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.tun.VnetHeader;
import io.culvert.testing.SeededCases;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Malformed;
import io.culvert.wire.TcpFlyweight;
import io.culvert.wire.UdpFlyweight;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each segment is a sound packet by itself, and all of them together carry the super-packet's data. */
final class SegmenterTest {

    private static final int OUTER = 20;
    private static final int HEADERS = 64;
    private static final byte[] LINK = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};

    private final SlotPool pool = new SlotPool(1);
    private final Slot slot = pool.get(0);
    private final Segmenter segmenter = new Segmenter();
    private final UnsafeBuffer headers = new UnsafeBuffer(ByteBuffer.allocateDirect(320));

    @AfterEach
    void close() {
        pool.close();
    }

    private static Tunnel tunnel(TunnelSpecBuilder spec) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        return tunnel;
    }

    private void encapsulate(Tunnel tunnel, byte[] packet, int gsoType, int gsoSize) {
        SuperPackets.receive(slot, tunnel, packet, gsoType, gsoSize);
        slot.identification = 0xffff_fffe;
        slot.sequence = 0xffff_fffe;
        new EncapStage().process(slot);
        assertThat(slot.outerHeader).isNotNull();
        segmenter.start(slot);
    }

    /** A segment as one packet: link header, headers and payload. */
    private UnsafeBuffer segment(int index) {
        segmenter.putHeaders(index, headers, HEADERS);
        int headersLength = OuterRoute.LINK_LENGTH + segmenter.headersLength();
        byte[] packet = new byte[headersLength + segmenter.payloadLength(index)];
        headers.getBytes(HEADERS - OuterRoute.LINK_LENGTH, packet, 0, headersLength);
        slot.buffer.getBytes(segmenter.payloadOffset(index), packet, headersLength, segmenter.payloadLength(index));
        assertThat(packet).startsWith(LINK);
        return new UnsafeBuffer(packet, OuterRoute.LINK_LENGTH, packet.length - OuterRoute.LINK_LENGTH);
    }

    @Test
    void cutsRandomSuperPacketsIntoSoundPackets() {
        SeededCases.check(1_000, this::checkRandomSuperPacket);
    }

    private void checkRandomSuperPacket(SplittableRandom random) {
        boolean gre = random.nextInt(4) > 0;
        boolean ipv6 = gre && random.nextBoolean();
        boolean udp = random.nextBoolean();
        Tunnel tunnel = tunnel(TestTunnels.spec(gre ? Mode.GRE : Mode.IPIP)
                .okey(gre && random.nextBoolean() ? random.nextInt() : null)
                .oseq(gre && random.nextBoolean())
                .ocsum(gre && random.nextBoolean()));
        int gsoSize = random.nextInt(1, 1_300);
        byte[] data = new byte[random.nextInt(4) == 0 ? 3 * gsoSize : random.nextInt(1, 4_000)];
        random.nextBytes(data);
        byte[] packet = udp ? SuperPackets.udp(ipv6, data) : SuperPackets.tcp(ipv6, 0xffff_ff00, data);
        int gsoType = udp ? VnetHeader.GSO_UDP_L4 : ipv6 ? VnetHeader.GSO_TCPV6 : VnetHeader.GSO_TCPV4;
        encapsulate(tunnel, packet, gsoType, gsoSize);

        assertThat(slot.segments).isEqualTo((data.length + gsoSize - 1) / gsoSize);
        ByteArrayOutputStream carried = new ByteArrayOutputStream();
        for (int i = 0; i < slot.segments; i++) {
            UnsafeBuffer segment = segment(i);
            int inner = checkOuter(segment, tunnel.spec(), i);
            int transport = ipv6 ? checkIpv6(segment, inner) : checkIpv4(segment, inner, i);
            finishChecksum(segment, transport);
            checkGreChecksum(segment, tunnel.spec());
            int payload = udp ? checkUdp(segment, inner, transport) : checkTcp(segment, inner, transport, i, gsoSize);
            assertThat(segment.capacity() - payload).isEqualTo(Math.min(gsoSize, data.length - i * gsoSize));
            carried.write(segment.byteArray(), OuterRoute.LINK_LENGTH + payload, segment.capacity() - payload);
        }
        assertThat(carried.toByteArray()).isEqualTo(data);
    }

    private static int checkOuter(UnsafeBuffer segment, TunnelSpec spec, int index) {
        assertThat(Ipv4Flyweight.validate(segment, 0, segment.capacity())).isEqualTo(Malformed.NONE);
        Ipv4Flyweight outer = new Ipv4Flyweight().wrap(segment, 0);
        assertThat(outer.isChecksumValid()).isTrue();
        assertThat(outer.totalLength()).isEqualTo(segment.capacity());
        assertThat(outer.identification()).isEqualTo((0xfffe + index) & 0xffff);
        assertThat(outer.protocol()).isEqualTo(spec.mode().protocol());
        if (spec.mode() == Mode.IPIP) {
            return OUTER;
        }
        GreFlyweight gre = new GreFlyweight().wrap(segment, OUTER);
        assertThat(gre.hasKey() ? Integer.valueOf(gre.key()) : null).isEqualTo(spec.okey());
        assertThat(gre.hasSequence()).isEqualTo(spec.oseq());
        assertThat(gre.sequence()).isEqualTo(spec.oseq() ? 0xffff_fffe + index : 0);
        return gre.payloadOffset();
    }

    private static int checkIpv4(UnsafeBuffer segment, int inner, int index) {
        assertThat(Ipv4Flyweight.validate(segment, inner, segment.capacity() - inner))
                .isEqualTo(Malformed.NONE);
        Ipv4Flyweight ip = new Ipv4Flyweight().wrap(segment, inner);
        assertThat(ip.isChecksumValid()).isTrue();
        assertThat(ip.totalLength()).isEqualTo(segment.capacity() - inner);
        assertThat(ip.identification()).isEqualTo(0x1234 + index);
        return ip.payloadOffset();
    }

    private static int checkIpv6(UnsafeBuffer segment, int inner) {
        assertThat(Ipv6Flyweight.validate(segment, inner, segment.capacity() - inner))
                .isEqualTo(Malformed.NONE);
        Ipv6Flyweight ip = new Ipv6Flyweight().wrap(segment, inner);
        assertThat(ip.totalLength()).isEqualTo(segment.capacity() - inner);
        return ip.payloadOffset();
    }

    /** What the device does: the field holds the pseudo-header's sum until then. */
    private void finishChecksum(UnsafeBuffer segment, int transport) {
        InternetChecksum.complete(segment, transport, segment.capacity() - transport, slot.checksumOffset, false);
    }

    private static void checkGreChecksum(UnsafeBuffer segment, TunnelSpec spec) {
        if (spec.ocsum()) {
            assertThat(InternetChecksum.isValid(segment, OUTER, segment.capacity() - OUTER, 0))
                    .isTrue();
        }
    }

    private static int checkUdp(UnsafeBuffer segment, int inner, int transport) {
        int length = segment.capacity() - transport;
        UdpFlyweight udp = new UdpFlyweight().wrap(segment, transport);
        assertThat(udp.length()).isEqualTo(length);
        assertThat(udp.isChecksumValid(SuperPackets.pseudoHeader(segment, inner, length)))
                .isTrue();
        return udp.payloadOffset();
    }

    private int checkTcp(UnsafeBuffer segment, int inner, int transport, int index, int gsoSize) {
        int length = segment.capacity() - transport;
        TcpFlyweight tcp = new TcpFlyweight().wrap(segment, transport);
        assertThat(tcp.isChecksumValid(SuperPackets.pseudoHeader(segment, inner, length), length))
                .isTrue();
        assertThat(tcp.sequence()).isEqualTo(0xffff_ff00 + index * gsoSize);
        assertThat(tcp.acknowledgment()).isEqualTo(77);
        int flags = TcpFlyweight.ACK
                | (index == 0 ? TcpFlyweight.CWR : 0)
                | (index == slot.segments - 1 ? TcpFlyweight.FIN | TcpFlyweight.PSH : 0);
        assertThat(tcp.flags()).isEqualTo(flags);
        assertThat(tcp.optionsLength()).isEqualTo(SuperPackets.TCP_OPTIONS);
        return tcp.payloadOffset();
    }

    @ParameterizedTest
    @CsvSource({"1, 1000, 1", "1000, 1000, 1", "1001, 1000, 2", "64000, 1400, 46", "10, 1, 10", "0, 1000, 1"})
    void countsSegments(int data, int gsoSize, int segments) {
        Tunnel tunnel = tunnel(TestTunnels.spec(Mode.IPIP));
        SuperPackets.receive(slot, tunnel, SuperPackets.tcp(false, 0, new byte[data]), VnetHeader.GSO_TCPV4, gsoSize);

        assertThat(slot.segments).isEqualTo(segments);
        assertThat(Segmenter.isSound(slot)).isTrue();
        assertThat(Segmenter.segmentLength(slot)).isEqualTo(52 + gsoSize);
    }

    @Test
    void doesNotCutWhatMakesNoSense() {
        Tunnel tunnel = tunnel(TestTunnels.spec(Mode.IPIP));
        byte[] packet = SuperPackets.tcp(false, 0, new byte[2_000]);

        SuperPackets.receive(slot, tunnel, packet, VnetHeader.GSO_TCPV4, 0);
        assertThat(slot.segments).isEqualTo(1);
        assertThat(Segmenter.isSound(slot)).isFalse();
        SuperPackets.receive(slot, tunnel, packet, VnetHeader.GSO_TCPV4, 1_000);
        slot.checksumPartial = false;
        assertThat(Segmenter.isSound(slot)).isFalse();
        SuperPackets.receive(slot, tunnel, packet, VnetHeader.GSO_TCPV4, 1_000);
        slot.checksumStart = slot.offset;
        assertThat(Segmenter.isSound(slot)).isFalse();
        slot.checksumStart = slot.offset + packet.length - 4;
        assertThat(Segmenter.isSound(slot)).isFalse();
        slot.checksumStart = slot.offset + Segmenter.MAX_INNER_HEADERS;
        slot.buffer.putByte(slot.checksumStart + 12, (byte) 0x50);
        assertThat(Segmenter.isSound(slot)).isFalse();
    }
}
