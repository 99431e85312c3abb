package io.culvert.tunnel;

import io.culvert.wire.EtherType;
import io.culvert.wire.IpProtocol;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A packet right behind the outer header: IPv4 in IPv4, RFC 2003; IPv6 in IPv4, RFC 4213; either in IPv6, RFC 2473; MPLS
 * in IP, RFC 4023. The outer protocol says which it is.
 */
final class BareEncapsulator implements Encapsulator {

    private final boolean carriesIpv4;
    private final boolean carriesIpv6;
    private final boolean carriesMpls;

    BareEncapsulator(boolean carriesIpv4, boolean carriesIpv6, boolean carriesMpls) {
        this.carriesMpls = carriesMpls;
        this.carriesIpv4 = carriesIpv4;
        this.carriesIpv6 = carriesIpv6;
    }

    @Override
    public int shimLength() {
        return 0;
    }

    @Override
    public boolean carries(int innerVersion) {
        return innerVersion == 4 ? carriesIpv4 : carriesIpv6;
    }

    /** The protocol is that of unicast only. */
    @Override
    public boolean carriesType(int etherType) {
        return carriesMpls && etherType == EtherType.MPLS;
    }

    @Override
    public int protocol(int innerVersion) {
        return switch (innerVersion) {
            case 4 -> IpProtocol.IPV4;
            case 6 -> IpProtocol.IPV6;
            default -> IpProtocol.MPLS;
        };
    }

    @Override
    public boolean quotesIp(DirectBuffer quote, int shimOffset, int protocol) {
        return protocol != IpProtocol.MPLS && (carriesIpv4 || carriesIpv6);
    }

    @Override
    public void putTemplate(MutableDirectBuffer buffer, int offset) {}

    @Override
    public void fixUp(Slot slot, int shimOffset, int innerVersion) {}

    @Override
    public void fixUpSegment(
            MutableDirectBuffer headers,
            int shimOffset,
            int sequence,
            int length,
            int checksumStart,
            int checksumField) {}

    @Override
    public boolean segmentsAlike() {
        return true;
    }
}
