package io.culvert.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Judges;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets that scapy cuts become what they were. */
final class ReassemblyTest {

    private static final String IPV4 = "IP(src='203.0.113.2', dst='203.0.113.1', id=7)";

    private final Reassembly reassembly = new Reassembly();

    @BeforeEach
    void requireScapy() {
        Judges.requireScapy();
    }

    /** The whole packet, and its fragments. */
    private static List<byte[]> cut(String outer) {
        List<byte[]> packets = new ArrayList<>();
        Judges.python(ReassemblyTest.class, "/fragment/cut.py", outer).forEach(line -> packets.add(Hex.bytes(line)));
        return packets;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                IPV4,
                "IP(src='203.0.113.2', dst='203.0.113.1', id=7, options=[IPOption_Timestamp()])",
                "IPv6(src='2001:db8::2', dst='2001:db8::1')",
                "IPv6(src='2001:db8::2', dst='2001:db8::1')/IPv6ExtHdrHopByHop(options=[RouterAlert()])"
            })
    void makesThemWhole(String outer) {
        List<byte[]> packets = cut(outer);
        byte[] whole = packets.removeFirst();
        assertThat(packets).hasSizeGreaterThan(2);

        for (int turn = 0; turn < packets.size(); turn++) {
            Collections.rotate(packets, 1);
            List<byte[]> made = packets.stream().map(reassembly::add).toList();
            assertThat(made.subList(0, made.size() - 1)).containsOnlyNulls();
            assertThat(made.getLast()).isEqualTo(whole);
        }
        assertThat(reassembly.add(whole)).isNull();
    }

    @Test
    void keepsPacketsApart() {
        List<byte[]> one = cut(IPV4);
        List<byte[]> other = cut(IPV4.replace("id=7", "id=8"));
        assertThat(reassembly.add(one.get(1))).isNull();
        assertThat(reassembly.add(other.get(2))).isNull();
        assertThat(reassembly.add(other.get(3))).isNull();
        assertThat(reassembly.add(one.get(4))).isNull();

        assertThat(other).hasSize(5);
        assertThat(reassembly.add(other.get(4))).isNull();
        assertThat(reassembly.add(other.get(1))).isEqualTo(other.get(0));
    }

    /** A repetition is no contradiction; what overlaps is. */
    @Test
    void takesTheSameTwiceAndNothingThatOverlaps() {
        List<byte[]> packets = cut(IPV4);
        assertThat(reassembly.add(packets.get(1))).isNull();
        assertThat(reassembly.add(packets.get(1))).isNull();
        byte[] shifted = packets.get(2).clone();
        shifted[7]--;
        assertThat(reassembly.add(shifted)).isNull();
        packets.subList(2, packets.size())
                .forEach(packet -> assertThat(reassembly.add(packet)).isNull());
    }

    @Test
    void readsNoFragmentFromWhatIsMalformed() {
        byte[] fragment = cut("IPv6(src='2001:db8::2', dst='2001:db8::1')").get(1);
        for (int length = 0; length < 48; length++) {
            byte[] bytes = Arrays.copyOf(fragment, length);
            if (length >= 40) {
                bytes[5] = (byte) (length - 40);
                bytes[4] = 0;
            }
            assertThat(Fragment.of(bytes)).as("%d bytes", length).isNull();
        }
    }
}
