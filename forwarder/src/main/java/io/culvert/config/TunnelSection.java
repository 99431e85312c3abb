package io.culvert.config;

import io.culvert.config.TomlValue.Array;
import io.culvert.config.TomlValue.Entry;
import io.culvert.config.TomlValue.Table;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.OuterProtocol;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpec.Identity;
import io.culvert.tunnel.TunnelSpec.Problem;
import io.culvert.tunnel.UdpService;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects the {@code [[tunnel]]} tables of all files, and refuses one that repeats another. */
final class TunnelSection {

    private record Defined(String name, Position at) {}

    private record PortUser(UdpService service, Defined tunnel) {}

    private record L2tpUser(L2tpTunnel tunnel, Defined session) {}

    private final List<ConfigProblem> problems;
    private final List<TunnelSpec> specs = new ArrayList<>();
    private final Map<String, Position> names = new HashMap<>();
    private final Map<Identity, Defined> identities = new HashMap<>();
    private final Map<OuterProtocol, PortUser> ports = new HashMap<>();
    private final Map<Integer, L2tpUser> l2tpTunnels = new HashMap<>();
    private final Map<Path, Position> keyFiles = new HashMap<>();

    TunnelSection(List<ConfigProblem> problems) {
        this.problems = problems;
    }

    /** The tunnels without a problem, in the files' order. */
    List<TunnelSpec> specs() {
        return specs;
    }

    /** Where each tunnel's name stands. */
    Map<String, Position> definitions() {
        return names;
    }

    void add(Table table) {
        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(table.toJson());
        for (Problem problem : decoded.problems()) {
            String hint = problem.hint().isEmpty() ? null : problem.hint();
            problems.add(new ConfigProblem(position(table, problem.key()), problem.message(), hint));
        }
        boolean isNew = isNewName(table);
        TunnelSpec spec = decoded.spec();
        if (spec != null
                && isNew
                && isNewIdentity(table, spec)
                && agreesOnPort(table, spec)
                && agreesOnL2tpTunnel(table, spec)
                && hasOwnKeys(table, spec)) {
            specs.add(spec);
        }
    }

    private boolean isNewName(Table table) {
        Entry entry = table.get("name");
        if (entry == null || !(entry.value() instanceof TomlValue.Scalar(String name, Position at))) {
            return true;
        }
        Position first = names.putIfAbsent(name, at);
        if (first != null) {
            problems.add(new ConfigProblem(
                    at,
                    "tunnel \"" + name + "\" is defined already at " + first.fileAndLine(),
                    "give it another name"));
        }
        return first == null;
    }

    private boolean isNewIdentity(Table table, TunnelSpec spec) {
        Defined first = identities.putIfAbsent(spec.identity(), new Defined(spec.name(), table.at()));
        if (first != null) {
            problems.add(new ConfigProblem(
                    table.at(),
                    "tunnel \"" + spec.name() + "\" has the same mode, local, remote, key and dev as \"" + first.name
                            + "\" at " + first.at.fileAndLine(),
                    "received packets could belong to either: change one of these"));
        }
        return first == null;
    }

    private boolean agreesOnPort(Table table, TunnelSpec spec) {
        UdpService service = spec.udpService();
        if (service == null) {
            return true;
        }
        PortUser first =
                ports.putIfAbsent(service.outerProtocol(), new PortUser(service, new Defined(spec.name(), table.at())));
        if (first == null || first.service.equals(service)) {
            return true;
        }
        problems.add(new ConfigProblem(
                position(table, "encap-dport"),
                "UDP port " + service.port() + " receives something else for tunnel \"" + first.tunnel.name + "\" at "
                        + first.tunnel.at.fileAndLine(),
                "give each its own encap-dport, or use encap \"gue\" for both"));
        return false;
    }

    private boolean agreesOnL2tpTunnel(Table table, TunnelSpec spec) {
        L2tpTunnel tunnel = L2tpTunnel.of(spec);
        if (tunnel == null || tunnel.id() == 0) {
            return true;
        }
        L2tpUser first =
                l2tpTunnels.putIfAbsent(tunnel.id(), new L2tpUser(tunnel, new Defined(spec.name(), table.at())));
        if (first == null || first.tunnel.equals(tunnel)) {
            return true;
        }
        problems.add(new ConfigProblem(
                position(table, "tunnel_id"),
                "tunnel_id " + Integer.toUnsignedString(tunnel.id()) + " is that of tunnel \"" + first.session.name
                        + "\" at " + first.session.at.fileAndLine()
                        + ", which has another peer_tunnel_id, mode, local, remote or encap",
                "give both the same, or another tunnel_id"));
        return false;
    }

    /** Two senders with one key would use initialization vectors twice, which gives AES-GCM's key away. */
    private boolean hasOwnKeys(Table table, TunnelSpec spec) {
        boolean isOwn = true;
        for (int i = 0; i < spec.sa().size(); i++) {
            Position at = position(table, SaKeys.SA + "[" + i + "]");
            for (Path file : spec.sa().get(i).keyFiles()) {
                Position first = keyFiles.putIfAbsent(file, at);
                if (first != null) {
                    isOwn = false;
                    problems.add(new ConfigProblem(
                            at,
                            "key file " + file + " is used already at " + first.fileAndLine(),
                            "give each security association, of each direction, a key of its own"));
                }
            }
        }
        return isOwn;
    }

    /** Where a problem with {@code KEY} or {@code KEY[INDEX]} is: an unknown key itself, else its value. */
    private static Position position(Table table, String key) {
        int bracket = key.indexOf('[');
        String name = bracket < 0 ? key : key.substring(0, bracket);
        Entry entry = table.get(name);
        if (entry == null) {
            return table.at();
        }
        if (!TunnelSpecCodec.KEYS.contains(name)) {
            return entry.keyAt();
        }
        if (bracket >= 0 && entry.value() instanceof Array array) {
            int index = Integer.parseInt(key, bracket + 1, key.length() - 1, 10);
            return array.values().get(index).at();
        }
        return entry.value().at();
    }
}
