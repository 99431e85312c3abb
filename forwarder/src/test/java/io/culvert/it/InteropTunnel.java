package io.culvert.it;

import static io.culvert.it.InteropRow.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.SaKeys;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.lab.Guest;
import io.culvert.lab.GuestLab;
import io.culvert.lab.LabGateway;
import io.culvert.tunnel.TunnelSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A row's tunnel, standing: one end in a running gateway, the other in Linux. */
final class InteropTunnel implements AutoCloseable {

    private static final Duration GONE = Duration.ofSeconds(60);

    private final LabGateway gateway;
    private final Guest guest;
    private final boolean hasAssociations;

    private InteropTunnel(LabGateway gateway, Guest guest, boolean hasAssociations) {
        this.gateway = gateway;
        this.guest = guest;
        this.hasAssociations = hasAssociations;
    }

    /** Makes both ends. */
    static InteropTunnel open(LabGateway gateway, GuestLab lab, InteropRow row) {
        InteropTunnel tunnel =
                new InteropTunnel(gateway, lab.guest(), row.keys().contains(SaKeys.SA));
        try {
            tunnel.addTheirs(row);
        } catch (RuntimeException e) {
            tunnel.deleteTheirs();
            throw e;
        }
        gateway.add(ours(row, lab.host().directory()));
        return tunnel;
    }

    /** A gateway that was started with our end of the tunnel has it from now on, instead of one that was killed. */
    InteropTunnel movedTo(LabGateway restarted) {
        return new InteropTunnel(restarted, guest, hasAssociations);
    }

    /** Our end. */
    static TunnelSpec ours(InteropRow row, Path directory) {
        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(row.tunnel(host(row), guest(row), directory));
        assertThat(decoded.problems()).isEmpty();
        return Objects.requireNonNull(decoded.spec());
    }

    private static String host(InteropRow row) {
        return (row.isOuterIpv6() ? GuestLab.HOST6 : GuestLab.HOST).getHostAddress();
    }

    private static String guest(InteropRow row) {
        return (row.isOuterIpv6() ? GuestLab.GUEST6 : GuestLab.GUEST).getHostAddress();
    }

    private void addTheirs(InteropRow row) {
        List<String> commands = new ArrayList<>(row.peer().commands(row, guest(row), host(row)));
        for (InteropRow.Inner inner : row.inner()) {
            String address = inner.theirs() + "/" + inner.length() + (inner.isIpv6() ? " nodad" : "");
            commands.add("ip address add " + address + " dev " + DEVICE);
        }
        if (row.inner().stream().noneMatch(InteropRow.Inner::isIpv6)) {
            // Linux itself would look for routers through a tunnel that cannot carry its packets, and count errors.
            commands.add("echo 1 >/proc/sys/net/ipv6/conf/" + DEVICE + "/disable_ipv6");
        }
        commands.add("ip link set dev " + DEVICE + " up");
        guest.execInTurn(commands).orThrow();
    }

    /**
     * Linux lets a device go only when the last packet that a security association holds is freed, and that of an L2TP session
     * some time after the tunnel that it is told to delete.
     */
    private void deleteTheirs() {
        guest.exec(
                GONE,
                (hasAssociations ? "ip xfrm policy flush; ip xfrm state flush; " : "") + "ip link delete " + DEVICE
                        + " || ip l2tp del tunnel tunnel_id 1; while [ -e /sys/class/net/" + DEVICE
                        + " ]; do sleep 0.05; done");
    }

    @Override
    public void close() {
        deleteTheirs();
        gateway.delete(DEVICE);
    }
}
