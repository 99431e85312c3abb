package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What follows {@code prl}, for isatap's potential router list.
 *
 * @param device the tunnel
 * @param operation {@code prl-default}, {@code prl-nodefault}, {@code prl-delete} or empty
 * @param router outer address, host order; 0 with {@code prl-delete} means all
 */
record PrlArguments(String device, String operation, int router) {

    /** SIOCADDPRL and SIOCDELPRL; ip makes request 0 of a command without an entry. */
    private static final String ADD = "89f5";

    private static final String DELETE = "89f6";

    static PrlArguments parse(Words words) throws TunnelException {
        String operation = "";
        String device = "";
        int router = 0;
        while (words.hasNext()) {
            String word = words.next();
            switch (word) {
                case "prl-default", "prl-nodefault", "prl-delete" -> {
                    router = Numbers.address(words.value());
                    if (!operation.isEmpty()) {
                        throw TunnelException.unparsable("One PRL entry at a time");
                    }
                    operation = word;
                }
                case "dev" -> {
                    device = words.value();
                    requireValidDevice(device);
                }
                default -> throw TunnelException.unparsable("Invalid PRL parameter \"" + word + "\"");
            }
        }
        requireDevice(!device.isEmpty());
        return new PrlArguments(device, operation, router);
    }

    /** Changes the list of the running tunnel, with the kernel's refusals. */
    void apply(RunningTunnels tunnels) throws TunnelException, ControlException {
        TunnelSpec running = running(tunnels, device, request());
        if (operation.isEmpty() || running.mode() != Mode.ISATAP) {
            throw failed(
                    device, request(), operation.isEmpty() ? "Inappropriate ioctl for device" : "Invalid argument");
        }
        SitOptions options = running.sit();
        List<InetAddress> defaults = new ArrayList<>(options.prlDefault());
        List<InetAddress> others = new ArrayList<>(options.prlNodefault());
        if (operation.equals("prl-delete")) {
            delete(defaults, others);
        } else {
            add(operation.equals("prl-default") ? defaults : others, defaults, others);
        }
        tunnels.changeSit(
                running.withSit(options.withPrl(defaults, others)), reason -> failed(device, request(), reason));
    }

    private void add(List<InetAddress> list, List<InetAddress> defaults, List<InetAddress> others)
            throws TunnelException {
        InetAddress address = Ipv4Parameters.toAddress(router);
        if (address == null) {
            throw failed(device, request(), "Invalid argument");
        }
        if (defaults.contains(address) || others.contains(address)) {
            throw failed(device, request(), "File exists");
        }
        list.add(address);
    }

    private void delete(List<InetAddress> defaults, List<InetAddress> others) throws TunnelException {
        InetAddress address = Ipv4Parameters.toAddress(router);
        if (address == null) {
            defaults.clear();
            others.clear();
        } else if (!defaults.remove(address) && !others.remove(address)) {
            throw failed(device, request(), "No such device or address");
        }
    }

    private String request() {
        return switch (operation) {
            case "" -> "0";
            case "prl-delete" -> DELETE;
            default -> ADD;
        };
    }

    static TunnelSpec running(RunningTunnels tunnels, String device, String request)
            throws TunnelException, ControlException {
        TunnelSpec running = tunnels.findAny(device);
        if (running != null) {
            return running;
        }
        String reason = DeviceName.whyNoTunnel(device);
        boolean isDevice = !reason.equals(DeviceName.NO_SUCH_DEVICE);
        throw failed(device, request, isDevice && request.equals("0") ? "Inappropriate ioctl for device" : reason);
    }

    static TunnelException failed(String device, String request, String reason) {
        return TunnelException.refused(device + ": ioctl " + request + " failed: " + reason);
    }

    static void requireValidDevice(String name) throws TunnelException {
        if (!DeviceName.isValid(name)) {
            throw TunnelException.wrongArgument(name, "\"dev\" not a valid ifname");
        }
    }

    static void requireDevice(boolean hasDevice) throws TunnelException {
        if (!hasDevice) {
            throw TunnelException.unparsable("Must specify device");
        }
    }
}
