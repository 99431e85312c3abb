package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigLoader;
import io.culvert.config.GatewayConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlSocketPathTest {

    @TempDir
    private Path directory;

    @Test
    void optionGoesBeforeEnvironmentBeforeFileBeforeDefault() throws IOException {
        Path file = file("[gateway]\ncontrol-socket = \"/run/c\"\n");
        Map<String, String> both = Map.of("CULVERT_SOCKET", "/run/b", "CULVERT_CONFIG", file.toString());

        assertThat(ControlSocketPath.resolve(Path.of("/run/a"), both)).isEqualTo(Path.of("/run/a"));
        assertThat(ControlSocketPath.resolve(null, both)).isEqualTo(Path.of("/run/b"));
        assertThat(ofFile(file)).isEqualTo(Path.of("/run/c"));
        assertThat(ofFile(directory.resolve("absent.toml"))).isEqualTo(GatewayConfig.DEFAULT_CONTROL_SOCKET);
    }

    /** However a file names its socket, a command finds it where the gateway that reads all of the file listens. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[gateway]\n",
                "[gateway]\ncontrol-socket = \"/run/x\"",
                "[gateway]\r\n\tcontrol-socket=\"/run/x\" # here\r\n",
                "[gateway]\ncontrol-socket = '/run/x'\n",
                "[gateway]\n\"control-socket\" = \"/run/x\"\n",
                "[gateway]\ncontrol-socket = \"/run/\\u0078\"\n",
                "[gateway]\n# control-socket = \"/run/x\"\n",
                "[gateway]\n# control-socket = \"/run/x\"\ncontrol-socket = \"/run/y\"\n",
                "gateway.control-socket = \"/run/x\"\n",
                "gateway = { control-socket = \"/run/x\" }\n",
                "[gateway]\ncontrol-socket = 7\n"
            })
    void readsAsTheGatewayDoes(String text) throws IOException {
        Path file = file(text);

        assertThat(ofFile(file))
                .isEqualTo(ConfigLoader.load(file, null, Map.of()).config().controlSocket());
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("culvert.toml"), text);
    }

    private static Path ofFile(Path file) {
        return ControlSocketPath.resolve(null, Map.of("CULVERT_CONFIG", file.toString()));
    }
}
