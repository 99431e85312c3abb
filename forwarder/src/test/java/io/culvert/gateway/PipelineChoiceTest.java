package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Datapath;
import io.culvert.config.GatewayConfig.Idle;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.GatewayConfig.Preset;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PipelineChoiceTest {

    private static final TunnelSpec IPIP =
            TunnelSpec.builder("ipip1", Mode.IPIP).build();
    private static final TunnelSpec CSUM =
            TunnelSpec.builder("gre1", Mode.GRE).csum(true).build();
    private static final TunnelSpec VTI = TunnelSpec.builder("vti1", Mode.VTI).build();

    private static Datapath datapath(Pipeline pipeline, int cpus) {
        return new Datapath(
                Preset.BALANCED,
                Lane.AUTO,
                pipeline,
                2,
                IntStream.range(0, cpus).boxed().toList(),
                Idle.SLEEP,
                50,
                64);
    }

    private static PipelineChoice auto(int processors, TunnelSpec... tunnels) {
        return PipelineChoice.make(datapath(Pipeline.AUTO, 0), List.of(tunnels), processors);
    }

    @Test
    void isFusedOnFewProcessorsWhateverTheWork() {
        assertThat(auto(1, VTI, CSUM))
                .isEqualTo(new PipelineChoice(false, "1 processor, and staged gains with 4 or more"));
        assertThat(auto(3, VTI)).isEqualTo(new PipelineChoice(false, "3 processors, and staged gains with 4 or more"));
    }

    @Test
    void isStagedWhereThereAreProcessorsAndWork() {
        assertThat(auto(4, IPIP, VTI)).isEqualTo(new PipelineChoice(true, "4 processors, and tunnel vti1 encrypts"));
        assertThat(auto(8, CSUM)).isEqualTo(new PipelineChoice(true, "8 processors, and tunnel gre1 has checksums"));
    }

    @Test
    void isFusedWhereWorkersWouldHaveNothingToDo() {
        assertThat(auto(64, IPIP))
                .isEqualTo(new PipelineChoice(
                        false, "64 processors, but no tunnel at start encrypts or has checksums: nothing to spread"));
        assertThat(auto(64).isStaged()).isFalse();
    }

    @Test
    void countsTheProcessorsThatThreadsArePinnedTo() {
        PipelineChoice choice = PipelineChoice.make(datapath(Pipeline.AUTO, 2), List.of(VTI), 8);

        assertThat(choice).isEqualTo(new PipelineChoice(false, "2 processors, and staged gains with 4 or more"));
    }

    @Test
    void doesAsItIsTold() {
        assertThat(PipelineChoice.make(datapath(Pipeline.STAGED, 0), List.of(), 1))
                .isEqualTo(new PipelineChoice(true, "configured"));
        assertThat(PipelineChoice.make(datapath(Pipeline.FUSED, 0), List.of(VTI), 64))
                .isEqualTo(new PipelineChoice(false, "configured"));
    }
}
