package io.culvert.cli;

import io.culvert.config.SaKeys;
import tools.jackson.databind.JsonNode;

/** Security associations as text, in the shape of {@code ip -s xfrm state}; of keys there are only the files' names. */
final class SaPrinter {

    private SaPrinter() {}

    static String text(JsonNode associations) {
        StringBuilder text = new StringBuilder();
        for (JsonNode association : associations) {
            append(text, association);
        }
        return text.toString();
    }

    private static void append(StringBuilder text, JsonNode sa) {
        text.append(String.format("src %s dst %s%n", word(sa, "src"), word(sa, "dst")));
        text.append(String.format(
                "\tproto esp spi 0x%08x mode tunnel dev %s dir %s state %s%n",
                sa.path("spi").asLong(), word(sa, "dev"), word(sa, "direction"), word(sa, "state")));
        text.append(String.format(
                "\treplay-window %s seq 0x%x%s%n",
                sa.path("replay-window").asString("1024"),
                sa.path("sequence").asLong(),
                sa.path("esn").asBoolean(false) ? " flag esn" : ""));
        if (sa.has("mark")) {
            text.append(
                    String.format("\tmark 0x%x/0xffffffff%n", sa.path("mark").asLong()));
        }
        appendAlgorithm(text, sa, "aead", "key-file");
        appendAlgorithm(text, sa, "enc", "key-file");
        appendAlgorithm(text, sa, "auth-trunc", "auth-key-file");
        text.append(String.format("\tlifetime config:%n"));
        for (String limit : SaKeys.LIMITS) {
            if (sa.has(limit)) {
                long value = sa.path(limit).asLong();
                long left = Math.max(0, value - used(sa, limit));
                text.append(String.format("\t  limit %s %d, %d left%n", limit, value, left));
            }
        }
        text.append(String.format(
                "\tlifetime current:%n\t  %s(bytes), %s(packets), %s(sec)%n",
                word(sa, "bytes"), word(sa, "packets"), word(sa, "seconds")));
        text.append(String.format("\tstats:%n\t  replay %s failed %s%n", word(sa, "replayed"), word(sa, "forged")));
    }

    private static long used(JsonNode sa, String limit) {
        String counter = limit.startsWith("byte") ? "bytes" : limit.startsWith("packet") ? "packets" : "seconds";
        return sa.path(counter).asLong();
    }

    private static void appendAlgorithm(StringBuilder text, JsonNode sa, String key, String file) {
        if (sa.has(key)) {
            String named = sa.has(file) ? " " + file + " " + word(sa, file) : "";
            String length = key.equals("aead") ? " icv-len 128" : key.equals("auth-trunc") ? " trunc-len 128" : "";
            text.append(String.format("\t%s %s%s%s%n", key, word(sa, key), named, length));
        }
    }

    private static String word(JsonNode sa, String key) {
        return sa.path(key).asString("");
    }
}
