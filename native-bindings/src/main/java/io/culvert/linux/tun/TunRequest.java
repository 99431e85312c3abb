package io.culvert.linux.tun;

import java.nio.charset.StandardCharsets;

/**
 * What {@link TunDevice#open} is to make or attach to.
 *
 * @param name the interface's name, at most 15 bytes; empty, or with {@code %d} in it, lets the kernel number it
 * @param tap Ethernet frames instead of IP packets
 * @param vnetHeader a {@link VnetHeader} stands before every packet, read and written
 * @param protocol a {@link ProtocolHeader} stands before every packet, read and written, and before its vnet header: then
 *     the device carries packets of every EtherType, else IPv4 and IPv6
 * @param multiQueue the device may be opened several times, a queue each
 * @param persist the interface stays when the last descriptor is closed
 */
public record TunRequest(
        String name, boolean tap, boolean vnetHeader, boolean protocol, boolean multiQueue, boolean persist) {

    /** @throws IllegalArgumentException if the name is longer than the kernel takes */
    public TunRequest {
        if (name.getBytes(StandardCharsets.UTF_8).length >= Abi.IFNAMSIZ) {
            throw new IllegalArgumentException(
                    "interface name \"" + name + "\" is longer than " + (Abi.IFNAMSIZ - 1) + " bytes");
        }
    }

    /** A TUN device without any option. */
    public static TunRequest tun(String name) {
        return new TunRequest(name, false, false, false, false, false);
    }

    /** A TAP device without any option. */
    public static TunRequest tap(String name) {
        return new TunRequest(name, true, false, false, false, false);
    }

    /** The same with a {@link VnetHeader} before every packet. */
    public TunRequest withVnetHeader() {
        return new TunRequest(name, tap, true, protocol, multiQueue, persist);
    }

    /** The same with a {@link ProtocolHeader} before every packet. */
    public TunRequest withProtocol() {
        return new TunRequest(name, tap, vnetHeader, true, multiQueue, persist);
    }

    /** The same with several queues. */
    public TunRequest withMultiQueue() {
        return new TunRequest(name, tap, vnetHeader, protocol, true, persist);
    }

    /** The same, to outlive the process. */
    public TunRequest withPersist() {
        return new TunRequest(name, tap, vnetHeader, protocol, multiQueue, true);
    }

    int flags() {
        return (tap ? Abi.IFF_TAP : Abi.IFF_TUN)
                | (protocol ? 0 : Abi.IFF_NO_PI)
                | (vnetHeader ? Abi.IFF_VNET_HDR : 0)
                | (multiQueue ? Abi.IFF_MULTI_QUEUE : 0);
    }
}
