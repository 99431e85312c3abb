package io.culvert.perf.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which packets count as tunnelled. */
class OuterFormatTest {

    private static final String INNER = "45000054000040004006 0000 c0000201 c0000202" + "00".repeat(20);
    private static final String INNER_IPV6 =
            "6000000000140640 20010db8000000000000000000000001 20010db8000000000000000000000002" + "00".repeat(20);
    private static final String ETHERNET = "020000000001 020000000002 0800";

    record Packet(OuterFormat format, String hex) {}

    static Stream<Packet> tunnelled() {
        return Stream.of(
                new Packet(OuterFormat.IPIP, outer(4) + INNER),
                new Packet(OuterFormat.SIT, outer(41) + INNER_IPV6),
                new Packet(OuterFormat.gre(false, false, 0), outer(47) + "00000800" + INNER),
                new Packet(OuterFormat.gre(false, true, 7), outer(47) + "2000080000000007" + INNER),
                new Packet(OuterFormat.gre(true, false, 0), outer(47) + "80000800abcd0000" + INNER),
                new Packet(OuterFormat.GRE_ETHERNET, outer(47) + "00006558" + ETHERNET + INNER),
                new Packet(OuterFormat.VXLAN, outer(17) + "c00012b500540000" + "0800000000002a00" + ETHERNET + INNER),
                new Packet(OuterFormat.WIREGUARD, outer(17) + "ca6cca6c00540000" + "04000000" + "5a".repeat(60)));
    }

    @ParameterizedTest
    @MethodSource("tunnelled")
    void knowsItsOwnPacketsOnly(Packet packet) {
        List<OuterFormat> formats = tunnelled().map(Packet::format).toList();
        UnsafeBuffer bytes = bytes(packet.hex);

        assertThat(OuterFormat.isInTheClear(bytes, 0)).isFalse();
        for (OuterFormat format : formats) {
            assertThat(format.matches(bytes, 0, bytes.capacity()))
                    .as(format.name())
                    .isEqualTo(format.equals(packet.format));
        }
    }

    @Test
    void seesPacketsInTheClear() {
        for (String hex : new String[] {INNER, INNER_IPV6}) {
            UnsafeBuffer bytes = bytes(hex);
            assertThat(OuterFormat.isInTheClear(bytes, 0)).isTrue();
            tunnelled()
                    .forEach(packet -> assertThat(packet.format.matches(bytes, 0, bytes.capacity()))
                            .isFalse());
        }
    }

    @Test
    void refusesTruncatedPackets() {
        tunnelled().forEach(packet -> {
            UnsafeBuffer bytes = bytes(packet.hex);
            for (int length = 20; length < 24; length++) {
                assertThat(packet.format.matches(bytes, 0, length)).isFalse();
            }
        });
    }

    @Test
    void refusesAnotherKey() {
        UnsafeBuffer bytes = bytes(outer(47) + "2000080000000008" + INNER);

        assertThat(OuterFormat.gre(false, true, 7).matches(bytes, 0, bytes.capacity()))
                .isFalse();
    }

    @Test
    void doubtsWhatWasNotTunnelled() {
        assertThat(new WireLook.Seen(10, 0, 0, 2000, 0).doubt(OuterFormat.IPIP, 1000))
                .isEmpty();
        assertThat(new WireLook.Seen(10, 1, 0, 2000, 0).doubt(OuterFormat.IPIP, 1000))
                .contains("1 of 11");
        assertThat(new WireLook.Seen(10, 0, 2, 2000, 0).doubt(OuterFormat.IPIP, 1000))
                .contains("2 of 12");
        assertThat(new WireLook.Seen(10, 0, 0, 900, 0).doubt(OuterFormat.IPIP, 1000))
                .contains("900 bytes");
        assertThat(new WireLook.Seen(0, 0, 0, 0, 5).doubt(OuterFormat.IPIP, 1000))
                .isNotEmpty();
    }

    @Test
    void selectsByIdOrBeginning() {
        assertThat(Peers.select(List.of("culvert-ipip-super")))
                .extracting(Peer::id)
                .containsExactly("culvert-ipip-super");
        assertThat(Peers.select(List.of("socat", "culvert-ipip"))).hasSize(7);
        assertThat(Peers.all()).extracting(Peer::id).doesNotHaveDuplicates();
        assertThatThrownBy(() -> Peers.select(List.of("nobody")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nobody")
                .hasMessageContaining("socat");
    }

    private static String outer(int protocol) {
        return String.format("450000680000400040%02x0000cb007101cb007102", protocol);
    }

    private static UnsafeBuffer bytes(String hex) {
        return new UnsafeBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }
}
