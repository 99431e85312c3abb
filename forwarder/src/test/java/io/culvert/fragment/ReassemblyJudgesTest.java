package io.culvert.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Judges;
import io.culvert.testing.PcapWriter;
import io.culvert.testing.Tshark;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.UdpFlyweight;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fragments of ours, put together by others: packets of 0 to 9,000 bytes over MTUs of 68 to 1,500. */
final class ReassemblyJudgesTest {
    private static final int PACKETS = 200;

    private final Ipv4Fragmenter fragmenter = new Ipv4Fragmenter();
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<byte[]> packets = new ArrayList<>();
    private final List<byte[]> fragments = new ArrayList<>();
    /** How many of the fragments there are up to and with each packet's last. */
    private final List<Integer> ends = new ArrayList<>();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void scapyReassemblesEveryPacket() {
        Judges.requireScapy();
        fragmentManyPackets();
        Path file = directory.resolve("fragments.pcap");
        PcapWriter.write(file, PcapWriter.LINKTYPE_RAW, fragments);

        assertThat(Judges.python(ReassemblyJudgesTest.class, "/fragment/reassemble.py", file.toString()))
                .isEqualTo(packets.stream().map(Hex::text).toList());
    }

    /** The UDP checksum covers every byte of the reassembled datagram. */
    @Test
    void tsharkReassemblesEveryDatagramWithAGoodChecksum() {
        Tshark.require();
        fragmentManyPackets();
        List<List<String>> found = reassemble();

        for (int i = 0; i < PACKETS; i++) {
            int udpLength = new Ipv4Flyweight()
                    .wrap(new UnsafeBuffer(packets.get(i)), 0)
                    .payloadLength();
            assertThat(found.get(ends.get(i) - 1))
                    .as("packet %d", i)
                    .containsExactly(Integer.toString(udpLength), Tshark.GOOD);
        }
    }

    @Test
    void tsharkComplainsOfAFlippedBitInAnyFragment() {
        Tshark.require();
        fragmentManyPackets();
        int start = 0;
        for (int end : ends) {
            byte[] spoilt = fragments.get(random.nextInt(start, end));
            spoilt[spoilt.length - 1] ^= 1;
            start = end;
        }
        List<List<String>> found = reassemble();

        for (int i = 0; i < PACKETS; i++) {
            assertThat(found.get(ends.get(i) - 1).get(1)).as("packet %d", i).isNotEqualTo(Tshark.GOOD);
        }
    }

    private List<List<String>> reassemble() {
        return Tshark.fields(fragments, List.of("udp.length", "udp.checksum.status"), "-o", "ip.defragment:TRUE");
    }

    private void fragmentManyPackets() {
        for (int id = 0; id < PACKETS; id++) {
            byte[] packet = Ipv4FragmenterTest.randomPacket(random, random.nextInt(8, 9001), id);
            completeUdp(packet);
            packets.add(packet);
            fragments.addAll(Ipv4FragmenterTest.fragments(fragmenter, packet, random.nextInt(68, 1501)));
            ends.add(fragments.size());
        }
    }

    private static void completeUdp(byte[] packet) {
        UnsafeBuffer buffer = new UnsafeBuffer(packet);
        Ipv4Flyweight ip = new Ipv4Flyweight().wrap(buffer, 0);
        int length = ip.payloadLength();
        new UdpFlyweight()
                .wrap(buffer, ip.payloadOffset())
                .sourcePort(61000)
                .destinationPort(61001)
                .length(length)
                .updateChecksum(
                        InternetChecksum.pseudoHeaderIpv4(ip.source(), ip.destination(), IpProtocol.UDP, length));
    }
}
