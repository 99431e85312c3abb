package io.culvert.perf.peer;

import io.culvert.lab.Host;
import io.culvert.lab.LabException;
import io.culvert.linux.bpf.BpfAssembler;
import io.culvert.linux.bpf.BpfProgram;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteNetlink;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * IPv4 in IPv4 in the kernel, by an eBPF program on each way of the link. Where the kernel has no ipip module, this is
 * what the same packets cost without user space.
 */
final class EbpfIpipPeer implements Peer {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @Override
    public String id() {
        return "ebpf-ipip";
    }

    @Override
    public String version() {
        return "eBPF at tcx of Linux " + System.getProperty("os.version");
    }

    @Override
    public @Nullable String missing() {
        return TcxLink.isSupported() ? null : "tcx not there: needs Linux 6.6 and CAP_BPF";
    }

    @Override
    public OuterFormat format() {
        return OuterFormat.IPIP;
    }

    @Override
    public boolean takesMergedPackets() {
        return true;
    }

    @Override
    public Ends start(Bed bed) {
        for (Tools.End end : Tools.ends(bed, Ends.INNER)) {
            Host host = end.here();
            Tools.ip(host, "address", "add", end.inner() + "/32", "dev", "lo");
            Tools.ip(
                    host,
                    "route",
                    "add",
                    end.otherInner() + "/32",
                    "via",
                    end.otherOuter(),
                    "src",
                    end.inner(),
                    "mtu",
                    "lock",
                    "1480",
                    "advmss",
                    "1440");
            BpfAssembler encapsulate = EbpfIpip.encapsulate(
                    EbpfIpip.number(end.outer()), EbpfIpip.number(end.otherOuter()), EbpfIpip.number(end.otherInner()));
            attach(bed, host, "encapsulate", encapsulate, TcxLink.EGRESS);
            attach(bed, host, "decapsulate", EbpfIpip.decapsulate(EbpfIpip.number(end.outer())), TcxLink.INGRESS);
        }
        return Ends.INNER;
    }

    private static void attach(Bed bed, Host host, String name, BpfAssembler assembler, int attachType) {
        bed.closeWith(host.call("bpf-" + name, TIMEOUT, () -> {
            try (RouteNetlink netlink = RouteNetlink.open();
                    BpfProgram program = BpfProgram.load(name, assembler, attachType)) {
                Link link = netlink.link(Host.UNDERLAY);
                if (link == null) {
                    throw new LabException("no device " + Host.UNDERLAY);
                }
                return TcxLink.attach(program, link.index(), attachType);
            }
        }));
    }
}
