package io.culvert.offload;

import io.culvert.linux.bpf.BpfProgram;
import io.culvert.linux.bpf.ClsactFilter;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.linux.netlink.TrafficControl;

/**
 * How programs are attached to devices: by tcx, or, where the kernel is older than 6.6, by clsact. The programs are the
 * same. The conductor's thread only.
 */
abstract sealed class ProgramHook implements AutoCloseable {

    /** A program at work on a device; closing detaches it. */
    interface Attached extends AutoCloseable {

        @Override
        void close();
    }

    /** The kernel's newest way that this process may use. */
    static ProgramHook newest() {
        return TcxLink.isSupported() ? new Tcx() : new Clsact();
    }

    /** The hook's name, as {@code tc} and bpftool call it. */
    abstract String word();

    /**
     * Attaches a program.
     *
     * @param attachType {@link TcxLink#INGRESS} or {@link TcxLink#EGRESS}
     * @throws io.culvert.linux.ErrnoException if the kernel refuses
     */
    abstract Attached attach(BpfProgram program, int device, int attachType);

    @Override
    public void close() {}

    /** Links: the end of the process detaches them. */
    static final class Tcx extends ProgramHook {

        @Override
        String word() {
            return "tcx";
        }

        @Override
        Attached attach(BpfProgram program, int device, int attachType) {
            return TcxLink.attach(program, device, attachType)::close;
        }
    }

    /** Filters: they outlive the process, so those of one that was killed are detached first. */
    static final class Clsact extends ProgramHook {

        private final TrafficControl control = TrafficControl.open();

        Clsact() {
            try (RouteNetlink netlink = RouteNetlink.open()) {
                for (Link link : netlink.links()) {
                    ClsactFilter.removeLeftovers(control, link.index());
                }
            } catch (RuntimeException e) {
                control.close();
                throw e;
            }
        }

        @Override
        String word() {
            return "clsact";
        }

        @Override
        Attached attach(BpfProgram program, int device, int attachType) {
            return ClsactFilter.attach(control, program, device, attachType)::close;
        }

        @Override
        public void close() {
            control.close();
        }
    }
}
