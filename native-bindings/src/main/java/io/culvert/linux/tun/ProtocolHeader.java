package io.culvert.linux.tun;

/**
 * Layout of {@code struct tun_pi}, which stands before a packet, and before its {@link VnetHeader}, when that was asked for
 * with {@link TunRequest#withProtocol}. It says what the packet is, which the kernel else takes from its IP version.
 */
public final class ProtocolHeader {

    /** Its length in bytes. */
    public static final int LENGTH = 4;

    /** Flags, 2 bytes, host byte order; write 0. */
    public static final int FLAGS_OFFSET = 0;

    /** EtherType, 2 bytes, network byte order. */
    public static final int PROTOCOL_OFFSET = 2;

    private ProtocolHeader() {}
}
