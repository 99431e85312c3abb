package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigWriter;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Thousands of tunnels: what a check, a start and one more tunnel cost. {@code -Dculvert.tunnels=10000} for as many as are
 * promised; the bounds are those of 10,000 tunnels on an idle machine, so only what grows faster than the number fails.
 */
@Tag("perf")
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ManyTunnelsIT {

    private static final int TUNNELS = Integer.getInteger("culvert.tunnels", 1_000);
    private static final int ADDED = 15;

    @Test
    void checksLoadsAndGrowsInTime() throws Exception {
        try (Lab lab = Lab.twoHosts()) {
            String toml = toml(lab.left());
            Path file = Files.writeString(lab.left().directory().resolve("many.toml"), toml);
            long start = System.nanoTime();
            assertThat(ConfigLoader.load(file, null, Map.of()).problems()).isEmpty();
            Duration check = since(start);

            start = System.nanoTime();
            LabGateway gateway =
                    LabGateway.on(lab.left()).jvmFlags("-Xmx256m").text(toml).launch();
            gateway.process().awaitOutput("^ready$", Duration.ofSeconds(120));
            Duration load = since(start);
            long[] adds = new long[ADDED];
            for (int i = 0; i < ADDED; i++) {
                start = System.nanoTime();
                gateway.add(tunnel(TUNNELS + i, lab.left()));
                adds[i] = since(start).toMillis();
            }
            Arrays.sort(adds);
            System.out.printf(
                    "%d tunnels: check %d ms, load %d ms, one more %d ms (median), %d ms (worst)%n",
                    TUNNELS, check.toMillis(), load.toMillis(), adds[ADDED / 2], adds[ADDED - 1]);

            assertThat(check).isLessThan(Duration.ofSeconds(2));
            assertThat(load).isLessThan(Duration.ofSeconds(20));
            assertThat(adds[ADDED / 2]).isLessThan(50);
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static String toml(Host host) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        ArrayNode tunnels = tree.putArray("tunnel");
        for (int i = 0; i < TUNNELS; i++) {
            tunnels.add(TunnelSpecCodec.encode(tunnel(i, host)));
        }
        return ConfigWriter.toToml(tree);
    }

    private static TunnelSpec tunnel(int number, Host host) {
        try {
            byte[] remote = {(byte) 198, (byte) (18 + (number >> 16)), (byte) (number >> 8), (byte) number};
            return TunnelSpec.builder("t" + number, Mode.GRE)
                    .local(host.address())
                    .remote(InetAddress.getByAddress(remote))
                    .key(number)
                    .build();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
