package io.culvert.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Wireshark's dissectors as a judge. Checksums are verified, fragments are dissected one by one. */
public final class Tshark {
    /** What {@code *.checksum.status} says of a checksum that verifies. */
    public static final String GOOD = "1";

    private static final String SEPARATOR = "\t";

    private Tshark() {}

    public static void require() {
        Judges.requireTool("tshark", "tshark");
    }

    /**
     * What tshark finds in raw IP packets.
     *
     * @param options more command line options, such as {@code -o ip.defragment:TRUE}
     * @return a list a packet: for each field its occurrences, from the outermost header to the innermost, separated by
     *     commas; an empty string if there is none
     */
    public static List<List<String>> fields(List<byte[]> packets, List<String> fields, String... options) {
        try {
            Path file = Files.createTempFile("culvert", ".pcap");
            try {
                PcapWriter.write(file, PcapWriter.LINKTYPE_RAW, packets);
                List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString()));
                for (String preference : List.of(
                        "ip.check_checksum:TRUE",
                        "tcp.check_checksum:TRUE",
                        "udp.check_checksum:TRUE",
                        "ip.defragment:FALSE",
                        "ipv6.defragment:FALSE")) {
                    command.addAll(List.of("-o", preference));
                }
                command.addAll(List.of(options));
                command.addAll(List.of("-T", "fields", "-E", "separator=/t", "-E", "occurrence=a"));
                fields.forEach(field -> command.addAll(List.of("-e", field)));
                return Judges.run(command).stream()
                        .map(line -> Arrays.asList(line.split(SEPARATOR, -1)))
                        .toList();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
