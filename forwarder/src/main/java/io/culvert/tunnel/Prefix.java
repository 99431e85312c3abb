package io.culvert.tunnel;

import io.culvert.wire.AddressText;
import io.culvert.wire.Addresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * An address and a prefix length, such as {@code 192.0.2.1/30}: an interface address, or a network where the host bits
 * are zero.
 *
 * @param address IPv4 or IPv6 address
 * @param length prefix length in bits, 0 to 32 or 128
 */
public record Prefix(InetAddress address, int length) {

    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,3}");

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
        InetAddress address = address(literal);
        if (slash < 0) {
            return new Prefix(address, bits(address));
        }
        String length = text.substring(slash + 1);
        if (!LENGTH.matcher(length).matches()) {
            throw new IllegalArgumentException("\"" + length + "\" is not a prefix length");
        }
        return new Prefix(address, Integer.parseInt(length));
    }

    /** Reads an address in full: Java completes 192.0.2 to 192.0.0.2, but {@code ip} to 192.0.2.0. */
    private static InetAddress address(String literal) {
        try {
            if (literal.indexOf(':') >= 0
                    || literal.chars().filter(c -> c == '.').count() == 3) {
                return InetAddress.ofLiteral(literal);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + literal + "\" is not an IP address", e);
        }
        throw new IllegalArgumentException("\"" + literal + "\" is not an IP address");
    }

    public boolean isIpv4() {
        return address instanceof Inet4Address;
    }

    /** Whether no bit beyond the prefix length is set. */
    public boolean isNetwork() {
        return equals(network());
    }

    /** The same without bits beyond the prefix length. */
    public Prefix network() {
        byte[] bytes = address.getAddress();
        for (int bit = length; bit < bytes.length * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] &= (byte) ~(0x80 >> bit % Byte.SIZE);
        }
        return new Prefix(Addresses.of(bytes), length);
    }

    /** Whether an address is under it. */
    public boolean contains(InetAddress other) {
        return bits(other) == bits(address) && network().equals(new Prefix(other, length).network());
    }

    // As a record's own, which Java puts together by method handles at their first use: 20 ms of every `culvert
    // tunnel`.
    @Override
    public boolean equals(Object other) {
        return other instanceof Prefix prefix && length == prefix.length && address.equals(prefix.address);
    }

    @Override
    public int hashCode() {
        return 31 * address.hashCode() + length;
    }

    @Override
    public String toString() {
        return AddressText.of(address) + "/" + length;
    }

    private static int bits(InetAddress address) {
        return address instanceof Inet4Address ? Integer.SIZE : 2 * Long.SIZE;
    }
}
