package io.culvert.linux.netlink;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** The address families that are of interest here. */
enum Family {
    IPV4(Abi.AF_INET, 4),
    IPV6(Abi.AF_INET6, 16);

    private final int number;
    private final int addressLength;

    Family(int number, int addressLength) {
        this.number = number;
        this.addressLength = addressLength;
    }

    static Family of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }

    /** The family with the number {@code AF_INET} or {@code AF_INET6}, null for any other. */
    static @Nullable Family of(int number) {
        return number == IPV4.number ? IPV4 : number == IPV6.number ? IPV6 : null;
    }

    int number() {
        return number;
    }

    /** The length of an address in bits. */
    int bits() {
        return addressLength * Byte.SIZE;
    }

    /** The address of these bytes, null if their number is not this family's. */
    @Nullable
    InetAddress address(byte[] bytes) {
        if (bytes.length != addressLength) {
            return null;
        }
        try {
            // InetAddress.getByAddress would make an IPv4 address of ::ffff:0:0/96.
            return this == IPV4 ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException e) {
            throw new AssertionError(bytes.length + " bytes are an address", e);
        }
    }

    /** 0.0.0.0 or ::. */
    InetAddress any() {
        InetAddress any = address(new byte[addressLength]);
        if (any == null) {
            throw new AssertionError("an address of its own length");
        }
        return any;
    }
}
