package io.culvert.offload;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.bpf.BpfMap;
import io.culvert.linux.bpf.BpfProgram;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.tunnel.OuterProtocol;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The super lane's programs, loaded once, and the devices they are attached to. When the process ends, however it ends,
 * the kernel detaches and unloads them. The conductor's thread only.
 */
public final class SuperLane implements AutoCloseable {

    private static final int MAX_TAKEN = 65_536;
    private static final byte[] PRESENT = {1};

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
     * @param protocol what they carry
     */
    public record Taken(InetAddress source, InetAddress destination, OuterProtocol protocol) {

        private byte[] key() {
            return TunnelTakeProgram.key(source, destination, protocol);
        }
    }

    private record Attachment(TcxLink egress, TcxLink ingress) {

        void close() {
            egress.close();
            ingress.close();
        }
    }

    private SuperLane(BpfMap takenMap, BpfProgram egress, BpfProgram ingress) {
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
        BpfMap takenMap = BpfMap.hash("culvert_taken", TunnelTakeProgram.KEY_LENGTH, 1, MAX_TAKEN);
        try {
            BpfProgram egress = BpfProgram.load("culvert_gso", TunnelGsoProgram.assemble(), TcxLink.EGRESS);
            try {
                SuperLaneSelfTest.run(egress);
                BpfProgram ingress =
                        BpfProgram.load("culvert_take", TunnelTakeProgram.assemble(takenMap), TcxLink.INGRESS);
                return new SuperLane(takenMap, egress, ingress);
            } catch (RuntimeException e) {
                egress.close();
                throw e;
            }
        } catch (RuntimeException e) {
            takenMap.close();
            throw e;
        }
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
        TcxLink egressLink = TcxLink.attach(egress, device, TcxLink.EGRESS);
        try {
            return new Attachment(egressLink, TcxLink.attach(ingress, device, TcxLink.INGRESS));
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
    }
}
