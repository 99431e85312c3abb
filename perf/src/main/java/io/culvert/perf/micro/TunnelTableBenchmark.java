package io.culvert.perf.micro;

import io.culvert.pipeline.TunnelOption;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Finds the tunnel of a received packet; each look-up hits, all tunnels equally often, in an order without pattern. */
public class TunnelTableBenchmark extends MicroBenchmark {

    /** Long enough that no branch predictor learns the order. */
    private static final int PACKETS = 1 << 15;

    @Param({"1", "64", "4096"})
    public int tunnels = 64;

    private final int[] remotes = new int[PACKETS];
    private final long[] keys = new long[PACKETS];
    private TunnelTable table = TunnelTable.EMPTY;
    private int local;
    private int next;

    @Setup
    public void fill() {
        List<Tunnel> all = new ArrayList<>();
        for (int i = 0; i < tunnels; i++) {
            all.add(TunnelOption.GRE_KEY_CSUM_SEQ.tunnel(i));
        }
        table = new TunnelTable(all);
        local = all.getFirst().local();
        Random random = new Random(1);
        for (int i = 0; i < PACKETS; i++) {
            int index = random.nextInt(tunnels);
            remotes[i] = all.get(index).remote();
            keys[i] = TunnelTable.key(index);
        }
        for (int i = 0; i < PACKETS; i++) {
            if (find() == null) {
                throw new IllegalStateException("a look-up misses: not what is to be measured");
            }
        }
    }

    @Benchmark
    public @Nullable Tunnel find() {
        int packet = next++ & (PACKETS - 1);
        return table.find(Mode.GRE, remotes[packet], local, keys[packet], 0);
    }
}
