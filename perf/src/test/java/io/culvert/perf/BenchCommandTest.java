package io.culvert.perf;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.perf.report.Spread;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void printsTableAndWritesJson(@TempDir Path directory) throws IOException {
        Path json = directory.resolve("micro.json");

        assertThat(bench(
                        "micro",
                        "--quick",
                        "validate.NEXTslot",
                        "--jvm",
                        "-Dagrona.disable.bounds.checks=true",
                        "--results",
                        json.toString()))
                .as(err.toString())
                .isZero();

        assertThat(out.toString())
                .containsPattern("Linux .*; JDK 25")
                .containsPattern("(?m)^Validate.nextSlot +\\d+\\.\\d +\\d+\\.\\d +\\d+\\.\\d +0\\.0$");
        assertThat(err.toString()).contains("1 Validate.nextSlot");
        assertThat(Files.readString(json))
                .contains("io.culvert.perf.micro.ValidateBenchmark.nextSlot")
                .contains("--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED", "-Dagrona.disable.bounds.checks=true");
    }

    @Test
    void refusesFilterThatMatchesNothing() {
        assertThat(bench("micro", "--quick", "nosuchthing")).isEqualTo(1);
        assertThat(err.toString()).contains("no benchmark matches \"nosuchthing\"");
    }

    @Test
    void refusesFilterThatIsNoRegularExpression() {
        assertThat(bench("micro", "(")).isEqualTo(1);
        assertThat(err.toString()).contains("\"(\" is not a regular expression");
    }

    @Test
    void refusesJsonFileThatCannotBeWrittenBeforeItMeasures(@TempDir Path directory) {
        Path json = directory.resolve("missing").resolve("micro.json");
        assertThat(bench("micro", "--results", json.toString())).isEqualTo(1);
        assertThat(err.toString()).contains(json.toString());
        assertThat(err.toString()).doesNotContain("Checksum");
    }

    @Test
    void saysWhatCanBeMeasured() {
        assertThat(bench()).isEqualTo(1);
        assertThat(err.toString()).contains("micro");
    }

    @Test
    void takesMiddleOfTheMeans() {
        assertThat(Spread.median(new double[] {1, 2, 9})).isEqualTo(2);
        assertThat(Spread.median(new double[] {1, 2, 4, 9})).isEqualTo(3);
    }

    private int bench(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
