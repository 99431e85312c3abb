package io.culvert.fragment;

import java.io.ByteArrayOutputStream;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Puts packets together from their {@link Fragment}s, in whatever order these come. Off the packet path; one thread. */
public final class Reassembly {

    private static final int MAX_LENGTH = 0xffff;

    private final Map<String, SortedSet<Fragment>> waiting = new HashMap<>();

    /** The packet that this one completes; null if it is no fragment, or others are missing, or they contradict each other. */
    public byte @Nullable [] add(byte[] packet) {
        Fragment fragment = Fragment.of(packet);
        if (fragment == null) {
            return null;
        }
        SortedSet<Fragment> known = waiting.computeIfAbsent(
                fragment.packet(), _ -> new TreeSet<>(Comparator.comparingInt(Fragment::offset)));
        known.add(fragment);
        byte[] payload = payload(known);
        if (payload == null || payload.length + known.first().header().length > MAX_LENGTH) {
            return null;
        }
        waiting.remove(fragment.packet());
        return known.first().whole(payload);
    }

    /** RFC 5722, and so does Linux with IPv4: fragments must not overlap. Null while some are missing, too. */
    private static byte @Nullable [] payload(SortedSet<Fragment> known) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (Fragment fragment : known) {
            if (fragment.offset() != payload.size()) {
                return null;
            }
            payload.writeBytes(fragment.payload());
        }
        return known.last().isLast() ? payload.toByteArray() : null;
    }
}
