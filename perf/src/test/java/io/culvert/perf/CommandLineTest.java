package io.culvert.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole command line with what this module adds to it: one option named twice would end every command. */
class CommandLineTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"help", "help bench", "bench --help", "bench micro --help", "demo --help", "run -h", "--version"
            })
    void startsWithItsExtensions(String line) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.culvert.cli.Main");
        builder.command().addAll(List.of(line.split(" ")));
        Process process = builder.redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(out).isZero();
        assertThat(out).contains(line.equals("help") ? "bench" : "culvert").doesNotContain("Exception", "WARN");
    }
}
