package io.culvert.offload;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.bpf.BpfMap;
import io.culvert.linux.bpf.BpfProgram;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.offload.ProgramHook.Attached;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The super lane's programs, loaded once, and the devices they are attached to. The conductor's thread only.
 */
public final class SuperLane implements AutoCloseable {

    private static final int MAX_TAKEN = 65_536;
    private static final byte[] PRESENT = {1};

    private final ProgramHook hook;
    private final BpfMap takenMap;
    private final BpfProgram egress;
    private final BpfProgram ingress;
    private final Map<Integer, Attachment> attachments = new HashMap<>();
    private Set<Taken> taken = Set.of();

    /**
     * Outer packets that the gateway takes from the IP stack.
     *
     * @param source outer source
     * @param destination outer destination
     * @param protocol outer IP protocol
     */
    public record Taken(InetAddress source, InetAddress destination, int protocol) {

        private byte[] key() {
            return TunnelTakeProgram.key(source, destination, protocol);
        }
    }

    private record Attachment(Attached egress, Attached ingress) {

        void close() {
            egress.close();
            ingress.close();
        }
    }

    private SuperLane(ProgramHook hook, BpfMap takenMap, BpfProgram egress, BpfProgram ingress) {
        this.hook = hook;
        this.takenMap = takenMap;
        this.egress = egress;
        this.ingress = ingress;
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
        Deque<AutoCloseable> opened = new ArrayDeque<>(List.of(hook));
        try {
            BpfMap takenMap = BpfMap.hash("culvert_taken", TunnelTakeProgram.KEY_LENGTH, 1, MAX_TAKEN);
            opened.push(takenMap);
            BpfProgram egress = BpfProgram.load("culvert_gso", TunnelGsoProgram.assemble(), TcxLink.EGRESS);
            opened.push(egress);
            SuperLaneSelfTest.run(hook, egress);
            BpfProgram ingress = BpfProgram.load("culvert_take", TunnelTakeProgram.assemble(takenMap), TcxLink.INGRESS);
            return new SuperLane(hook, takenMap, egress, ingress);
        } catch (RuntimeException e) {
            closeAll(opened, e);
            throw e;
        }
    }

    private static void closeAll(Deque<AutoCloseable> opened, RuntimeException reason) {
        for (AutoCloseable each : opened) {
            try {
                each.close();
            } catch (Exception e) {
                reason.addSuppressed(e);
            }
        }
    }

    /** How the programs are attached: {@code tcx}, or {@code clsact} on kernels before 6.6. */
    public String hook() {
        return hook.word();
    }

    /**
     * Attaches the programs to these devices, detaches them from all others, and takes these packets from the IP stack.
     *
     * @throws ErrnoException if a device does not take a program
     */
    public void update(Set<Integer> devices, Set<Taken> wanted) {
        attachments.entrySet().removeIf(entry -> {
            boolean unused = !devices.contains(entry.getKey());
            if (unused) {
                entry.getValue().close();
            }
            return unused;
        });
        for (int device : devices) {
            if (!attachments.containsKey(device)) {
                attachments.put(device, attach(device));
            }
        }
        for (Taken old : taken) {
            if (!wanted.contains(old)) {
                takenMap.remove(old.key());
            }
        }
        for (Taken added : wanted) {
            if (!taken.contains(added)) {
                takenMap.put(added.key(), PRESENT);
            }
        }
        taken = new HashSet<>(wanted);
    }

    /** Whether the programs are at work on that device. */
    public boolean isAttached(int device) {
        return attachments.containsKey(device);
    }

    private Attachment attach(int device) {
        Attached egressLink = hook.attach(egress, device, TcxLink.EGRESS);
        try {
            return new Attachment(egressLink, hook.attach(ingress, device, TcxLink.INGRESS));
        } catch (RuntimeException e) {
            egressLink.close();
            throw e;
        }
    }

    @Override
    public void close() {
        attachments.values().forEach(Attachment::close);
        egress.close();
        ingress.close();
        takenMap.close();
        hook.close();
    }
}
