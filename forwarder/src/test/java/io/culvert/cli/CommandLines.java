package io.culvert.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * {@code ip-tunnel-lines.txt} or {@code ip-l2tp-lines.txt}: sections of command lines to be run one after the other.
 *
 * @param reasons why culvert differs, by the word that names the reason
 */
record CommandLines(Map<String, String> reasons, List<Section> sections) {

    /** A section. */
    record Section(String name, List<Line> lines) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * A command line.
     *
     * @param side the only side that runs it; empty for both
     * @param reason why culvert differs; empty if it does not
     * @param ours what culvert does then, as {@link Outcome#all} tells it
     */
    record Line(String text, String side, String reason, List<String> ours) {}

    /** What a command line did. */
    record Outcome(int exit, String out, String err) {

        /** All of it, a string a line. */
        List<String> all() {
            List<String> lines = new ArrayList<>(List.of("exit status " + exit));
            out.lines().forEach(line -> lines.add("1> " + line));
            err.lines().forEach(line -> lines.add("2> " + line));
            return lines;
        }
    }

    /** @param file {@code ip-tunnel-lines.txt} or {@code ip-l2tp-lines.txt} */
    static CommandLines read(String file) {
        CommandLines read = new CommandLines(new LinkedHashMap<>(), new ArrayList<>());
        try (InputStream in = Objects.requireNonNull(CommandLines.class.getResourceAsStream(file))) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(read::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return read;
    }

    private void add(String line) {
        if (line.startsWith("@")) {
            String[] reason = line.substring(1).split(" ", 2);
            reasons.put(reason[0], reason[1]);
        } else if (line.startsWith("[")) {
            sections.add(new Section(line, new ArrayList<>()));
        } else if (line.startsWith("  ! ")) {
            List<Line> lines = sections.getLast().lines;
            Line last = lines.removeLast();
            lines.add(new Line(last.text, last.side, line.substring(4), last.ours));
        } else if (line.startsWith("  ")) {
            sections.getLast().lines.getLast().ours.add(line.substring(2));
        } else if (!line.isEmpty() && !line.startsWith("#")) {
            int colon = line.indexOf(": ");
            String side = line.startsWith("linux: ") || line.startsWith("culvert: ") ? line.substring(0, colon) : "";
            String text = side.isEmpty() ? line : line.substring(colon + 2);
            sections.getLast().lines.add(new Line(text, side, "", new ArrayList<>()));
        }
    }
}
