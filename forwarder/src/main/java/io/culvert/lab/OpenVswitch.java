package io.culvert.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Open vSwitch in user space, with a database and a switch of a host's own, which end with the host. Tunnels are ports of the
 * inner bridge:
 *
 * <pre>
 *  inner bridge: local port, tunnels ── outer bridge: local port (outer addresses), eth0
 * </pre>
 */
public final class OpenVswitch {

    /** The inner bridge and its local port, which has no address yet. */
    public static final String INNER = "ovs-inner";

    private static final String SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";
    private static final String OUTER = "ovs-outer";

    private final Host host;
    private final Path socket;

    private OpenVswitch(Host host) {
        this.host = host;
        socket = host.directory().resolve("db.sock");
    }

    /**
     * Starts database and switch, and makes both bridges.
     *
     * @param outerAddresses what the host's underlay device has in the way of addresses, with prefix lengths
     */
    public static OpenVswitch start(Host host, String... outerAddresses) {
        OpenVswitch openVswitch = new OpenVswitch(host);
        openVswitch.startSwitch();
        openVswitch.addBridges(outerAddresses);
        return openVswitch;
    }

    private void startSwitch() {
        String directory = host.directory().toString();
        String database = host.directory().resolve("conf.db").toString();
        host.exec("ovsdb-tool", "create", database, SCHEMA).orThrow();
        Map<String, String> environment =
                Map.of("OVS_RUNDIR", directory, "OVS_LOGDIR", directory, "OVS_DBDIR", directory);
        host.start(List.of("ovsdb-server", database, "--remote=punix:" + socket, "--no-chdir"), environment);
        configure("--no-wait", "init");
        host.start(List.of("ovs-vswitchd", "unix:" + socket, "--no-chdir"), environment);
    }

    private void addBridges(String... outerAddresses) {
        ip("address", "flush", "dev", Host.UNDERLAY);
        configure("add-br", OUTER, "--", "set", "bridge", OUTER, "datapath_type=netdev");
        configure("add-port", OUTER, Host.UNDERLAY);
        configure("add-br", INNER, "--", "set", "bridge", INNER, "datapath_type=netdev");
        for (String address : outerAddresses) {
            if (address.contains(":")) {
                host.sysctl("net.ipv6.conf." + OUTER + ".disable_ipv6", "0");
                ip("address", "add", address, "dev", OUTER, "nodad");
            } else {
                ip("address", "add", address, "dev", OUTER);
            }
        }
        ip("link", "set", "dev", OUTER, "up");
    }

    /**
     * Brings the inner bridge's local port up. The switch is asked for its MTU: what {@code ip} sets is taken back as soon as
     * a port goes, and outer packets that are too big for the underlay are lost then.
     */
    public void bringUp(int mtu) {
        configure("set", "interface", INNER, "mtu_request=" + mtu);
        ip("link", "set", "dev", INNER, "up");
    }

    /** Adds a tunnel to the inner bridge; settings such as {@code type=gre} and {@code options:remote_ip=203.0.113.1}. */
    public void addTunnel(String port, List<String> settings) {
        List<String> arguments = new ArrayList<>(List.of("add-port", INNER, port, "--", "set", "interface", port));
        arguments.addAll(settings);
        configure(arguments.toArray(String[]::new));
        // Its client says nothing of settings that the switch refuses.
        String error = configure("get", "interface", port, "error").strip();
        if (!error.equals("[]")) {
            deleteTunnel(port);
            throw new LabException("Open vSwitch refuses the tunnel: " + error);
        }
    }

    /** Removes a tunnel. */
    public void deleteTunnel(String port) {
        configure("del-port", INNER, port);
    }

    private void ip(String... arguments) {
        run(List.of("ip"), arguments);
    }

    /** By its client, which waits for the database and until the switch has done what it is told. */
    private String configure(String... arguments) {
        return run(List.of("ovs-vsctl", "--retry", "--timeout=25", "--db=unix:" + socket), arguments);
    }

    private String run(List<String> program, String... arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        return host.exec(command.toArray(String[]::new)).orThrow().out();
    }
}
