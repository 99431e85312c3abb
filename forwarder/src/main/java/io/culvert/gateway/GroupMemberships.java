package io.culvert.gateway;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.socket.GroupMembership;
import java.net.Inet4Address;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The multicast groups that tunnels have as their remote, joined as long as one needs them. The conductor's thread only. */
final class GroupMemberships implements AutoCloseable {

    private final Tally<Membership> needed = new Tally<>();
    private final Map<Membership, GroupMembership> joined = new HashMap<>();

    /**
     * A group on a device.
     *
     * @param deviceIndex the underlay device that leads to the group
     */
    record Membership(Inet4Address group, int deviceIndex) {}

    void need(Collection<Membership> memberships) {
        needed.add(memberships);
    }

    void needNoLonger(Collection<Membership> memberships) {
        needed.remove(memberships);
    }

    /**
     * Joins and leaves what has changed.
     *
     * @throws ErrnoException if the kernel refuses
     */
    void update() {
        for (Membership membership : needed.touched()) {
            GroupMembership former = joined.remove(membership);
            if (former != null && needed.contains(membership)) {
                joined.put(membership, former);
            } else if (former != null) {
                former.close();
            } else if (needed.contains(membership)) {
                join(membership);
            }
        }
        needed.settle();
    }

    /** A device that has just gone is no error: its tunnels are resolved anew when the kernel tells of it. */
    private void join(Membership membership) {
        try {
            joined.put(membership, GroupMembership.join(membership.group, membership.deviceIndex));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        joined.values().forEach(GroupMembership::close);
    }
}
