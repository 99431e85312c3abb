package io.culvert.perf.load;

import java.util.List;

/**
 * Lengths of inner IP packets, repeated in order.
 *
 * @param name for reports
 */
public record PacketSizes(String name, List<Integer> lengths) {

    private static final int IP_AND_UDP = 28;

    /** Seven small, four middle, one large: the mix of the simple IMIX, its large packets as long as a tunnel takes them. */
    public static final PacketSizes IMIX =
            new PacketSizes("IMIX", List.of(64, 570, 64, 64, 570, 64, 1400, 64, 570, 64, 570, 64));

    public PacketSizes {
        lengths = List.copyOf(lengths);
        for (int length : lengths) {
            if (length < IP_AND_UDP + UdpPayload.HEADER || length > IP_AND_UDP + UdpPayload.MAX_LENGTH) {
                throw new IllegalArgumentException("an IP packet of " + length + " bytes cannot be tested");
            }
        }
    }

    /** Packets of one length. */
    public static PacketSizes of(int bytes) {
        return new PacketSizes(bytes + " B", List.of(bytes));
    }

    /** UDP payload of the packet with that number, in bytes. */
    int payload(long number) {
        return lengths.get((int) (number % lengths.size())) - IP_AND_UDP;
    }
}
