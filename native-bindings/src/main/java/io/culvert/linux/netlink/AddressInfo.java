package io.culvert.linux.netlink;

import java.net.InetAddress;

/**
 * An address of a device.
 *
 * @param index the device
 * @param address the device's own address, also where the link has a peer address
 * @param prefixLength in bits; of the peer's prefix where the link has a peer address
 * @param scope {@code RT_SCOPE_*}: 0 global, 253 link, 254 host
 * @param flags {@code IFA_F_*}
 */
public record AddressInfo(int index, InetAddress address, int prefixLength, int scope, int flags) {

    public static final int RT_SCOPE_UNIVERSE = 0;
    public static final int RT_SCOPE_LINK = 253;
    public static final int RT_SCOPE_HOST = 254;

    public static final int IFA_F_TENTATIVE = 0x40;
}
