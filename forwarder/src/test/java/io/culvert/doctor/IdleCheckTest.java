package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Datapath;
import io.culvert.config.GatewayConfig.Idle;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.GatewayConfig.Preset;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IdleCheckTest {

    private static Datapath datapath(Idle idle) {
        return new Datapath(Preset.LATENCY, Lane.AUTO, Pipeline.FUSED, 2, List.of(), idle, 1000, 16);
    }

    @Test
    void warnsOfThreadsThatPollWithoutProcessorsForThem() {
        Finding finding = IdleCheck.of(datapath(Idle.POLL), 2);

        assertThat(finding.state()).isEqualTo(Finding.State.WARN);
        assertThat(finding.detail()).contains("may use 2");
        assertThat(finding.remedy()).contains("idle = \"sleep\"");
    }

    @Test
    void findsNothingWrongElse() {
        assertThat(IdleCheck.of(datapath(Idle.POLL), 4)).isEqualTo(Finding.ok("idle", "idle poll"));
        assertThat(IdleCheck.of(datapath(Idle.SLEEP), 1)).isEqualTo(Finding.ok("idle", "idle sleep"));
    }
}
