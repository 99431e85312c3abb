package io.culvert.tunnel;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tunnel modes, named as {@code ip tunnel} names them. */
public enum Mode {
    /** IPv4 in IPv4, RFC 2003. */
    IPIP("ipip", "ip/ip", 4, false),
    /** Generic Routing Encapsulation, RFC 2784 and RFC 2890. */
    GRE("gre", "gre/ip", 47, true),
    /** IPv6 in IPv4, RFC 4213; with 6to4, RFC 3056, and 6rd, RFC 5969. */
    SIT("sit", "ipv6/ip", 41, false);

    private final String word;
    private final String family;
    private final int protocol;
    private final boolean keyed;

    Mode(String word, String family, int protocol, boolean keyed) {
        this.word = word;
        this.family = family;
        this.protocol = protocol;
        this.keyed = keyed;
    }

    /** The keyword in {@code culvert.toml} and on the command line. */
    public String word() {
        return word;
    }

    /** The payload/outer pair that {@code ip tunnel show} prints. */
    public String family() {
        return family;
    }

    /** The outer header's IP protocol number. */
    public int protocol() {
        return protocol;
    }

    /** What the mode's outer packets are received as. */
    public Set<OuterProtocol> outerProtocols() {
        return Set.of(new OuterProtocol(false, protocol));
    }

    /** Whether key, sequence and checksum options have a place in this mode's header. */
    public boolean isKeyed() {
        return keyed;
    }

    /** The mode with that keyword or {@code ip tunnel} alias ({@code gre/ip}); null if there is none. */
    public static @Nullable Mode ofWord(String word) {
        for (Mode mode : values()) {
            if (mode.word.equals(word) || mode.family.equals(word)) {
                return mode;
            }
        }
        return null;
    }
}
