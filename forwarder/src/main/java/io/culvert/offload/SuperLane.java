package io.culvert.offload;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.bpf.BpfMap;
import io.culvert.linux.bpf.BpfProgram;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.offload.ProgramHook.Attached;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agrona.CloseHelper;

/**
 * The super lane's programs, loaded once, and the devices they are attached to. The conductor's thread only.
 */
public final class SuperLane implements AutoCloseable {

    /** As the source of packets that are taken whoever sends them. */
    public static final InetAddress ANYBODY = InetAddress.ofLiteral("0.0.0.0");

    private static final System.Logger LOG = System.getLogger(SuperLane.class.getName());
    private static final int MAX_TAKEN = 65_536;
    private static final byte[] PRESENT = {1};

    private final ProgramHook hook;
    private final BpfMap takenIpv4;
    private final BpfMap takenIpv6;
    private final BpfProgram egress;
    private final BpfProgram ingress;
    private final boolean ipv6;
    private final Map<Integer, List<Attached>> attachments = new HashMap<>();
    private final Set<Taken> taken = new HashSet<>();
    private boolean labels = true;

    /**
     * Outer packets that the gateway takes from the IP stack.
     *
     * @param source outer source; {@link #ANYBODY} for any
     * @param destination outer destination
     * @param protocol outer IP protocol
     * @param port UDP destination port; 0 with any other protocol
     */
    public record Taken(InetAddress source, InetAddress destination, int protocol, int port) {

        private byte[] key() {
            return TunnelTakeProgram.key(source, destination, protocol, port);
        }
    }

    private SuperLane(
            ProgramHook hook, BpfMap takenIpv4, BpfMap takenIpv6, BpfProgram egress, BpfProgram ingress, boolean ipv6) {
        this.hook = hook;
        this.takenIpv4 = takenIpv4;
        this.takenIpv6 = takenIpv6;
        this.egress = egress;
        this.ingress = ingress;
        this.ipv6 = ipv6;
    }

    /**
     * Loads the programs and proves them by a super-packet on the loopback device.
     *
     * @throws ErrnoException if the kernel lacks something, with what it lacks
     * @throws IllegalStateException if the test packet did not arrive as it should
     */
    public static SuperLane open() {
        return open(ProgramHook.newest());
    }

    /** The same by that hook, which is closed with the lane. */
    static SuperLane open(ProgramHook hook) {
        List<AutoCloseable> opened = new ArrayList<>(List.of(hook));
        try {
            BpfMap takenIpv4 = BpfMap.hash("culvert_taken4", TunnelTakeProgram.IPV4_KEY_LENGTH, 1, MAX_TAKEN);
            opened.add(takenIpv4);
            BpfMap takenIpv6 = BpfMap.hash("culvert_taken6", TunnelTakeProgram.IPV6_KEY_LENGTH, 1, MAX_TAKEN);
            opened.add(takenIpv6);
            BpfProgram egress = BpfProgram.load("culvert_gso", TunnelGsoProgram.assemble(), TcxLink.EGRESS);
            opened.add(egress);
            boolean ipv6;
            try (SuperLaneSelfTest test = new SuperLaneSelfTest(hook, egress)) {
                test.proveIpv4();
                ipv6 = carriesIpv6(test);
            }
            BpfProgram ingress =
                    BpfProgram.load("culvert_take", TunnelTakeProgram.assemble(takenIpv4, takenIpv6), TcxLink.INGRESS);
            return new SuperLane(hook, takenIpv4, takenIpv6, egress, ingress, ipv6);
        } catch (RuntimeException e) {
            CloseHelper.quietCloseAll(opened);
            throw e;
        }
    }

    private static boolean carriesIpv6(SuperLaneSelfTest test) {
        try {
            test.proveIpv6();
            return true;
        } catch (ErrnoException | IllegalStateException e) {
            LOG.log(System.Logger.Level.WARNING, "the super lane is for outer IPv4 only here: {0}", e.getMessage());
            return false;
        }
    }

    /** Lets no super-packet go out whole; what is received is still taken from the IP stack. Before the first update. */
    public void takeOnly() {
        labels = false;
    }

    /** How the programs are attached: {@code tcx}, or {@code clsact} on kernels before 6.6. */
    public String hook() {
        return hook.word();
    }

    /**
     * Attaches the programs to these devices, and detaches them from all others.
     *
     * @throws ErrnoException if a device does not take a program
     */
    public void update(Set<Integer> devices) {
        attachments.entrySet().removeIf(entry -> {
            boolean unused = !devices.contains(entry.getKey());
            if (unused) {
                detach(entry.getValue());
            }
            return unused;
        });
        for (int device : devices) {
            if (!attachments.containsKey(device)) {
                attachments.put(device, attach(device));
            }
        }
    }

    /**
     * Takes these packets from the IP stack, or no longer.
     *
     * @throws ErrnoException if the kernel refuses
     */
    public void take(Taken packets, boolean wanted) {
        if (wanted && !taken.contains(packets)) {
            map(packets).put(packets.key(), PRESENT);
            taken.add(packets);
        } else if (!wanted && taken.remove(packets)) {
            map(packets).remove(packets.key());
        }
    }

    private BpfMap map(Taken packets) {
        return packets.source instanceof Inet6Address ? takenIpv6 : takenIpv4;
    }

    /** Whether that device takes super-packets with an outer header of that version. */
    public boolean carries(int device, boolean outerIpv6) {
        return labels && attachments.containsKey(device) && (ipv6 || !outerIpv6);
    }

    private List<Attached> attach(int device) {
        List<Attached> attached = new ArrayList<>();
        try {
            if (labels) {
                attached.add(hook.attach(egress, device, TcxLink.EGRESS));
            }
            attached.add(hook.attach(ingress, device, TcxLink.INGRESS));
            return attached;
        } catch (RuntimeException e) {
            detach(attached);
            throw e;
        }
    }

    private static void detach(List<Attached> attached) {
        attached.forEach(Attached::close);
    }

    @Override
    public void close() {
        attachments.values().forEach(SuperLane::detach);
        egress.close();
        ingress.close();
        takenIpv4.close();
        takenIpv6.close();
        hook.close();
    }
}
