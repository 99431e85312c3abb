package io.culvert.perf.peer;

import io.culvert.lab.Host;
import io.culvert.lab.OpenVswitch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Open vSwitch's GRE in user space. */
final class OpenVswitchPeer implements Peer {

    /** Of the inner packets: 1500 less IPv4, GRE and Ethernet headers. */
    private static final int MTU = 1462;

    @Override
    public String id() {
        return "ovs-gre";
    }

    @Override
    public String version() {
        return Tools.version("ovs-vswitchd", "--version");
    }

    @Override
    public @Nullable String missing() {
        return Tools.missing("openvswitch-switch", "ovs-vswitchd", "ovsdb-server", "ovsdb-tool", "ovs-vsctl");
    }

    @Override
    public OuterFormat format() {
        return OuterFormat.GRE_ETHERNET;
    }

    @Override
    public boolean takesMergedPackets() {
        return false;
    }

    @Override
    public Ends start(Bed bed) {
        for (Tools.End end : Tools.ends(bed, Ends.INNER)) {
            Host host = end.here();
            OpenVswitch openVswitch = OpenVswitch.start(host, end.outer() + "/30");
            openVswitch.addTunnel(
                    "gre1",
                    List.of("type=gre", "options:remote_ip=" + end.otherOuter(), "options:local_ip=" + end.outer()));
            Tools.ip(host, "address", "add", end.inner() + "/30", "dev", OpenVswitch.INNER);
            openVswitch.bringUp(MTU);
        }
        return Ends.INNER;
    }
}
