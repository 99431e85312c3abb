package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Judges;
import io.culvert.testing.PcapWriter;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MinimalEncapsulationFlyweightTest {

    /** UDP from 192.0.2.1 to 198.51.100.7. */
    private static final byte[] WITH_SOURCE = Hex.bytes("1180 0243 c6336407 c0000201");

    private static final byte[] WITHOUT_SOURCE = Hex.bytes("1100 c4c4 c6336407");

    private final MinimalEncapsulationFlyweight minimal = new MinimalEncapsulationFlyweight();

    @Test
    void parsesBothForms() {
        minimal.wrap(new UnsafeBuffer(WITH_SOURCE), 0);
        assertThat(minimal.protocol()).isEqualTo(IpProtocol.UDP);
        assertThat(minimal.hasSource()).isTrue();
        assertThat(minimal.headerLength()).isEqualTo(12);
        assertThat(minimal.checksum()).isEqualTo(0x0243);
        assertThat(minimal.originalDestination()).isEqualTo(0xc6336407);
        assertThat(minimal.originalSource()).isEqualTo(0xc0000201);
        assertThat(minimal.payloadOffset()).isEqualTo(12);
        assertThat(minimal.isChecksumValid()).isTrue();
        assertThat(minimal.appendTo(new StringBuilder())).hasToString("MINENC 192.0.2.1 > 198.51.100.7: UDP");

        minimal.wrap(new UnsafeBuffer(WITHOUT_SOURCE), 0);
        assertThat(minimal.hasSource()).isFalse();
        assertThat(minimal.headerLength()).isEqualTo(8);
        assertThat(minimal.originalDestination()).isEqualTo(0xc6336407);
        assertThat(minimal.isChecksumValid()).isTrue();
        assertThat(minimal.appendTo(new StringBuilder())).hasToString("MINENC > 198.51.100.7: UDP");
    }

    @Test
    void buildsBothForms() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(WITH_SOURCE.length);
        minimal.wrap(buffer, 0)
                .protocol(IpProtocol.UDP)
                .hasSource(true)
                .originalDestination(0xc6336407)
                .originalSource(0xc0000201)
                .updateChecksum();
        assertThat(buffer.byteArray()).isEqualTo(WITH_SOURCE);

        buffer = HeaderChecks.prefilled(WITHOUT_SOURCE.length);
        minimal.wrap(buffer, 0)
                .protocol(IpProtocol.UDP)
                .hasSource(false)
                .originalDestination(0xc6336407)
                .updateChecksum();
        assertThat(buffer.byteArray()).isEqualTo(WITHOUT_SOURCE);
    }

    /** No other decoder knows protocol 55. */
    @Test
    void tcpdumpReadsBothForms(@TempDir Path directory) {
        Judges.requireTool("tcpdump", "tcpdump");
        Path capture = directory.resolve("minenc.pcap");
        byte[] payload = Hex.bytes("13881770000f3f3d63756c76657274");
        List<byte[]> packets = List.of(
                Hex.bytes("45b9002f123400003f37f0a6cb007101cb007102" + Hex.text(WITH_SOURCE) + Hex.text(payload)),
                Hex.bytes("45b9002b123400003f37f0aacb007101cb007102" + Hex.text(WITHOUT_SOURCE) + Hex.text(payload)));
        PcapWriter.write(capture, PcapWriter.LINKTYPE_RAW, packets);

        String said = String.join("\n", Judges.run(List.of("tcpdump", "-n", "-t", "-vv", "-r", capture.toString())));

        assertThat(said)
                .contains("mobile: [S] 192.0.2.1 > 198.51.100.7 (oproto=17)")
                .contains("mobile: [] > 198.51.100.7 (oproto=17)")
                .doesNotContain("bad");
    }

    @Test
    void refusesEveryTruncation() {
        HeaderChecks.assertRefusesEveryTruncation(WITH_SOURCE, MinimalEncapsulationFlyweight::validate);
        HeaderChecks.assertRefusesEveryTruncation(WITHOUT_SOURCE, MinimalEncapsulationFlyweight::validate);
    }

    /** RFC 2004 section 3.1: the reserved field is ignored on reception. */
    @Test
    void ignoresReservedBits() {
        byte[] bytes = WITH_SOURCE.clone();
        bytes[1] |= 0x7f;
        assertThat(MinimalEncapsulationFlyweight.validate(new UnsafeBuffer(bytes), 0, bytes.length))
                .isEqualTo(Malformed.NONE);
        assertThat(minimal.wrap(new UnsafeBuffer(bytes), 0).headerLength()).isEqualTo(12);
    }

    @Test
    void noticesEveryFlippedBit() {
        for (int bit = 0; bit < WITHOUT_SOURCE.length * 8; bit++) {
            if (bit != 8) {
                byte[] bytes = WITHOUT_SOURCE.clone();
                bytes[bit / 8] ^= (byte) (0x80 >> bit % 8);
                assertThat(minimal.wrap(new UnsafeBuffer(bytes), 0).isChecksumValid())
                        .isFalse();
            }
        }
    }
}
