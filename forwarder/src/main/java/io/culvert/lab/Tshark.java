package io.culvert.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Wireshark's decoder, with every checksum that it can check switched on. Any thread may call. */
public final class Tshark {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    /** Ports that the kernel gives to whoever asks for none: no protocol's, whatever it is that some dissector expects there. */
    private static final List<String> EPHEMERAL_PORTS =
            List.of("-d", "udp.port==32768-60999,data", "-d", "tcp.port==32768-60999,data");

    private static final List<String> CHECKSUMS =
            List.of("ip.check_checksum", "tcp.check_checksum", "udp.check_checksum");

    private Tshark() {}

    /** Whether it is installed. */
    public static boolean isInstalled() {
        return Requirements.hasProgram("tshark");
    }

    /**
     * Decodes every packet of a capture.
     *
     * @param fields names of fields, such as {@code gre.key}
     * @return for each packet its fields; one that stands in the packet more than once has its values joined by commas,
     *     outermost first, and one that is not in it is empty
     */
    public static List<Map<String, String>> decode(Path capture, String... fields) {
        return decode(capture, List.of(), fields);
    }

    /** The same with more options, for what the packets do not say. */
    static List<Map<String, String>> decode(Path capture, List<String> options, String... fields) {
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", capture.toString()));
        command.addAll(EPHEMERAL_PORTS);
        command.addAll(options);
        for (String preference : CHECKSUMS) {
            command.addAll(List.of("-o", preference + ":TRUE"));
        }
        command.addAll(List.of("-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,"));
        for (String field : fields) {
            command.addAll(List.of("-e", field));
        }
        List<Map<String, String>> packets = new ArrayList<>();
        String out = Programs.run(TIMEOUT, command).orThrow().out();
        out.lines().forEach(line -> packets.add(row(line.split("\t", -1), fields)));
        return packets;
    }

    private static Map<String, String> row(String[] values, String... fields) {
        Map<String, String> row = new HashMap<>();
        for (int field = 0; field < fields.length; field++) {
            row.put(fields[field], field < values.length ? values[field] : "");
        }
        return row;
    }
}
