package io.culvert.gateway;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The addresses and routes of tunnels' devices. The conductor's thread only. */
final class DeviceAddresses {

    /** What the kernel answers if a route to be removed is not there. */
    private static final int ESRCH = 3;

    private final RouteNetlink netlink;

    DeviceAddresses(RouteNetlink netlink) {
        this.netlink = netlink;
    }

    /** Gives a new device all that its tunnel has. */
    void addAll(Tunnel tunnel) {
        int index = tunnel.deviceIndex();
        tunnel.spec().addresses().forEach(address -> add(index, address));
        tunnel.spec().routes().forEach(route -> addRoute(index, route));
    }

    /**
     * Takes away those addresses and routes of a device that another specification does not have, so that another
     * tunnel may have them. What is gone already is no error.
     *
     * @param wanted null if the tunnel is about to be removed
     */
    void withdraw(Tunnel tunnel, @Nullable TunnelSpec wanted, Undo undo) {
        int index = tunnel.deviceIndex();
        for (Prefix route : without(tunnel.spec().routes(), wanted == null ? List.of() : wanted.routes())) {
            unlessGone(() -> removeRoute(index, route));
            undo.push(() -> addRoute(index, route));
        }
        for (Prefix address : without(tunnel.spec().addresses(), wanted == null ? List.of() : wanted.addresses())) {
            unlessGone(() -> removeAddress(index, address));
            undo.push(() -> add(index, address));
        }
    }

    /**
     * Gives a device the addresses and routes that a changed tunnel has and its former specification had not.
     *
     * @throws ErrnoException if the kernel refuses one
     */
    void extend(Tunnel former, Tunnel changed, Undo undo) {
        int index = changed.deviceIndex();
        for (Prefix address : without(changed.spec().addresses(), former.spec().addresses())) {
            add(index, address);
            undo.push(() -> removeAddress(index, address));
        }
        for (Prefix route : without(changed.spec().routes(), former.spec().routes())) {
            unlessDown(() -> addRoute(index, route));
            undo.push(() -> removeRoute(index, route));
        }
    }

    /** Puts back what the kernel took from the device while it was down: routes, and IPv6 addresses. */
    void restore(Tunnel tunnel) {
        for (Prefix address : tunnel.spec().addresses()) {
            unlessPresent(() -> add(tunnel.deviceIndex(), address));
        }
        for (Prefix route : tunnel.spec().routes()) {
            unlessPresent(() -> addRoute(tunnel.deviceIndex(), route));
        }
    }

    private static List<Prefix> without(List<Prefix> all, List<Prefix> kept) {
        return all.stream().filter(prefix -> !kept.contains(prefix)).toList();
    }

    void add(int index, Prefix address) {
        netlink.addAddress(index, address.address(), address.length());
    }

    private void removeAddress(int index, Prefix address) {
        netlink.removeAddress(index, address.address(), address.length());
    }

    private void addRoute(int index, Prefix route) {
        netlink.addRoute(route.address(), route.length(), index, null);
    }

    private void removeRoute(int index, Prefix route) {
        netlink.removeRoute(route.address(), route.length(), index, null);
    }

    /** A device that is down takes no route; {@link #restore} brings it when the device comes up. */
    private static void unlessDown(Runnable addition) {
        try {
            addition.run();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENETDOWN) {
                throw e;
            }
        }
    }

    private static void unlessGone(Runnable removal) {
        try {
            removal.run();
        } catch (ErrnoException e) {
            if (e.errno() != ESRCH && e.errno() != Errno.EADDRNOTAVAIL && e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    private static void unlessPresent(Runnable addition) {
        try {
            addition.run();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }
}
