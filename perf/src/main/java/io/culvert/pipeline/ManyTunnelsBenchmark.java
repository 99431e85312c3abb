package io.culvert.pipeline;

import io.culvert.perf.micro.MicroBenchmark;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import io.culvert.wire.Ipv4Flyweight;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a received packet of 64 bytes costs when each comes for another of many tunnels, in no order: the whole process stage
 * and the tunnel's counters, so all of a tunnel that the path touches.
 */
public class ManyTunnelsBenchmark extends MicroBenchmark {

    /** Long enough that no branch predictor learns the order. */
    private static final int PACKETS = 1 << 15;

    private static final int BYTES = 64;

    @Param({"1", "64", "4096"})
    public int tunnels = 64;

    private final PacketRing ring = new PacketRing();
    private final DecapStage stage = new DecapStage();
    private final Ipv4Flyweight outer = new Ipv4Flyweight();
    private final int[] remotes = new int[PACKETS];
    private TunnelTable table = TunnelTable.EMPTY;
    private int next;

    @Setup
    public void fill() {
        ring.fillOuter(TunnelOption.GRE, BYTES);
        List<Tunnel> all = new ArrayList<>();
        for (int i = 0; i < tunnels; i++) {
            all.add(TunnelOption.GRE.tunnel(i));
        }
        table = new TunnelTable(all);
        Random random = new Random(1);
        for (int i = 0; i < PACKETS; i++) {
            remotes[i] = all.get(random.nextInt(tunnels)).remote();
        }
        PacketRing.requireForward(receive());
    }

    @TearDown
    public void close() {
        ring.close();
    }

    @Benchmark
    public Slot receive() {
        Slot slot = ring.next();
        slot.table = table;
        outer.wrap(slot.buffer, slot.offset)
                .source(remotes[next++ & (PACKETS - 1)])
                .updateChecksum();
        stage.process(slot);
        Objects.requireNonNull(slot.tunnel).decapCounters().forwarded(slot.length);
        return slot;
    }
}
