package io.culvert.config;

import io.culvert.config.TomlValue.Array;
import io.culvert.config.TomlValue.Entry;
import io.culvert.config.TomlValue.Table;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpec.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the {@code [[tunnel]]} tables of all files, and refuses one that repeats another. */
final class TunnelSection {

    /** What the receive look-up tells tunnels apart by. */
    private record Identity(
            Mode mode,
            @Nullable InetAddress local,
            @Nullable InetAddress remote,
            @Nullable Integer ikey,
            @Nullable String dev) {

        static Identity of(TunnelSpec spec) {
            return new Identity(spec.mode().identity(), spec.local(), spec.remote(), spec.ikey(), spec.dev());
        }
    }

    private record Defined(String name, Position at) {}

    private final List<ConfigProblem> problems;
    private final List<TunnelSpec> specs = new ArrayList<>();
    private final Map<String, Position> names = new HashMap<>();
    private final Map<Identity, Defined> identities = new HashMap<>();

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
        if (spec != null && isNew && isNewIdentity(table, spec)) {
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
        Defined first = identities.putIfAbsent(Identity.of(spec), new Defined(spec.name(), table.at()));
        if (first != null) {
            problems.add(new ConfigProblem(
                    table.at(),
                    "tunnel \"" + spec.name() + "\" has the same mode, local, remote, key and dev as \"" + first.name
                            + "\" at " + first.at.fileAndLine(),
                    "received packets could belong to either: change one of these"));
        }
        return first == null;
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
