package io.culvert.esp;

import java.util.List;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/** A tunnel's security associations at one time. Immutable; any thread may ask at any time. */
public final class AssociationSet {

    /** No association at all. */
    public static final AssociationSet NONE = new AssociationSet(List.of());

    private final List<SecurityAssociation> all;
    private final Int2ObjectHashMap<SecurityAssociation> inbound = new Int2ObjectHashMap<>();
    private final @Nullable SecurityAssociation outbound;

    AssociationSet(List<SecurityAssociation> associations) {
        all = List.copyOf(associations);
        SecurityAssociation newest = null;
        for (SecurityAssociation association : all) {
            if (association.spec().isOutbound()) {
                newest = association;
            } else {
                inbound.put(association.spec().spi(), association);
            }
        }
        outbound = newest;
    }

    /** The one that protects what is sent: the last of its direction; null if there is none. */
    public @Nullable SecurityAssociation outbound() {
        return outbound;
    }

    /**
     * Takes the next sequence numbers to send; one thread.
     *
     * @param count how many outer packets need one
     * @param innerBytes bytes of the inner packets
     * @return the first of them, {@link SecurityAssociation#NONE} or {@link SecurityAssociation#UNRESERVED}
     */
    public long takeSequence(int count, int innerBytes) {
        return outbound == null ? SecurityAssociation.NONE : outbound.takeSequence(count, innerBytes);
    }

    /** The one that received packets name by that SPI; null if there is none. */
    public @Nullable SecurityAssociation inbound(int spi) {
        return inbound.get(spi);
    }

    /** All, in the order in which they were added. */
    public List<SecurityAssociation> all() {
        return all;
    }
}
