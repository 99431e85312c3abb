package io.culvert.perf.peer;

import io.culvert.lab.Host;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Open vSwitch's GRE in user space, with a database and a switch of its own a host:
 *
 * <pre>
 *  inner bridge: local port (inner address), gre ── outer bridge: local port (outer address), eth0
 * </pre>
 */
final class OpenVswitchPeer implements Peer {

    private static final String SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";
    private static final String INNER = "ovs-inner";
    private static final String OUTER = "ovs-outer";
    /** Of the inner packets: 1500 less IPv4, GRE and Ethernet headers. */
    private static final String MTU = "1462";

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
            startSwitch(end.here());
            addBridges(end);
        }
        return Ends.INNER;
    }

    private static void startSwitch(Host host) {
        Path directory = host.directory();
        Path database = directory.resolve("conf.db");
        Path socket = directory.resolve("db.sock");
        host.exec("ovsdb-tool", "create", database.toString(), SCHEMA).orThrow();
        Map<String, String> environment = Map.of(
                "OVS_RUNDIR",
                directory.toString(),
                "OVS_LOGDIR",
                directory.toString(),
                "OVS_DBDIR",
                directory.toString());
        host.start(List.of("ovsdb-server", database.toString(), "--remote=punix:" + socket, "--no-chdir"), environment);
        Tools.await("Open vSwitch's database", () -> Files.exists(socket));
        configure(host, "--no-wait", "init");
        host.start(List.of("ovs-vswitchd", "unix:" + socket, "--no-chdir"), environment);
    }

    private static void addBridges(Tools.End end) {
        Host host = end.here();
        Tools.ip(host, "address", "flush", "dev", Host.UNDERLAY);
        configure(host, "add-br", OUTER, "--", "set", "bridge", OUTER, "datapath_type=netdev");
        configure(host, "add-port", OUTER, Host.UNDERLAY);
        configure(host, "add-br", INNER, "--", "set", "bridge", INNER, "datapath_type=netdev");
        configure(
                host,
                "add-port",
                INNER,
                "gre1",
                "--",
                "set",
                "interface",
                "gre1",
                "type=gre",
                "options:remote_ip=" + end.otherOuter(),
                "options:local_ip=" + end.outer());
        Tools.ip(host, "address", "add", end.outer() + "/30", "dev", OUTER);
        Tools.ip(host, "link", "set", "dev", OUTER, "up");
        Tools.ip(host, "address", "add", end.inner() + "/30", "dev", INNER);
        Tools.ip(host, "link", "set", "dev", INNER, "mtu", MTU, "up");
    }

    private static void configure(Host host, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "ovs-vsctl", "--timeout=10", "--db=unix:" + host.directory().resolve("db.sock")));
        command.addAll(List.of(arguments));
        host.exec(command.toArray(String[]::new)).orThrow();
    }
}
