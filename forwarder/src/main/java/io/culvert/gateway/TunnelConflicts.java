package io.culvert.gateway;

import io.culvert.config.TunnelChanges;
import io.culvert.esp.SaSpec;
import io.culvert.gateway.TunnelDevices.TunnelDevice;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.OuterProtocol;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpec.Identity;
import io.culvert.tunnel.UdpService;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which tunnels cannot be together, and which specification a running tunnel cannot get. */
final class TunnelConflicts {

    private TunnelConflicts() {}

    /**
     * Refuses changes after which two tunnels would have the same name or take the same packets, or one a device that its
     * mode cannot use.
     *
     * @throws GatewayException naming both
     */
    static void refuse(Collection<TunnelSpec> present, TunnelChanges changes) {
        Map<String, TunnelSpec> next = new LinkedHashMap<>();
        present.forEach(spec -> next.put(spec.name(), spec));
        changes.changed().forEach(spec -> refuseOtherDevice(next.get(spec.name()), spec));
        changes.removed().forEach(next::remove);
        changes.changed().forEach(spec -> next.put(spec.name(), spec));
        for (TunnelSpec spec : changes.added()) {
            if (next.putIfAbsent(spec.name(), spec) != null) {
                throw new GatewayException(
                        GatewayException.REFUSED,
                        "tunnel \"" + spec.name() + "\" exists: delete it first with `culvert tunnel del " + spec.name()
                                + "`");
            }
        }
        Map<Identity, TunnelSpec> identities = new HashMap<>();
        for (TunnelSpec spec : next.values()) {
            TunnelSpec other = identities.putIfAbsent(spec.identity(), spec);
            if (other != null) {
                boolean isOtherNew =
                        changes.added().contains(other) || changes.changed().contains(other);
                throw conflict(isOtherNew ? other : spec, isOtherNew ? spec : other);
            }
        }
        refusePortConflicts(next.values());
        refuseL2tpConflicts(next.values());
        refuseSharedKeys(next.values());
    }

    /**
     * Refuses what the running devices cannot carry. One that is lost is made anew, for what its tunnel is then.
     *
     * @throws GatewayException naming the tunnel
     */
    static void refuseOtherDevices(TunnelRegister register, Collection<TunnelSpec> changed) {
        for (TunnelSpec spec : changed) {
            TunnelDevice present = register.byName(spec.name());
            if (present != null
                    && spec.asksForMpls()
                    && !present.tunnel().device().namesProtocols()) {
                throw new GatewayException(
                        GatewayException.REFUSED,
                        "tunnel \"" + spec.name() + "\": its device was made for IP only, and proto \""
                                + spec.payload().word()
                                + "\" is MPLS, too: delete the tunnel first, or use another name");
            }
        }
    }

    private static void refuseOtherDevice(@Nullable TunnelSpec present, TunnelSpec changed) {
        if (present != null
                && (present.isPpp() != changed.isPpp() || !present.mode().hasDeviceOf(changed.mode()))) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "tunnel \"" + changed.name() + "\": its device is one for mode "
                            + present.mode().word() + ", which mode "
                            + changed.mode().word() + " cannot use: delete the tunnel first, or use another name");
        }
    }

    private static void refuseSharedKeys(Collection<TunnelSpec> specs) {
        Map<Path, String> users = new HashMap<>();
        for (TunnelSpec spec : specs) {
            for (SaSpec association : spec.sa()) {
                String user = "tunnel \"" + spec.name() + "\", dir "
                        + association.direction().word() + " spi 0x" + Integer.toHexString(association.spi());
                for (Path file : association.keyFiles()) {
                    String other = users.putIfAbsent(file, user);
                    if (other != null) {
                        throw new GatewayException(
                                GatewayException.REFUSED,
                                user + ": key file " + file + " is that of " + other
                                        + ": give each security association a key of its own");
                    }
                }
            }
        }
    }

    private static void refusePortConflicts(Collection<TunnelSpec> specs) {
        Map<OuterProtocol, TunnelSpec> ports = new HashMap<>();
        for (TunnelSpec spec : specs) {
            UdpService service = spec.udpService();
            if (service == null) {
                continue;
            }
            TunnelSpec other = ports.putIfAbsent(service.outerProtocol(), spec);
            if (other != null && !service.equals(other.udpService())) {
                throw new GatewayException(
                        GatewayException.REFUSED,
                        "tunnel \"" + spec.name() + "\": UDP port " + service.port()
                                + " receives something else for tunnel \"" + other.name()
                                + "\": give each its own encap-dport, or use encap \"gue\" for both");
            }
        }
    }

    /** Sessions with one tunnel_id are in one tunnel. */
    private static void refuseL2tpConflicts(Collection<TunnelSpec> specs) {
        Map<Integer, TunnelSpec> sessions = new HashMap<>();
        for (TunnelSpec spec : specs) {
            L2tpTunnel tunnel = L2tpTunnel.of(spec);
            if (tunnel == null || tunnel.id() == 0) {
                continue;
            }
            TunnelSpec other = sessions.putIfAbsent(tunnel.id(), spec);
            if (other != null && !tunnel.equals(L2tpTunnel.of(other))) {
                throw new GatewayException(
                        GatewayException.REFUSED,
                        "tunnel \"" + spec.name() + "\": tunnel_id " + Integer.toUnsignedString(tunnel.id())
                                + " is that of tunnel \"" + other.name()
                                + "\", which has another peer_tunnel_id, mode, local, remote or encap: give both the"
                                + " same, or another tunnel_id");
            }
        }
    }

    private static GatewayException conflict(TunnelSpec refused, TunnelSpec present) {
        return new GatewayException(
                GatewayException.REFUSED,
                "tunnel \"" + refused.name() + "\" has mode, local, remote, "
                        + keyWord(refused) + " and dev of tunnel \"" + present.name()
                        + "\": change one of them, or delete that tunnel first");
    }

    private static String keyWord(TunnelSpec spec) {
        if (spec.mode().isL2tp()) {
            return "session_id";
        }
        return spec.mode() == Mode.PPTP ? "call_id" : "ikey";
    }
}
