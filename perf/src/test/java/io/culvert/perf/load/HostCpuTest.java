package io.culvert.perf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.culvert.lab.LabException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class HostCpuTest {

    @Test
    void countsWhatIsNeitherIdleNorStolen() {
        HostCpu cpu = HostCpu.parse("cpu  100 2 30 400 5 6 7 8 50 1");

        assertThat(cpu).isEqualTo(new HostCpu(558, 145, 8));
        assertThat(cpu.busyNanosSince(new HostCpu(0, 45, 0))).isEqualTo(1e9);
    }

    @Test
    void readsIperf() {
        Iperf.Result result = Iperf.parse("""
                {"end": {"sum_sent": {"retransmits": 3, "bytes": 2000000000, "bits_per_second": 8e9},
                         "sum_received": {"bytes": 1000000000, "bits_per_second": 4e9}}}
                """, 2e9);

        assertThat(result.gigabits()).isCloseTo(4, within(1e-9));
        assertThat(result.retransmits()).isEqualTo(3);
        assertThat(result.cpuNanosPerByte()).isCloseTo(2, within(1e-9));
    }

    @Test
    void saysWhatIperfSays() {
        Assertions.assertThatThrownBy(() -> Iperf.parse("{\"error\": \"unable to connect\"}", 1))
                .isInstanceOf(LabException.class)
                .hasMessageContaining("unable to connect");
    }
}
