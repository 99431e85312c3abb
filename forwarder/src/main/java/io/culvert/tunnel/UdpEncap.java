package io.culvert.tunnel;

import org.jspecify.annotations.Nullable;

/**
 * UDP between a tunnel's outer IP header and its shim, as {@code ip link}'s {@code encap}: to pass what only knows UDP, and
 * to spread a tunnel's flows over the paths and receive queues of a network.
 *
 * @param kind what stands behind the UDP header
 * @param sport UDP source port; 0 makes one of each inner flow
 * @param dport UDP destination port, of packets in both directions
 * @param csum whether sent packets have a UDP checksum
 */
public record UdpEncap(Kind kind, int sport, int dport, boolean csum) {

    /** What stands between UDP header and shim. */
    public enum Kind {
        /** Foo over UDP: nothing. The port says what is carried. */
        FOU("fou"),
        /** Generic UDP Encapsulation: a header that says what is carried. */
        GUE("gue");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** The word in {@code culvert.toml} and of {@code ip link}. */
        public String word() {
            return word;
        }

        /** The kind with that word; null if there is none. */
        public static @Nullable Kind ofWord(String word) {
            for (Kind kind : values()) {
                if (kind.word.equals(word)) {
                    return kind;
                }
            }
            return null;
        }
    }
}
