package io.culvert.esp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The security associations of a tunnel that are at work, through all changes of the tunnel: one that stays keeps its
 * sequence numbers and its replay window. The conductor's thread only.
 */
public final class AssociationStore {

    private final Map<SaSpec, SecurityAssociation> open = new HashMap<>();

    /**
     * The associations of these specifications; those that are not at work yet are made.
     *
     * @throws EspException if a key cannot be read, or there is no library to encrypt by; none is made then
     */
    public AssociationSet open(List<SaSpec> specs) {
        if (!specs.isEmpty()) {
            requireLibrary();
        }
        Map<SaSpec, SecurityAssociation> made = new HashMap<>();
        List<SecurityAssociation> wanted = new ArrayList<>();
        try {
            for (SaSpec spec : specs) {
                SecurityAssociation association = open.get(spec);
                if (association == null) {
                    association = SecurityAssociation.open(spec);
                    made.put(spec, association);
                }
                wanted.add(association);
            }
        } catch (RuntimeException e) {
            made.values().forEach(SecurityAssociation::close);
            throw e;
        }
        open.putAll(made);
        return new AssociationSet(wanted);
    }

    private static void requireLibrary() {
        try {
            LibCrypto.load();
        } catch (LinkageError e) {
            throw new EspException(
                    "vti encrypts by " + LibCrypto.LIBRARY + ", which cannot be loaded: apt-get install libssl3", e);
        }
    }

    /** Wipes the keys of all but these; no path may refer to others any more. */
    public void retain(List<SaSpec> specs) {
        open.entrySet().removeIf(entry -> {
            boolean unused = !specs.contains(entry.getKey());
            if (unused) {
                entry.getValue().close();
            }
            return unused;
        });
    }
}
