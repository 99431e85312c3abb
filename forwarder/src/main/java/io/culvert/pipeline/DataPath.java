package io.culvert.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.BitUtil;

/**
 * Both directions at work: the encapsulation path from the TUN devices to the outer sockets, the decapsulation path back.
 * All methods belong to the conductor, but for the counters.
 */
public final class DataPath implements AutoCloseable {

    /** Slots of a staged path, at least; at least two batches, so that ingress fills one while another is under way. */
    private static final int STAGED_SLOTS = 256;

    private final Settings settings;
    private final TableHolder tables = new TableHolder();
    private final PathCounters encapCounters = new PathCounters();
    private final PathCounters decapCounters = new PathCounters();
    private final List<SlotPool> pools = new ArrayList<>();
    private final PathErrors errors = new PathErrors();
    private final TunIngress tunIngress = new TunIngress(tables);
    private final OuterIngress outerIngress = new OuterIngress(tables);
    private final OuterEgress outerEgress;
    private final TunEgress tunEgress = new TunEgress(decapCounters, errors);
    private final Path encap;
    private final Path decap;

    /**
     * How packets are moved.
     *
     * @param packetSockets whether outer packets are sent by packet sockets where the next hop is resolved
     * @param staged stages on threads of their own instead of fused
     * @param workers workers a path, staged only
     * @param cpus processors to pin the paths' threads to; empty pins none
     * @param tuning how long a thread looks for packets, and how many it takes at once
     */
    public record Settings(boolean packetSockets, boolean staged, int workers, List<Integer> cpus, Tuning tuning) {

        public Settings {
            cpus = List.copyOf(cpus);
        }
    }

    /** @throws io.culvert.linux.ErrnoException if the kernel refuses memory or a socket */
    public DataPath(Settings settings) {
        this.settings = settings;
        PathThreads threads = new PathThreads(settings.cpus());
        outerEgress = new OuterEgress(encapCounters, settings.packetSockets(), errors);
        encap = path("culvert-encap", tunIngress, EncapStage::new, outerEgress, threads);
        decap = path("culvert-decap", outerIngress, DecapStage::new, tunEgress, threads);
    }

    private Path path(
            String name,
            IngressStage ingress,
            Supplier<ProcessStage> process,
            EgressStage egress,
            PathThreads threads) {
        int batch = BitUtil.findNextPositivePowerOfTwo(settings.tuning().batch());
        SlotPool pool = new SlotPool(settings.staged() ? Math.max(STAGED_SLOTS, 2 * batch) : batch);
        pools.add(pool);
        return settings.staged()
                ? new StagedPath(
                        name, pool, ingress, process, settings.workers(), egress, errors, threads, settings.tuning())
                : new FusedPath(name, pool, ingress, process.get(), egress, errors, threads, settings.tuning());
    }

    /** Starts to move packets. */
    public void start() {
        encap.start();
        decap.start();
    }

    /** The table that both paths look tunnels up in. */
    public TableHolder tables() {
        return tables;
    }

    /** Reads a tunnel's inner side from now on. */
    public void add(InnerPort port) {
        tunIngress.add(port);
    }

    /** Reads a tunnel's inner side no more; nothing refers to it once {@link #awaitQuiescence} has returned. */
    public void remove(InnerPort port) {
        tunIngress.remove(port);
    }

    /** Receives from a socket from now on. */
    public void add(OuterSource source) {
        outerIngress.add(source);
    }

    /** Receives from a socket no more; nothing refers to it once {@link #awaitQuiescence} has returned. */
    public void remove(OuterSource source) {
        outerIngress.remove(source);
    }

    /** Waits until every packet that was received before this call has left. */
    public void awaitQuiescence() {
        encap.awaitQuiescence();
        decap.awaitQuiescence();
    }

    /** The outer IPv4 identification that the next packet gets; they are given in order. Any thread. */
    public int nextIdentification() {
        return tunIngress.nextIdentification();
    }

    /** Counters of the encapsulation path; any thread. */
    public PathCounters encapCounters() {
        return encapCounters;
    }

    /** Counters of the decapsulation path; any thread. */
    public PathCounters decapCounters() {
        return decapCounters;
    }

    /** The threads of both paths. */
    public List<Thread> threads() {
        List<Thread> threads = new ArrayList<>(encap.threads());
        threads.addAll(decap.threads());
        return threads;
    }

    /** Stops both paths after the packets in flight have left, and gives everything back but ports and sources. */
    @Override
    public void close() {
        decap.stop();
        encap.stop();
        outerEgress.close();
        tunEgress.close();
        tunIngress.close();
        outerIngress.close();
        pools.forEach(SlotPool::close);
    }
}
