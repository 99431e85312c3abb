package io.culvert.gateway;

import io.culvert.esp.SecurityAssociation;
import io.culvert.gateway.SequenceFile.Entry;
import io.culvert.tunnel.Tunnel;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Has security associations go on after a restart where their keys were: no sequence number is sent twice under one key (RFC
 * 4303 section 3.3.3), and no packet is received again. Numbers to send are reserved on disk in blocks before any of them is
 * used; after a crash the rest of the block is skipped. One thread.
 */
final class SequenceKeeper implements AutoCloseable {

    /** Numbers reserved ahead: more than an association sends until the next second's look. */
    static final long BLOCK = 1L << 22;

    /** From fewer than these on more are reserved. */
    private static final long LOW = BLOCK / 4 * 3;

    /** Keys whose numbers are kept, with those of deleted associations, which may come back. */
    private static final int MAX_ENTRIES = 1 << 14;

    private static final System.Logger LOG = System.getLogger(SequenceKeeper.class.getName());

    private final SequenceFile sent;
    private final SequenceFile received;

    /** Associations at work, with the number that the file has for each. */
    private final Map<SecurityAssociation, Long> kept = new HashMap<>();

    private boolean failing;

    /** @param stateDirectory made when there is something to keep */
    SequenceKeeper(Path stateDirectory) {
        sent = new SequenceFile(stateDirectory.resolve("esp-sent"), MAX_ENTRIES);
        received = new SequenceFile(stateDirectory.resolve("esp-received"), MAX_ENTRIES);
    }

    /**
     * Has those of the tunnels' associations that are new go on where their keys were, and lets them send.
     *
     * @throws GatewayException if their numbers cannot be kept: they must not be used then
     */
    void admit(Collection<Tunnel> tunnels) {
        Set<SecurityAssociation> fresh = associations(tunnels);
        fresh.removeAll(kept.keySet());
        if (fresh.isEmpty()) {
            return;
        }
        try {
            // With another size of its window, say, an association is a new one under the key of one at work.
            saveReceived();
            Map<SecurityAssociation, Long> admitted = resumeSending(fresh);
            admitted.putAll(resumeReceiving(fresh));
            admitted.forEach((association, last) -> {
                if (association.spec().isOutbound()) {
                    association.reserve(last);
                }
            });
            kept.putAll(admitted);
        } catch (IOException e) {
            throw new GatewayException(
                    GatewayException.REFUSED,
                    "ESP sequence numbers must outlive the gateway, as none may repeat under one key, but "
                            + e.getMessage() + ": nothing has changed; " + StateDirectory.REMEDY,
                    e);
        }
    }

    private Map<SecurityAssociation, Long> resumeSending(Set<SecurityAssociation> fresh) throws IOException {
        Map<SecurityAssociation, Long> admitted = new HashMap<>();
        sent.update(entries -> fresh.stream()
                .filter(association -> association.spec().isOutbound())
                .forEach(association -> {
                    Entry before = entries.remove(association.name());
                    if (before != null) {
                        association.resume(before.last(), before.ivMask());
                    }
                    long last = blockEnd(association);
                    entries.put(association.name(), new Entry(last, association.ivMask()));
                    admitted.put(association, last);
                }));
        return admitted;
    }

    private Map<SecurityAssociation, Long> resumeReceiving(Set<SecurityAssociation> fresh) throws IOException {
        Map<SecurityAssociation, Long> admitted = new HashMap<>();
        received.update(entries -> fresh.stream()
                .filter(association -> !association.spec().isOutbound())
                .forEach(association -> {
                    Entry before = entries.get(association.name());
                    if (before != null) {
                        association.resume(before.last(), 0);
                    }
                    admitted.put(association, association.lastSequence());
                }));
        return admitted;
    }

    private static long blockEnd(SecurityAssociation association) {
        long last = association.lastSequence();
        return last + Math.clamp(association.lastPossibleSequence() - last, 0, BLOCK);
    }

    /** Once a second: reserves more numbers, and notes how far what was received has come. */
    void tick() {
        attempt(() -> {
            reserveMore();
            saveReceived();
        });
    }

    private void reserveMore() throws IOException {
        Map<SecurityAssociation, Long> more = new HashMap<>();
        for (SecurityAssociation association : kept.keySet()) {
            long left = association.reserved() - association.lastSequence();
            if (association.spec().isOutbound() && left < LOW && blockEnd(association) > association.reserved()) {
                more.put(association, blockEnd(association));
            }
        }
        if (more.isEmpty()) {
            return;
        }
        sent.update(entries -> {
            more.keySet().removeIf(association -> !holdsNewest(association, entries));
            more.forEach((association, last) -> put(entries, association, last));
        });
        more.forEach(SecurityAssociation::reserve);
        kept.putAll(more);
    }

    /** If not, somebody else has the key and its next numbers: this one must stop after its last reserved one. */
    private static boolean holdsNewest(SecurityAssociation association, Map<String, Entry> entries) {
        Entry entry = entries.get(association.name());
        return entry == null || entry.last() == association.reserved();
    }

    /** As the last one, so that those that were not written for the longest time stand first. */
    private static void put(Map<String, Entry> entries, SecurityAssociation association, long last) {
        entries.remove(association.name());
        entries.put(association.name(), new Entry(last, association.spec().isOutbound() ? association.ivMask() : 0));
    }

    private void saveReceived() throws IOException {
        Map<SecurityAssociation, Long> moved = new HashMap<>();
        kept.forEach((association, number) -> {
            if (!association.spec().isOutbound() && association.lastSequence() != number) {
                moved.put(association, association.lastSequence());
            }
        });
        if (!moved.isEmpty()) {
            received.update(entries -> moved.forEach((association, top) -> put(entries, association, top)));
            kept.putAll(moved);
        }
    }

    /**
     * Forgets the associations that these tunnels have no more. What was sent under their keys stays known; a received one's
     * window goes with it, so that a peer that has to start again can.
     */
    void retain(Supplier<List<Tunnel>> tunnels) {
        if (kept.isEmpty()) {
            return;
        }
        Set<SecurityAssociation> present = associations(tunnels.get());
        Set<SecurityAssociation> gone = new HashSet<>(kept.keySet());
        gone.removeAll(present);
        if (gone.isEmpty()) {
            return;
        }
        attempt(() -> {
            saveSent(gone);
            Set<String> names = gone.stream()
                    .filter(association -> !association.spec().isOutbound())
                    .map(SecurityAssociation::name)
                    .collect(Collectors.toSet());
            present.forEach(association -> names.remove(association.name()));
            received.update(entries -> entries.keySet().removeAll(names));
        });
        kept.keySet().removeAll(gone);
    }

    /** Gives back what is left of the blocks of associations that send no more. */
    private void saveSent(Collection<SecurityAssociation> associations) throws IOException {
        sent.update(entries -> associations.stream()
                .filter(association -> association.spec().isOutbound() && holdsNewest(association, entries))
                .forEach(association -> put(entries, association, association.lastSequence())));
    }

    /** Saves the exact numbers; no association is used any more. */
    @Override
    public void close() {
        if (!kept.isEmpty()) {
            attempt(() -> {
                saveSent(kept.keySet());
                saveReceived();
            });
        }
    }

    private interface Saving {
        void run() throws IOException;
    }

    /** What fails is tried again in a second; nothing that is not on disk is used meanwhile. */
    private void attempt(Saving saving) {
        try {
            saving.run();
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                LOG.log(
                        Level.WARNING,
                        "ESP sequence numbers cannot be kept: " + e.getMessage()
                                + ": vti tunnels stop sending after at most "
                                + BLOCK
                                + " packets (drop reason esp_sequence), and packets that were received since may be"
                                + " received again after a crash; " + StateDirectory.REMEDY);
            }
            failing = true;
        }
    }

    private static Set<SecurityAssociation> associations(Collection<Tunnel> tunnels) {
        return tunnels.stream()
                .flatMap(tunnel -> tunnel.associations().all().stream())
                .collect(Collectors.toCollection(HashSet::new));
    }
}
