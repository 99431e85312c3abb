package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.ControlException;
import io.culvert.control.ControlServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the time to start against that of a JVM which does nothing, both in processor time: the machine may be busy. */
class StartUpTest {

    private static final int RUNS = 8;
    private static final Pattern TIME = Pattern.compile("(\\d+)m([0-9.]+)s");

    /** Measured are 4; through picocli, or with a cache that does not fit, it is 10 to 20. */
    private static final double MOST_JVM_STARTS = 6;

    @TempDir
    private Path directory;

    private ControlServer server;

    @BeforeEach
    void install() throws IOException, ControlException, InterruptedException {
        Path home = Files.createDirectories(directory.resolve("home"));
        InstalledCulvert.install(home);
        FakeGateway gateway = new FakeGateway();
        server = ControlServer.start(directory.resolve("control.sock"), gateway);
        shell(". '" + home + "/launcher/start.sh'; . '" + home + "/launcher/build.sh'; make_cache '" + home + "'");
        assertThat(home.resolve("run.aot")).exists();
        assertThat(home.resolve("plain.aot")).exists();
        assertThat(home.resolve("others.aot")).exists();
        culvert("tunnel add gre1 mode gre local 192.0.2.1 remote 192.0.2.2");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String shell(String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true);
        builder.environment().keySet().removeIf(key -> key.startsWith("CULVERT_") || key.equals("JAVA_TOOL_OPTIONS"));
        builder.environment()
                .putAll(Map.of(
                        "CULVERT_HOME",
                        directory.resolve("home").toString(),
                        "CULVERT_SOCKET",
                        directory.resolve("control.sock").toString(),
                        "JAVA_HOME",
                        System.getProperty("java.home")));
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }

    private String culvert(String line) throws IOException, InterruptedException {
        return shell("'" + InstalledCulvert.LAUNCHER + "' " + line);
    }

    /** Processor time that a command takes, in seconds. */
    private double cost(String command) throws IOException, InterruptedException {
        String out = shell("i=0; while [ $i -lt " + RUNS + " ]; do " + command
                + " >/dev/null 2>&1 || exit 1; i=$((i + 1)); done; times");
        return TIME.matcher(out)
                        .results()
                        .skip(2)
                        .mapToDouble(StartUpTest::seconds)
                        .sum()
                / RUNS;
    }

    private static double seconds(MatchResult time) {
        return 60 * Integer.parseInt(time.group(1)) + Double.parseDouble(time.group(2));
    }

    @ParameterizedTest
    @CsvSource({"tunnel show, gre1: gre/ip remote 192.0.2.2 local 192.0.2.1", "show, tunnel: gre1"})
    void startsFast(String command, String shown) throws Exception {
        assertThat(culvert(command)).contains(shown);

        double nothing = cost("\"$JAVA_HOME/bin/java\" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -version");
        double show = cost("'" + InstalledCulvert.LAUNCHER + "' " + command);

        assertThat(show).isBetween(nothing / 2, nothing * MOST_JVM_STARTS);
    }
}
