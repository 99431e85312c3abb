package io.culvert.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Datapath;
import io.culvert.config.GatewayConfig.Idle;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.config.GatewayConfig.Preset;
import io.culvert.testing.SeededCases;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWriterTest {

    @TempDir
    private Path directory;

    @Test
    void writesWhatLoadsBackToTheSame() {
        SeededCases.check(300, random -> {
            GatewayConfig config = config(random);

            ConfigLoader.Loaded loaded = load(ConfigWriter.toToml(ConfigWriter.tree(config)));

            assertThat(loaded.problems()).isEmpty();
            assertThat(loaded.config()).isEqualTo(config);
        });
    }

    private ConfigLoader.Loaded load(String toml) {
        try {
            return ConfigLoader.load(Files.writeString(directory.resolve("culvert.toml"), toml), null, Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GatewayConfig config(SplittableRandom random) {
        List<TunnelSpec> tunnels = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            tunnels.add(tunnel(random, i));
        }
        Datapath datapath = new Datapath(
                one(random, Preset.values()),
                one(random, Lane.values()),
                one(random, Pipeline.values()),
                1 + random.nextInt(64),
                random.nextBoolean() ? List.of() : List.of(random.nextInt(64), 64),
                one(random, Idle.values()),
                1 + random.nextInt(1_000_000),
                1 + random.nextInt(256));
        return new GatewayConfig(
                Path.of("/run/a \"b\"\\c\u0001\u007f\u00fc"),
                random.nextBoolean() ? null : Path.of("/run/look.sock"),
                random.nextBoolean() ? null : "127.0.0.1:9477",
                datapath,
                tunnels);
    }

    private static TunnelSpec tunnel(SplittableRandom random, int number) {
        boolean isGre = random.nextBoolean();
        TunnelSpecBuilder tunnel = TunnelSpec.builder("t\"\\'#" + number, isGre ? Mode.GRE : Mode.IPIP)
                .remote(address(random, number))
                .pmtudisc(random.nextBoolean())
                .tos(random.nextInt(256))
                .mtu(random.nextBoolean() ? 0 : 68 + random.nextInt(9000));
        if (random.nextBoolean()) {
            tunnel.pmtudisc(true).ttl(1 + random.nextInt(255)).dev("eth0").local(address(random, 200 + number));
        }
        if (isGre) {
            tunnel.iseq(random.nextBoolean()).oseq(random.nextBoolean());
            tunnel.icsum(random.nextBoolean()).ocsum(random.nextBoolean());
            tunnel.ikey(random.nextBoolean() ? null : random.nextInt());
            tunnel.okey(random.nextBoolean() ? null : random.nextInt());
        }
        return tunnel.addresses(prefixes("192.0.2.1/30", "2001:db8::1/64").subList(0, random.nextInt(3)))
                .routes(prefixes("198.51.100.0/24", "::/0").subList(0, random.nextInt(3)))
                .innerSource(prefixes("10.0.0.0/8").subList(0, random.nextInt(2)))
                .build();
    }

    private static InetAddress address(SplittableRandom random, int last) {
        try {
            return InetAddress.getByAddress(new byte[] {100, (byte) random.nextInt(256), 7, (byte) last});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Prefix> prefixes(String... texts) {
        return List.of(texts).stream().map(Prefix::parse).toList();
    }

    private static <T> T one(SplittableRandom random, T[] values) {
        return values[random.nextInt(values.length)];
    }
}
