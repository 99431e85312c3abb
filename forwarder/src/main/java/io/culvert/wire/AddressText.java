package io.culvert.wire;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Addresses as people and {@code ip} write them: the JDK does not shorten IPv6 ones. */
public final class AddressText {

    private AddressText() {}

    /** {@code 203.0.113.1}, or {@code 2001:db8::1} as RFC 5952 has it, without a zone. */
    public static String of(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return Text.appendIpv6(new StringBuilder(), bytes.getLong(), bytes.getLong())
                .toString();
    }
}
