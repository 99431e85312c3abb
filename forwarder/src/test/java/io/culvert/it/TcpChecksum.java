package io.culvert.it;

import java.util.Map;

/** What tshark says of TCP's checksums. */
final class TcpChecksum {

    private static final String GOOD = "1";
    private static final String ONES = "0xffff";

    private TcpChecksum() {}

    /**
     * Whether it verifies, by the fields {@code tcp.checksum} and {@code tcp.checksum.status}. Where Linux finishes what a packet
     * socket left to the device and gets 0, it writes 0xffff, for TCP too ({@code skb_checksum_help}): one packet of 65,536. It is
     * the same sum to a receiver, and Wireshark calls it bad (RFC 1624 section 3).
     */
    static boolean isGood(Map<String, String> packet) {
        return packet.getOrDefault("tcp.checksum.status", "").equals(GOOD)
                || packet.getOrDefault("tcp.checksum", "").equals(ONES);
    }
}
