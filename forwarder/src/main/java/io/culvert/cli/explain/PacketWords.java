package io.culvert.cli.explain;

import io.culvert.wire.Addresses;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads a packet from words, in any order:
 *
 * <pre>
 * from ADDRESS to ADDRESS [ttl NUMBER] [tos NUMBER] [df] [udp PORT] [length BYTES]
 * [ipip | sit | gre] [key KEY] [seq NUMBER] [csum] [inner PACKET]
 * </pre>
 */
public final class PacketWords {

    /** The packet that is taken to be inside where the words say nothing of it; addresses of RFC 5737. */
    private static final String ASSUMED_INNER = "from 198.51.100.1 to 198.51.100.2";

    private final Deque<String> words;

    private PacketWords(Deque<String> words) {
        this.words = words;
    }

    /**
     * The packet that the words describe, and the words of {@code dev} and {@code tunnel} among them.
     *
     * @param dev the device that the packet comes by; null if not said
     * @param tunnel the tunnel whose device hands the packet over; null if not said
     * @param isInnerAssumed whether the words say nothing of the packet inside
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Read(
            byte[] packet, @Nullable String dev, @Nullable String tunnel, boolean isInnerAssumed) {}

    /**
     * Reads a packet.
     *
     * @param isOuter whether the packet carries another one
     * @throws IllegalArgumentException names the word that is wrong
     */
    public static Read read(List<String> words, boolean isOuter) {
        PacketDescription packet = new PacketWords(new ArrayDeque<>(words)).packet();
        boolean isInnerAssumed = isOuter && packet.inner == null;
        if (isInnerAssumed) {
            packet.inner = new PacketWords(new ArrayDeque<>(List.of(ASSUMED_INNER.split(" ")))).packet();
        }
        return new Read(packet.bytes(), packet.dev, packet.tunnel, isInnerAssumed);
    }

    private PacketDescription packet() {
        PacketDescription packet = new PacketDescription();
        while (!words.isEmpty()) {
            String word = words.remove();
            switch (word) {
                case "from" -> packet.from = address(word);
                case "to" -> packet.to = address(word);
                case "ttl" -> packet.ttl = number(word, 255);
                case "tos" -> packet.tos = number(word, 255);
                case "df" -> packet.dontFragment = true;
                case "udp" -> packet.port = number(word, 65_535);
                case "length" -> packet.payloadLength = number(word, PacketDescription.MAX_PAYLOAD);
                case "dev" -> packet.dev = value(word);
                case "tunnel" -> packet.tunnel = value(word);
                case "inner" -> packet.inner = packet();
                default -> shim(packet, word);
            }
        }
        if (packet.from == null || packet.to == null) {
            throw new IllegalArgumentException("a packet needs from ADDRESS and to ADDRESS");
        }
        return packet;
    }

    private void shim(PacketDescription packet, String word) {
        switch (word) {
            case "ipip", "sit" -> packet.isGre = false;
            case "gre" -> packet.isGre = true;
            case "key" -> {
                packet.isGre = true;
                packet.key = key(word);
            }
            case "seq" -> {
                packet.isGre = true;
                packet.sequence = (int) parse(word, value(word), 0xffff_ffffL);
            }
            case "csum" -> {
                packet.isGre = true;
                packet.checksum = true;
            }
            default ->
                throw new IllegalArgumentException("\"" + word + "\": no such word, see `culvert explain --help`");
        }
    }

    private String value(String word) {
        String value = words.poll();
        if (value == null) {
            throw new IllegalArgumentException(word + ": its value is missing");
        }
        return value;
    }

    private InetAddress address(String word) {
        String value = value(word);
        try {
            return InetAddress.ofLiteral(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(word + ": \"" + value + "\" is not an IP address", e);
        }
    }

    private int key(String word) {
        String value = value(word);
        return value.contains(".")
                ? Addresses.toInt(InetAddress.ofLiteral(value))
                : (int) parse(word, value, 0xffff_ffffL);
    }

    private int number(String word, int max) {
        return (int) parse(word, value(word), max);
    }

    private static long parse(String word, String value, long max) {
        try {
            long number = Long.decode(value.toLowerCase(Locale.ROOT));
            if (number >= 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(word + ": \"" + value + "\" is not a number", e);
        }
        throw new IllegalArgumentException(word + ": " + value + " is not in 0 to " + max);
    }
}
