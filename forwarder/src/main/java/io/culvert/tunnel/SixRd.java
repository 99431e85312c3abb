package io.culvert.tunnel;

import io.culvert.wire.Addresses;
import java.nio.ByteBuffer;

/**
 * Outer IPv4 addresses inside IPv6 addresses, RFC 5969 section 4: an address under the 6rd prefix holds, right behind the
 * prefix, what of the IPv4 address the relay prefix leaves open. 6to4, RFC 3056, is the case 2002::/16 with 0.0.0.0/0.
 * Immutable.
 */
final class SixRd {

    private static final long SIX_TO_FOUR = 0x2002_0000_0000_0000L;
    private static final int SIX_TO_FOUR_LENGTH = 16;

    private final long prefix;
    private final int prefixLength;
    private final int relay;
    private final int relayLength;

    /** @param options without problems: prefix length and open IPv4 bits are 64 at most */
    SixRd(SitOptions options) {
        prefix = ByteBuffer.wrap(options.sixRdPrefix().address().getAddress()).getLong();
        prefixLength = options.sixRdPrefix().length();
        relay = Addresses.toInt(options.sixRdRelayPrefix().address());
        relayLength = options.sixRdRelayPrefix().length();
    }

    /** Whether an IPv6 address with that upper half has an IPv4 address in it. */
    boolean contains(long high) {
        return prefixLength == 0 || (high ^ prefix) >>> (Long.SIZE - prefixLength) == 0;
    }

    /** The IPv4 address in an IPv6 address, host order; only where {@link #contains} it. */
    int ipv4(long high) {
        int open = Integer.SIZE - relayLength;
        return open == 0 ? relay : relay | (int) (high << prefixLength >>> (Long.SIZE - open));
    }

    /** Whether IPv4 addresses must be globally unique, so that private ones are forged: RFC 3964 section 5.1. */
    boolean isSixToFour() {
        return prefix == SIX_TO_FOUR && prefixLength == SIX_TO_FOUR_LENGTH && relayLength == 0;
    }
}
