package io.culvert.perf.micro;

import io.culvert.pipeline.TunnelOption;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Finds the tunnel of a received packet; each look-up hits, all tunnels equally often, in an order without pattern. Addresses
 * and keys are computed, so that the caches hold the table and no list of packets beside it.
 */
public class TunnelTableBenchmark extends MicroBenchmark {

    /** A linear congruential generator's: full period modulo 2^32 as the increment is odd and this is 1 modulo 4. */
    private static final int MULTIPLIER = 0x915f_77f5;

    private static final int BATCH = 64;

    /** A power of two. */
    @Param({"1", "64", "4096"})
    public int tunnels = 64;

    private TunnelTable table = TunnelTable.EMPTY;
    private int local;
    private int firstRemote;
    private int state;

    @Setup
    public void fill() {
        List<Tunnel> all = new ArrayList<>();
        for (int i = 0; i < tunnels; i++) {
            all.add(TunnelOption.GRE_KEY_CSUM_SEQ.tunnel(i));
        }
        table = new TunnelTable(all);
        local = all.getFirst().local();
        firstRemote = all.getFirst().remote();
        for (int i = 0; i < tunnels; i++) {
            if (find(i) != all.get(i)) {
                throw new IllegalStateException("a look-up misses: not what is to be measured");
            }
        }
    }

    @Benchmark
    public @Nullable Tunnel find() {
        state = state * MULTIPLIER + 1;
        return find(state >>> 16 & (tunnels - 1));
    }

    /** One after the other, as of the packets of a batch: each may begin before the last one's loads have arrived. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void findBatch(Blackhole blackhole) {
        for (int i = 0; i < BATCH; i++) {
            blackhole.consume(find());
        }
    }

    private @Nullable Tunnel find(int index) {
        return table.find(Mode.GRE, firstRemote + index, local, TunnelTable.key(index), 0);
    }
}
