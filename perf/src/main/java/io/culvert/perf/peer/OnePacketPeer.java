package io.culvert.perf.peer;

import io.culvert.gateway.Version;
import io.culvert.lab.Culvert;
import io.culvert.lab.Host;
import io.culvert.lab.LabProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link OnePacketForwarder} at both ends: what socat does, without what socat costs besides. */
final class OnePacketPeer implements Peer {

    private static final String DEVICE = "one1";
    private static final String MTU = "1480";
    private static final Duration START = Duration.ofSeconds(20);

    @Override
    public String id() {
        return "one-packet";
    }

    @Override
    public String version() {
        return "bench's own loop, culvert " + Version.current();
    }

    @Override
    public @Nullable String missing() {
        return null;
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
            List<String> command =
                    Culvert.java(List.of("-Xmx64m"), OnePacketForwarder.class.getName(), DEVICE, end.otherOuter());
            LabProcess process = host.start(command, Map.of());
            process.awaitOutput("^ready$", START);
            Tools.ip(host, "address", "add", end.inner() + "/30", "dev", DEVICE);
            Tools.ip(host, "link", "set", "dev", DEVICE, "mtu", MTU, "up");
        }
        return Ends.INNER;
    }
}
