package io.culvert.tunnel;

import io.culvert.wire.Addresses;
import java.nio.ByteBuffer;
import java.util.List;

/** The inner sources that a tunnel accepts from its peer, RFC 2003 section 6.2. Immutable. */
final class InnerFilter {

    private final int[] ipv4Networks;
    private final int[] ipv4Masks;
    private final long[] ipv6Networks;
    private final long[] ipv6Masks;
    private final boolean any;

    InnerFilter(List<Prefix> sources) {
        any = sources.isEmpty();
        List<Prefix> ipv4 = sources.stream().filter(Prefix::isIpv4).toList();
        List<Prefix> ipv6 = sources.stream().filter(prefix -> !prefix.isIpv4()).toList();
        ipv4Networks = new int[ipv4.size()];
        ipv4Masks = new int[ipv4.size()];
        for (int i = 0; i < ipv4Networks.length; i++) {
            Prefix prefix = ipv4.get(i);
            ipv4Networks[i] = Addresses.toInt(prefix.address());
            ipv4Masks[i] = (int) mask(prefix.length() + Integer.SIZE);
        }
        ipv6Networks = new long[2 * ipv6.size()];
        ipv6Masks = new long[2 * ipv6.size()];
        for (int i = 0; i < ipv6Networks.length; i += 2) {
            Prefix prefix = ipv6.get(i / 2);
            ByteBuffer address = ByteBuffer.wrap(prefix.address().getAddress());
            ipv6Networks[i] = address.getLong();
            ipv6Networks[i + 1] = address.getLong();
            ipv6Masks[i] = mask(Math.min(prefix.length(), Long.SIZE));
            ipv6Masks[i + 1] = mask(Math.max(prefix.length() - Long.SIZE, 0));
        }
    }

    /** Whether it accepts whatever source. */
    boolean acceptsAny() {
        return any;
    }

    boolean acceptsIpv4(int source) {
        for (int i = 0; i < ipv4Networks.length; i++) {
            if ((source & ipv4Masks[i]) == ipv4Networks[i]) {
                return true;
            }
        }
        return any;
    }

    boolean acceptsIpv6(long sourceHigh, long sourceLow) {
        for (int i = 0; i < ipv6Networks.length; i += 2) {
            if ((sourceHigh & ipv6Masks[i]) == ipv6Networks[i]
                    && (sourceLow & ipv6Masks[i + 1]) == ipv6Networks[i + 1]) {
                return true;
            }
        }
        return any;
    }

    /** A 64-bit mask whose upper {@code length} bits are set. */
    private static long mask(int length) {
        return length == 0 ? 0 : -1L << (Long.SIZE - length);
    }
}
