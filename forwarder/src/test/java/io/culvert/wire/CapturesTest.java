package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.PcapReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets from real networks, and from people who look for holes in decoders; see captures/README.md. */
final class CapturesTest {
    private final PacketPrinter printer = new PacketPrinter();
    private Path directory = Path.of("");

    @BeforeEach
    void findTheCaptures() throws URISyntaxException {
        directory = Path.of(
                        CapturesTest.class.getResource("/captures/README.md").toURI())
                .getParent();
    }

    /** A change in a line of packets.txt is a change of behaviour to look at. */
    @Test
    void printsEveryPacketAsRecorded() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path capture : captures()) {
            int number = 0;
            for (byte[] packet : PcapReader.read(capture)) {
                number++;
                lines.add(capture.getFileName() + " " + number + ": " + print(packet, packet.length));
            }
        }

        assertThat(lines).isEqualTo(Files.readAllLines(directory.resolve("packets.txt")));
    }

    @Test
    void parsesOrRefusesEveryPacketAtEveryTruncation() throws IOException {
        int cases = 0;
        for (Path capture : captures()) {
            for (byte[] packet : PcapReader.read(capture)) {
                for (int length = 0; length <= packet.length; length++) {
                    assertThat(print(packet, length)).isNotEmpty();
                    cases++;
                }
            }
        }
        assertThat(cases).isGreaterThan(10_000);
    }

    /** Every single bit of the first 128 bytes flipped: whatever the lengths then say, no read leaves the packet. */
    @Test
    void parsesOrRefusesEveryPacketWithAnyBitFlipped() throws IOException {
        for (Path capture : captures()) {
            for (byte[] packet : PcapReader.read(capture)) {
                for (int bit = 0; bit < 8 * Math.min(128, packet.length); bit++) {
                    packet[bit / 8] ^= (byte) (1 << bit % 8);
                    assertThat(print(packet, packet.length)).isNotEmpty();
                    packet[bit / 8] ^= (byte) (1 << bit % 8);
                }
            }
        }
    }

    /** The buffer ends with the packet, so a read beyond it is an exception. */
    private String print(byte[] packet, int length) {
        UnsafeBuffer buffer = new UnsafeBuffer(length == packet.length ? packet : Arrays.copyOf(packet, length));
        return printer.appendFrame(new StringBuilder(), buffer, 0, length).toString();
    }

    private List<Path> captures() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".pcap"))
                    .sorted()
                    .toList();
        }
    }
}
