package io.culvert.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.lab.Culvert;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C at a benchmark, by the real command and the real signal: what was measured stays, and nothing else does. */
@Timeout(value = 400, unit = TimeUnit.SECONDS)
class InterruptIT {

    private static final Duration PATIENCE = Duration.ofSeconds(180);

    /** 128 and the number of SIGINT, as a shell reports a program that Ctrl-C has ended. */
    private static final int INTERRUPTED = 130;

    @TempDir
    private Path directory;

    /** The line of progress after which it is interrupted, and what must have been printed. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        compare --rounds=99 --seconds=1 --tcp-only --mode=wire --peers=plain,culvert-ipip-super | round 1/99: culvert-ipip-super: \\d | (?s)interrupted.*culvert-ipip-super +(?!0[.]00 )[0-9]
        throughput --seconds=1 --trial=1 | TCP, flows: 1: | culvert-ipip-super +1 there
        latency --seconds=1 --peers=plain | 1000pps: p50 | plain +1000pps
        tune --rounds=99 --seconds=1 | round 1/99: defaults: \\d | (?s)# defaults +\\d.*\\[datapath]
        """)
    void keepsWhatWasMeasured(String command, String progress, String printed) throws Exception {
        Process bench = start(command);
        awaitProgress(bench, progress);

        assertThat(output(bench)).containsPattern(printed);
    }

    /** Whenever it comes: while the hosts are made, while gateways start, while packets flow. */
    @Test
    void leavesNothingBehindWheneverItComes() throws Exception {
        for (int millis : new int[] {700, 1000, 1300, 1600, 2000, 2500, 3500}) {
            Process bench = start("compare --seconds=1 --tcp-only --mode=wire --peers=plain,culvert-ipip-super");
            Thread.sleep(millis);

            output(bench);
        }
    }

    private Process start(String command) throws IOException {
        return new ProcessBuilder(Culvert.command(("bench " + command).split(" ")))
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile())
                .start();
    }

    private void awaitProgress(Process bench, String progress) {
        Pattern pattern = Pattern.compile(progress);
        await().atMost(PATIENCE)
                .until(() -> !bench.isAlive()
                        || pattern.matcher(Files.readString(directory.resolve("err")))
                                .find());
    }

    /** Interrupts it, and returns what it printed once it and all that it started are gone. */
    private String output(Process bench) throws Exception {
        List<ProcessHandle> started = bench.descendants().toList();
        assertThat(bench.isAlive())
                .as(Files.readString(directory.resolve("err")))
                .isTrue();
        new ProcessBuilder("kill", "-INT", Long.toString(bench.pid())).start().waitFor();
        assertThat(bench.waitFor(90, TimeUnit.SECONDS)).as("ends within 90 s").isTrue();

        assertThat(bench.exitValue()).isEqualTo(INTERRUPTED);
        assertThat(namespaces(bench.pid())).isEmpty();
        await().atMost(Duration.ofSeconds(30)).until(() -> started.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(Files.readString(directory.resolve("err"))).doesNotContain("Exception");
        return Files.readString(directory.resolve("out"));
    }

    private static List<String> namespaces(long pid) {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(Path.of("/run/netns"))) {
            try (DirectoryStream<Path> entries =
                    Files.newDirectoryStream(Path.of("/run/netns"), "culvert-" + pid + "-*")) {
                entries.forEach(entry -> names.add(entry.getFileName().toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return names;
    }
}
