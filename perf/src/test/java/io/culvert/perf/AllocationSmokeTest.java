package io.culvert.perf;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.culvert.perf.micro.ChecksumBenchmark;
import io.culvert.perf.micro.NativeCallBenchmark;
import io.culvert.perf.micro.TunnelTableBenchmark;
import io.culvert.pipeline.DecapBenchmark;
import io.culvert.pipeline.EncapBenchmark;
import io.culvert.pipeline.SegmentBenchmark;
import io.culvert.pipeline.TunnelOption;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bodies of the benchmarks allocate nothing: that, unlike their time, is the same on every machine. */
class AllocationSmokeTest {

    private static final int OPERATIONS = 20_000;
    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private @Nullable Object sink;

    @Test
    void seesWhatIsAllocated() {
        assertThat(allocatedBytes(() -> sink = new byte[8])).isGreaterThanOrEqualTo(OPERATIONS * 8L);
        assertThat(sink).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1400, 9000})
    void checksum(int bytes) {
        ChecksumBenchmark benchmark = new ChecksumBenchmark();
        benchmark.bytes = bytes;
        assertThat(allocatedBytes(benchmark::checksum)).isZero();
        benchmark.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 4096})
    void tunnelLookUp(int tunnels) {
        TunnelTableBenchmark benchmark = new TunnelTableBenchmark();
        benchmark.tunnels = tunnels;
        benchmark.fill();
        assertThat(allocatedBytes(benchmark::find)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 64", "IPIP, 65004",
        "GRE, 64", "GRE, 65004",
        "GRE_KEY_CSUM_SEQ, 64", "GRE_KEY_CSUM_SEQ, 65004",
    })
    void encapsulate(TunnelOption tunnel, int bytes) {
        EncapBenchmark benchmark = new EncapBenchmark();
        benchmark.tunnel = tunnel;
        benchmark.bytes = bytes;
        benchmark.fill();
        assertThat(allocatedBytes(benchmark::prepend)).isZero();
        assertThat(allocatedBytes(benchmark::stage)).isZero();
        benchmark.close();
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 64", "IPIP, 65004",
        "GRE, 64", "GRE, 65004",
        "GRE_KEY_CSUM_SEQ, 64", "GRE_KEY_CSUM_SEQ, 65004",
    })
    void decapsulate(TunnelOption tunnel, int bytes) {
        DecapBenchmark benchmark = new DecapBenchmark();
        benchmark.tunnel = tunnel;
        benchmark.bytes = bytes;
        benchmark.fill();
        assertThat(allocatedBytes(benchmark::decapsulate)).isZero();
        assertThat(allocatedBytes(benchmark::stage)).isZero();
        benchmark.close();
    }

    @ParameterizedTest
    @EnumSource
    void segment(TunnelOption tunnel) {
        SegmentBenchmark benchmark = new SegmentBenchmark();
        benchmark.tunnel = tunnel;
        benchmark.fill();
        assertThat(allocatedBytes(benchmark::superPacket)).isZero();
        benchmark.close();
    }

    @Test
    void systemCallThatFails() {
        NativeCallBenchmark benchmark = new NativeCallBenchmark();
        assertThat(allocatedBytes(benchmark::readNothing)).isZero();
        benchmark.close();
    }

    /** Bytes of a round, the first one that allocates nothing or the last: the compiler needs its time on a busy machine. */
    private static long allocatedBytes(Runnable body) {
        long deadline = System.nanoTime() + WARM_UP_NANOS;
        long allocated;
        do {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run(body);
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        } while (allocated > 0 && System.nanoTime() < deadline);
        return allocated;
    }

    private static void run(Runnable body) {
        for (int i = 0; i < OPERATIONS; i++) {
            body.run();
        }
    }
}
