package io.culvert.config;

import io.culvert.tunnel.TunnelSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What turns one set of tunnels into another. A tunnel is the same one in both if it has the same name.
 *
 * @param added tunnels to make
 * @param changed tunnels that stay and get another specification: this one
 * @param removed names of the tunnels to remove
 */
public record TunnelChanges(List<TunnelSpec> added, List<TunnelSpec> changed, List<String> removed) {

    public TunnelChanges {
        added = List.copyOf(added);
        changed = List.copyOf(changed);
        removed = List.copyOf(removed);
    }

    /** The changes that turn {@code from} into {@code to}; names are unique in each. */
    public static TunnelChanges between(Collection<TunnelSpec> from, Collection<TunnelSpec> to) {
        Map<String, TunnelSpec> left = new LinkedHashMap<>();
        from.forEach(spec -> left.put(spec.name(), spec));
        List<TunnelSpec> added = new ArrayList<>();
        List<TunnelSpec> changed = new ArrayList<>();
        for (TunnelSpec spec : to) {
            TunnelSpec former = left.remove(spec.name());
            if (former == null) {
                added.add(spec);
            } else if (!former.equals(spec)) {
                changed.add(spec);
            }
        }
        return new TunnelChanges(added, changed, List.copyOf(left.keySet()));
    }

    /** One tunnel more. */
    public static TunnelChanges add(TunnelSpec spec) {
        return new TunnelChanges(List.of(spec), List.of(), List.of());
    }

    /** Another specification for the tunnel of that name. */
    public static TunnelChanges change(TunnelSpec spec) {
        return new TunnelChanges(List.of(), List.of(spec), List.of());
    }

    /** One tunnel less. */
    public static TunnelChanges remove(String name) {
        return new TunnelChanges(List.of(), List.of(), List.of(name));
    }

    public boolean isEmpty() {
        return added.isEmpty() && changed.isEmpty() && removed.isEmpty();
    }
}
