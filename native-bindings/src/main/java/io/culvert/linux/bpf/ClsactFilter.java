package io.culvert.linux.bpf;

import io.culvert.linux.netlink.TrafficControl;
import io.culvert.linux.netlink.TrafficFilter;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A program attached to a device's ingress or egress by clsact, as {@link TcxLink} does on Linux 6.6 and later. Closing
 * detaches it. The end of the process does not: {@link #removeLeftovers} finds what a process that was killed left.
 *
 * <p>A filter of this class has a priority of its own, and the process's number as its handle.
 */
public final class ClsactFilter implements AutoCloseable {

    /** Priority of every filter of this class, by which they are known: "CV". */
    static final int PRIORITY = 0x4356;

    private static final Path PROCESSES = Path.of("/proc");

    private final TrafficControl control;
    private final int index;
    private final boolean ingress;

    private ClsactFilter(TrafficControl control, int index, boolean ingress) {
        this.control = control;
        this.index = index;
        this.ingress = ingress;
    }

    /**
     * Attaches a program; packets pass through it from then on. One process attaches one program to each side.
     *
     * @param index the device, in the network namespace of {@code control}
     * @param attachType {@link TcxLink#INGRESS} or {@link TcxLink#EGRESS}
     * @throws io.culvert.linux.ErrnoException if the kernel refuses, with what it lacks
     */
    public static ClsactFilter attach(TrafficControl control, BpfProgram program, int index, int attachType) {
        boolean ingress = attachType == TcxLink.INGRESS;
        control.addClsact(index);
        try {
            control.addFilter(index, ingress, own(), program.fd(), program.name());
            return new ClsactFilter(control, index, ingress);
        } catch (RuntimeException e) {
            control.removeUnusedClsact(index);
            throw e;
        }
    }

    /** Detaches what processes of this class that are no longer there left attached to a device. */
    public static void removeLeftovers(TrafficControl control, int index) {
        for (boolean ingress : new boolean[] {true, false}) {
            for (TrafficFilter filter : control.filters(index, ingress)) {
                boolean ours = filter.priority() == PRIORITY && filter.handle() != 0;
                if (ours && !Files.exists(PROCESSES.resolve(Integer.toString(filter.handle())))) {
                    control.removeFilter(index, ingress, filter);
                }
            }
        }
    }

    private static TrafficFilter own() {
        return new TrafficFilter(PRIORITY, (int) ProcessHandle.current().pid());
    }

    @Override
    public void close() {
        control.removeFilter(index, ingress, own());
        control.removeUnusedClsact(index);
    }
}
