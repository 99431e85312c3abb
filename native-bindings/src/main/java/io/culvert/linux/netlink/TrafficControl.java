package io.culvert.linux.netlink;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Attaches programs to devices by the clsact queueing discipline (Linux 4.5), in the network namespace in which the
 * opening thread is. What is attached stays when the process ends. Changes need CAP_NET_ADMIN. One thread uses an object at
 * a time.
 */
public final class TrafficControl implements AutoCloseable {

    private final NetlinkExchange exchange = new NetlinkExchange();
    private final Set<Integer> made = new HashSet<>();

    private TrafficControl() {}

    /** Opens a netlink socket in the calling thread's network namespace. */
    public static TrafficControl open() {
        return new TrafficControl();
    }

    /**
     * Gives a device the queueing discipline, unless it has it.
     *
     * @throws ErrnoException EINVAL if an old-style ingress discipline is in its place, ENODEV without the device
     */
    public void addClsact(int index) {
        FilterMessage.addClsact(exchange.request(), index);
        if (unless("add clsact to link " + index, Errno.EEXIST)) {
            made.add(index);
        }
    }

    /** Takes the queueing discipline away again, if this object gave it and nobody uses it. */
    public void removeUnusedClsact(int index) {
        if (made.contains(index)
                && filters(index, true).isEmpty()
                && filters(index, false).isEmpty()) {
            made.remove(index);
            FilterMessage.removeClsact(exchange.request(), index);
            unless("remove clsact from link " + index, Errno.ENOENT, Errno.EINVAL, Errno.ENODEV);
        }
    }

    /**
     * Attaches a program, whose verdict is final unless it is TC_ACT_UNSPEC (-1).
     *
     * @param ingress what the device received; else what it is about to send
     * @param programFd a loaded program of the traffic control type
     * @param name for {@code tc filter show}
     * @throws ErrnoException EEXIST if there is such a classifier
     */
    public void addFilter(int index, boolean ingress, TrafficFilter filter, int programFd, String name) {
        FilterMessage.add(exchange.request(), index, ingress, filter, programFd, name);
        exchange.change("attach " + name + " to the " + side(ingress) + " of link " + index);
    }

    /** Detaches a program; nothing happens if it is not attached. */
    public void removeFilter(int index, boolean ingress, TrafficFilter filter) {
        FilterMessage.remove(exchange.request(), index, ingress, filter);
        unless("detach from the " + side(ingress) + " of link " + index, Errno.ENOENT, Errno.EINVAL, Errno.ENODEV);
    }

    /** All classifiers of one side of a device, anybody's, each with an entry of its priority beside; none without clsact. */
    public List<TrafficFilter> filters(int index, boolean ingress) {
        FilterMessage.list(exchange.request(), index, ingress);
        return exchange.list("list the filters of link " + index, FilterMessage::parse);
    }

    private static String side(boolean ingress) {
        return ingress ? "ingress" : "egress";
    }

    /** Sends a change; false if the kernel refuses it with one of these errors. */
    private boolean unless(String what, int... errors) {
        try {
            exchange.change(what);
            return true;
        } catch (ErrnoException e) {
            for (int error : errors) {
                if (e.errno() == error) {
                    return false;
                }
            }
            throw e;
        }
    }

    @Override
    public void close() {
        exchange.close();
    }
}
