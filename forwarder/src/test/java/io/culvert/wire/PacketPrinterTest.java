package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class PacketPrinterTest {
    /** IPv4, GRE with a key, IPv4, UDP. */
    private static final String GRE_PACKET = """
        4500 003c 0001 4000 402f b68e c000 0201 c000 0202
        2000 0800 0000 0007
        4500 0020 0002 0000 4011 f6c7 c000 0201 c000 0202
        0007 0009 000c 0000 0102 0304\
        """;

    private final PacketPrinter printer = new PacketPrinter();

    @Test
    void printsATunnelledPacketFromOuterToInner() {
        assertThat(print(GRE_PACKET))
                .isEqualTo("IP 192.0.2.1 > 192.0.2.2: GRE, ttl 64, tos 0x00, id 1, len 60 [DF]"
                        + " | GRE IPv4, key 7"
                        + " | IP 192.0.2.1 > 192.0.2.2: UDP, ttl 64, tos 0x00, id 2, len 32"
                        + " | UDP 7 > 9, len 12");
    }

    /** RFC 3032: the entry with bit S is the last one; what is behind it says nothing of itself. */
    @Test
    void printsLabels() {
        String inner = " | IP 192.0.2.1 > 192.0.2.2: UDP, ttl 64, tos 0x00, id 2, len 32 | UDP 7 > 9, len 12";
        String carried = GRE_PACKET.substring(GRE_PACKET.indexOf("4500 0020"));

        assertThat(print("4500 0030 0000 0000 4089 f64a c000 0201 c000 0202 0006 403f 0001 013e" + "4000 0000"))
                .contains("| labels 100/63 16/62 | IP [");
        assertThat(print("4500 003c 0000 0000 4089 f63e c000 0201 c000 0202 0006 403f 0001 013e" + carried))
                .endsWith("| labels 100/63 16/62" + inner);
        assertThat(typed(EtherType.MPLS, "0006 403f 0001 013e" + carried))
                .isEqualTo("MPLS | labels 100/63 16/62" + inner);
        assertThat(typed(EtherType.MPLS_MULTICAST, "fffff1ff 0000")).endsWith(" | labels 1048575/255 | 2 bytes");
        assertThat(typed(EtherType.MPLS, "0006 403f")).isEqualTo("MPLS | labels 100/63 | label [truncated]");
        assertThat(typed(EtherType.MPLS, "0006 40")).isEqualTo("MPLS | labels | label [truncated]");
    }

    private String typed(int etherType, String hex) {
        byte[] bytes = Hex.bytes(hex);
        return printer.appendTyped(new StringBuilder(), etherType, new UnsafeBuffer(bytes), 0, bytes.length)
                .toString();
    }

    @Test
    void printsAFrame() {
        String header = "0200 0000 0001 0200 0000 0002 0800";
        byte[] bytes = Hex.bytes(header + GRE_PACKET);

        assertThat(printer.appendFrame(new StringBuilder(), new UnsafeBuffer(bytes), 0, bytes.length))
                .asString()
                .startsWith("Ethernet 02:00:00:00:00:02 > 02:00:00:00:00:01: IPv4 | IP 192.0.2.1 > 192.0.2.2: GRE");
    }

    @Test
    void printsWhatAnErrorIsAbout() {
        String error = "4500 0038 0000 0000 4001 f6c1 c000 0202 c000 0201 0304 c4bc 0000 05c4";
        assertThat(print(error + GRE_PACKET.substring(0, 60)))
                .endsWith(" | ICMP unreachable, code 4, mtu 1476 | about IP 192.0.2.1 > 192.0.2.2: GRE, ttl 64, tos"
                        + " 0x00, id 1, len 60 [DF] | GRE [truncated]");
    }

    @Test
    void printsFragments() {
        assertThat(print("4500 001c 0007 2000 4011 0000 c000 0201 c000 0202 0007 0009 0100 0000"))
                .isEqualTo("IP 192.0.2.1 > 192.0.2.2: UDP, ttl 64, tos 0x00, id 7, len 28 [frag 0+] [bad checksum]"
                        + " | UDP [truncated]");
        assertThat(print("""
            6000 0000 0010 2c40 20010db8000000000000000000000001 20010db8000000000000000000000002
            1100 0018 0000 0001 0102 0304 0506 0708\
            """))
                .isEqualTo("IP6 2001:db8::1 > 2001:db8::2: fragment, hlim 64, class 0x00, flow 0x00000, plen 16 [frag"
                        + " 24]");
    }

    @Test
    void saysWhyItStops() {
        assertThat(print("")).isEqualTo("IP [truncated]");
        assertThat(print("50")).isEqualTo("IP [bad version]");
        assertThat(print("45")).isEqualTo("IP [truncated]");
        assertThat(print("4400 0014 0000 0000 0000 0000 0000 0000 0000 0000")).isEqualTo("IP [bad header length]");
        assertThat(print("60")).isEqualTo("IP6 [truncated]");
    }

    @Test
    void keepsAMaliciouslyNestedPacketShort() {
        StringBuilder text = new StringBuilder();
        byte[] nested = Hex.bytes("4500 0014 0000 0000 4004 0000 c000 0201 c000 0202".repeat(60));
        for (int i = 0; i < 60; i++) {
            int totalLength = nested.length - 20 * i;
            nested[20 * i + 2] = (byte) (totalLength >> 8);
            nested[20 * i + 3] = (byte) totalLength;
        }
        printer.appendPacket(text, new UnsafeBuffer(nested), 0, nested.length);

        assertThat(text).asString().endsWith(" | ...");
        assertThat(text.toString().split(" \\| ")).hasSize(13);

        byte[] bridged = Hex.bytes("0200 0000 0001 0200 0000 0002 6558".repeat(4000));
        assertThat(printer.appendFrame(new StringBuilder(), new UnsafeBuffer(bridged), 0, bridged.length))
                .asString()
                .endsWith(" | ...");
    }

    @Test
    void neverThrowsWhateverTheBytes() {
        byte[] seed = Hex.bytes(GRE_PACKET);
        SeededCases.check(20_000, random -> {
            byte[] bytes = seed.clone();
            for (int flips = random.nextInt(8); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int length = random.nextInt(bytes.length + 1);
            UnsafeBuffer cut = new UnsafeBuffer(Arrays.copyOf(bytes, length));
            assertThat(printer.appendPacket(new StringBuilder(), cut, 0, length))
                    .isNotEmpty();
        });
    }

    private String print(String hex) {
        byte[] bytes = Hex.bytes(hex);
        return printer.appendPacket(new StringBuilder(), new UnsafeBuffer(bytes), 0, bytes.length)
                .toString();
    }
}
