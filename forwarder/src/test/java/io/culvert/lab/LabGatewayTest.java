package io.culvert.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigLoader;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabGatewayTest {

    @TempDir
    Path directory;

    @Test
    void writesAFileThatMeansTheSame() throws IOException {
        TunnelSpec ipip = TunnelSpec.builder("ipip1", Mode.IPIP)
                .local(InetAddress.ofLiteral("203.0.113.1"))
                .remote(InetAddress.ofLiteral("203.0.113.2"))
                .addresses(List.of(Prefix.parse("192.0.2.1/30")))
                .build();
        TunnelSpec gre = TunnelSpec.builder("gre1", Mode.GRE)
                .remote(InetAddress.ofLiteral("203.0.113.2"))
                .ttl(64)
                .tos(0x11)
                .ikey(-1)
                .okey(7)
                .csum(true)
                .iseq(true)
                .mtu(1400)
                .build();
        Path file = directory.resolve("culvert.toml");
        Files.writeString(file, LabGateway.toml(Lane.RAW, Pipeline.STAGED, List.of(ipip, gre)));

        ConfigLoader.Loaded loaded = ConfigLoader.load(file, null, Map.of());

        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.config().tunnels()).containsExactly(ipip, gre);
        assertThat(loaded.config().datapath().lane()).isEqualTo(Lane.RAW);
        assertThat(loaded.config().datapath().pipeline()).isEqualTo(Pipeline.STAGED);
    }
}
