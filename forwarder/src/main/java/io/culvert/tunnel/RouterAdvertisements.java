package io.culvert.tunnel;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.wire.Icmpv6Flyweight;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Malformed;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What routers tell the hosts of an isatap tunnel: only those on the potential router list may, RFC 5214 section 8.3.2, and
 * only a default one becomes the default router. The kernel uses what passes, as it does on every device.
 */
final class RouterAdvertisements {

    /** RFC 4861 section 4.2: router lifetime, and where the options start. */
    private static final int ROUTER_LIFETIME = 6;

    private static final int OPTIONS = 16;
    private static final int CHECKSUM = 2;

    /** Options with lifetimes: prefix information, route information, recursive DNS servers, DNS search list. */
    private static final int PREFIX = 3;

    private static final int ROUTE = 24;
    private static final int DNS_SERVERS = 25;
    private static final int DNS_SEARCH = 31;
    private static final int PREFIX_LENGTH = 2;
    private static final int LIFETIME = 4;
    private static final int PREFERRED_LIFETIME = 8;
    private static final int UNIT = 8;

    private RouterAdvertisements() {}

    /**
     * Drops what an inner packet's sender must not say, and takes from it what is not for this host to use.
     *
     * @param slot holds the inner packet, a sound IPv6 one
     */
    static void check(Slot slot, Isatap isatap) {
        if (slot.extensionHeaders.parse(slot.buffer, slot.offset, slot.length) != Malformed.NONE) {
            // The kernel walks further than this does, and finds there what nobody has judged.
            slot.drop(DropReason.INNER_MALFORMED);
            return;
        }
        if (slot.extensionHeaders.upperProtocol() != IpProtocol.ICMPV6 || slot.extensionHeaders.fragmentOffset() != 0) {
            return;
        }
        int message = slot.extensionHeaders.upperOffset();
        int length = slot.offset + slot.length - message;
        if (length < Icmpv6Flyweight.HEADER_LENGTH) {
            return;
        }
        int type = slot.buffer.getByte(message) & 0xff;
        boolean isAdvertisement = type == Icmpv6Flyweight.ROUTER_ADVERTISEMENT;
        if (!isAdvertisement && type != Icmpv6Flyweight.REDIRECT) {
            return;
        }
        boolean isDefault = isatap.isDefaultRouter(slot.outerSource);
        if (!isDefault && !(isAdvertisement && isatap.isRouter(slot.outerSource))) {
            slot.drop(DropReason.UNLISTED_ROUTER);
        } else if (isAdvertisement && length >= OPTIONS) {
            if (isDefault) {
                isatap.advertised(slot.outerSource, shortestLifetime(slot.buffer, message, length));
            } else {
                withdrawDefaultRoute(slot, message, length);
            }
        }
    }

    /** In seconds, that of the router included; RFC 5214 section 8.3.4. */
    private static int shortestLifetime(UnsafeBuffer buffer, int message, int length) {
        int shortest = buffer.getShort(message + ROUTER_LIFETIME, BIG_ENDIAN) & 0xffff;
        int end = message + length;
        for (int at = message + OPTIONS; end - at >= UNIT; at += optionLength(buffer, at)) {
            if (optionLength(buffer, at) == 0 || optionLength(buffer, at) > end - at) {
                return shortest;
            }
            switch (buffer.getByte(at)) {
                case PREFIX -> {
                    if (optionLength(buffer, at) > UNIT) {
                        shortest = shorter(shortest, buffer.getInt(at + LIFETIME, BIG_ENDIAN));
                        shortest = shorter(shortest, buffer.getInt(at + PREFERRED_LIFETIME, BIG_ENDIAN));
                    }
                }
                case ROUTE, DNS_SERVERS, DNS_SEARCH ->
                    shortest = shorter(shortest, buffer.getInt(at + LIFETIME, BIG_ENDIAN));
                default -> {}
            }
        }
        return shortest;
    }

    private static int shorter(int one, int other) {
        return Integer.compareUnsigned(one, other) < 0 ? one : other;
    }

    private static int optionLength(UnsafeBuffer buffer, int option) {
        return (buffer.getByte(option + 1) & 0xff) * UNIT;
    }

    /** As Linux does with what comes from such a router: neither its lifetime nor a route to everywhere counts. */
    private static void withdrawDefaultRoute(Slot slot, int message, int length) {
        clear16(slot, message, message + ROUTER_LIFETIME);
        int end = message + length;
        for (int at = message + OPTIONS; end - at >= UNIT; at += optionLength(slot.buffer, at)) {
            int optionLength = optionLength(slot.buffer, at);
            if (optionLength == 0 || optionLength > end - at) {
                return;
            }
            if (slot.buffer.getByte(at) == ROUTE && slot.buffer.getByte(at + PREFIX_LENGTH) == 0) {
                clear16(slot, message, at + LIFETIME);
                clear16(slot, message, at + LIFETIME + Short.BYTES);
            }
        }
    }

    /** A checksum that is not finished yet has only the pseudo-header in it. */
    private static void clear16(Slot slot, int message, int at) {
        int before = slot.buffer.getShort(at, BIG_ENDIAN) & 0xffff;
        slot.buffer.putShort(at, (short) 0);
        if (!slot.checksumPartial) {
            int checksum = slot.buffer.getShort(message + CHECKSUM, BIG_ENDIAN) & 0xffff;
            slot.buffer.putShort(message + CHECKSUM, (short) InternetChecksum.update(checksum, before, 0), BIG_ENDIAN);
        }
    }
}
