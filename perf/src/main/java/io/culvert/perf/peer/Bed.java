package io.culvert.perf.peer;

import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabException;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.WireMode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** A peer between the two hosts of a lab of its own, ready to carry packets. One thread. */
public final class Bed implements AutoCloseable {

    private static final Duration REACHABLE = Duration.ofSeconds(15);
    private static final Duration ATTEMPT = Duration.ofSeconds(3);
    private static final int ATTEMPT_BYTES = 1000;

    private static volatile boolean ending;

    private final Peer peer;
    private final Lab lab;
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private Ends ends = Ends.INNER;

    private Bed(Peer peer, Lab lab) {
        this.peer = peer;
        this.lab = lab;
    }

    /**
     * Makes the hosts, starts the peer and waits until TCP passes.
     *
     * @throws LabException if it does not start or nothing passes within 15 s
     */
    public static Bed open(Peer peer, WireMode mode) {
        if (ending) {
            throw new LabException("this JVM is ending");
        }
        Lab lab = Lab.builder().wireMode(mode).build();
        Bed bed = new Bed(peer, lab);
        try {
            if (mode == WireMode.WIRE && !peer.takesMergedPackets()) {
                bed.ethtool("gro", "off");
            }
            bed.ends = peer.start(bed);
            bed.awaitReachable();
            return bed;
        } catch (RuntimeException e) {
            bed.close();
            throw e;
        }
    }

    /** Lets no more beds be made, as this JVM ends and nobody would remove their hosts. Any thread may call. */
    public static void endAll() {
        ending = true;
    }

    /** Whether this JVM is ending, so that what fails now fails for that reason. Any thread may call. */
    public static boolean isEnding() {
        return ending;
    }

    public Peer peer() {
        return peer;
    }

    public Host left() {
        return lab.left();
    }

    public Host right() {
        return lab.right();
    }

    /** The addresses that lead through the peer. */
    public Ends ends() {
        return ends;
    }

    /** Closes it with the bed, before the hosts go; the last one first. */
    void closeWith(AutoCloseable resource) {
        resources.push(resource);
    }

    /** Switches an offload of the link, at both ends. */
    void ethtool(String offload, String state) {
        for (Host host : new Host[] {left(), right()}) {
            host.exec("ethtool", "-K", Host.UNDERLAY, offload, state).orThrow();
        }
    }

    private void awaitReachable() {
        long deadline = System.nanoTime() + REACHABLE.toNanos();
        while (true) {
            try {
                TcpTransfer.checked(left(), right(), ends.right(), ATTEMPT_BYTES, ATTEMPT);
                return;
            } catch (LabException e) {
                if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
                    throw new LabException(peer.id() + ": no TCP passes: " + e.getMessage(), e);
                }
            }
        }
    }

    @Override
    public void close() {
        try (lab) {
            while (!resources.isEmpty()) {
                close(resources.pop());
            }
        }
    }

    private void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new LabException(peer.id() + ": " + e.getMessage(), e);
        }
    }
}
