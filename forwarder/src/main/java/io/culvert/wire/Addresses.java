package io.culvert.wire;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The JDK's addresses to and from what headers have: bytes, and of IPv4 an int in host order. */
public final class Addresses {

    private Addresses() {}

    /** An IPv4 address as an int in host order; 0 for any other, and for null. */
    public static int toInt(@Nullable InetAddress address) {
        return address instanceof Inet4Address
                ? ByteBuffer.wrap(address.getAddress()).getInt()
                : 0;
    }

    /** The IPv4 address that is this int in host order. */
    public static InetAddress ipv4(int address) {
        return of(ByteBuffer.allocate(Integer.BYTES).putInt(address).array());
    }

    /** The address of these bytes, four or sixteen. */
    public static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(bytes.length + " bytes are no address", e);
        }
    }
}
