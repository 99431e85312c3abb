package io.culvert.tunnel;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * An address and a prefix length, such as {@code 192.0.2.1/30}: an interface address, or a network where the host bits
 * are zero.
 *
 * @param address IPv4 or IPv6 address
 * @param length prefix length in bits, 0 to 32 or 128
 */
public record Prefix(InetAddress address, int length) {

    public Prefix {
        int bits = bits(address);
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("prefix length " + length + " is not in 0 to " + bits);
        }
    }

    /**
     * Reads {@code ADDRESS[/LENGTH]}; without a length, a host's prefix. Never asks the DNS.
     *
     * @throws IllegalArgumentException with a message that names what is wrong
     */
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + literal + "\" is not an IP address", e);
        }
        if (slash < 0) {
            return new Prefix(address, bits(address));
        }
        try {
            return new Prefix(address, Integer.parseInt(text, slash + 1, text.length(), 10));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text.substring(slash + 1) + "\" is not a prefix length", e);
        }
    }

    public boolean isIpv4() {
        return address instanceof Inet4Address;
    }

    /** Whether no bit beyond the prefix length is set. */
    public boolean isNetwork() {
        byte[] bytes = address.getAddress();
        for (int bit = length; bit < bytes.length * 8; bit++) {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + length;
    }

    private static int bits(InetAddress address) {
        return address instanceof Inet4Address ? Integer.SIZE : 2 * Long.SIZE;
    }
}
