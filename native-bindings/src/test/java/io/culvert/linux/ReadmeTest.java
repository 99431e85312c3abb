package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.tun.TunDevice;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Takes the example out of the README, and runs it as the README says. */
@RequiresRoot
class ReadmeTest {

    @Test
    void exampleAnswersPings(@TempDir Path directory) throws IOException, URISyntaxException, InterruptedException {
        String readme = Files.readString(Path.of("README.md"));
        String example = readme.substring(readme.indexOf("```java\n") + 8);
        Path source = directory.resolve("AnswerPings.java");
        Files.writeString(source, example.substring(0, example.indexOf("```")));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Path classes = Path.of(TunDevice.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());

        try (TestNamespace namespace = TestNamespace.create()) {
            Process running = new ProcessBuilder(
                            "ip",
                            "netns",
                            "exec",
                            namespace.name(),
                            java,
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            classes.toString(),
                            source.toString(),
                            "pong0")
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader output = running.inputReader()) {
                assertThat(output.readLine()).isEqualTo("pong0 is there");
                namespace.ip("link", "set", "pong0", "up");
                namespace.ip("address", "add", "192.0.2.1/24", "dev", "pong0");

                assertThat(namespace.exec("ping", "-c", "2", "-i", "0.2", "-W", "10", "192.0.2.77"))
                        .contains("2 packets transmitted, 2 received, 0% packet loss");
            } finally {
                running.destroy();
                running.waitFor();
            }
        }
    }
}
