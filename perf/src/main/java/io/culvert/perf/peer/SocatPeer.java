package io.culvert.perf.peer;

import io.culvert.lab.Host;
import org.jspecify.annotations.Nullable;

/** socat between a TUN device and a raw socket of protocol 4: IPv4 in IPv4, a packet at a time. */
final class SocatPeer implements Peer {

    private static final String DEVICE = "socat1";
    private static final String MTU = "1480";

    @Override
    public String id() {
        return "socat";
    }

    @Override
    public String version() {
        return Tools.version("socat", "-V").replaceFirst(" on .*", "");
    }

    @Override
    public @Nullable String missing() {
        return Tools.missing("socat", "socat");
    }

    @Override
    public OuterFormat format() {
        return OuterFormat.IPIP;
    }

    @Override
    public boolean takesMergedPackets() {
        return false;
    }

    @Override
    public Ends start(Bed bed) {
        for (Tools.End end : Tools.ends(bed, Ends.INNER)) {
            Host host = end.here();
            host.start(
                    "socat",
                    "TUN:" + end.inner() + "/30,tun-name=" + DEVICE + ",iff-no-pi,iff-up",
                    "IP4-DATAGRAM:" + end.otherOuter() + ":4,bind=" + end.outer());
            Tools.await(DEVICE, () -> host.hasDevice(DEVICE));
            Tools.ip(host, "link", "set", "dev", DEVICE, "mtu", MTU);
        }
        return Ends.INNER;
    }
}
