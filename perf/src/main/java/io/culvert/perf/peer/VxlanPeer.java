package io.culvert.perf.peer;

import io.culvert.lab.Host;
import org.jspecify.annotations.Nullable;

/** The kernel's VXLAN: a tunnel that the kernel itself cuts and merges. */
final class VxlanPeer implements Peer {

    private static final String DEVICE = "vxlan1";

    @Override
    public String id() {
        return "vxlan";
    }

    @Override
    public String version() {
        return "VXLAN of Linux " + System.getProperty("os.version");
    }

    @Override
    public @Nullable String missing() {
        return null;
    }

    @Override
    public OuterFormat format() {
        return OuterFormat.VXLAN;
    }

    @Override
    public boolean takesMergedPackets() {
        return true;
    }

    @Override
    public Ends start(Bed bed) {
        for (Tools.End end : Tools.ends(bed, Ends.INNER)) {
            Tools.ip(
                    end.here(),
                    "link",
                    "add",
                    DEVICE,
                    "type",
                    "vxlan",
                    "id",
                    "42",
                    "local",
                    end.outer(),
                    "remote",
                    end.otherOuter(),
                    "dstport",
                    Integer.toString(OuterFormat.VXLAN_PORT),
                    "dev",
                    Host.UNDERLAY);
            Tools.ip(end.here(), "address", "add", end.inner() + "/30", "dev", DEVICE);
            Tools.ip(end.here(), "link", "set", "dev", DEVICE, "up");
        }
        return Ends.INNER;
    }
}
