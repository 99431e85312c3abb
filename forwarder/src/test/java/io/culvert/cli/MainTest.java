package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig;
import io.culvert.control.ControlException;
import io.culvert.control.ControlServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MainTest {

    @TempDir
    private Path directory;

    private final Map<String, String> environment = new HashMap<>();
    private final FakeGateway gateway = new FakeGateway();
    private final AtomicReference<@Nullable GatewayConfig> ran = new AtomicReference<>();
    private @Nullable ControlServer server;
    private Path socket;

    private record Result(int exit, String out, String err) {}

    @BeforeEach
    void hideTheMachinesOwnFiles() {
        socket = directory.resolve("control.sock");
        environment.put("CULVERT_CONFIG", directory.resolve("culvert.toml").toString());
        environment.put("CULVERT_SOCKET", socket.toString());
    }

    private void startGateway() throws ControlException {
        server = ControlServer.start(socket, gateway);
    }

    @AfterEach
    void stopGateway() {
        if (server != null) {
            server.close();
        }
    }

    private Result run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        GatewayRunner runner = (source, loaded, stdout, stderr) -> {
            ran.set(loaded.config());
            stdout.println("ready");
            return 4;
        };
        Context context = new Context(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                runner);
        int exit = Main.run(context, args);
        return new Result(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private Result runLine(String line) {
        return run(line.split(" "));
    }

    private String write(String text) throws IOException {
        return Files.writeString(directory.resolve("culvert.toml"), text).toString();
    }

    @Test
    void runsTheGatewayWithItsFile() throws IOException {
        environment.remove("CULVERT_SOCKET");
        String file = write("[gateway]\ncontrol-socket = \"/run/a.sock\"\n[datapath]\nlane = \"raw\"\n");

        Result result = run("run", "-c", file);

        assertThat(result).isEqualTo(new Result(4, "ready\n", ""));
        assertThat(ran.get().controlSocket()).isEqualTo(Path.of("/run/a.sock"));
        assertThat(ran.get().datapath().lane()).isEqualTo(GatewayConfig.Lane.RAW);
    }

    @Test
    void letsOptionWinOverEnvironmentOverFile() throws IOException {
        write("[gateway]\ncontrol-socket = \"/run/file.sock\"\n");

        runLine("run");
        assertThat(ran.get().controlSocket()).isEqualTo(socket);
        runLine("--socket /run/option.sock run");
        assertThat(ran.get().controlSocket()).isEqualTo(Path.of("/run/option.sock"));
        runLine("run --socket=/run/after.sock");
        assertThat(ran.get().controlSocket()).isEqualTo(Path.of("/run/after.sock"));
        environment.remove("CULVERT_SOCKET");
        runLine("run");
        assertThat(ran.get().controlSocket()).isEqualTo(Path.of("/run/file.sock"));
        assertThat(runLine("show").err()).contains("no gateway runs on /run/file.sock:");
    }

    @Test
    void runsNoGatewayWithAFileThatIsWrong() throws IOException {
        String file = write("[datapath]\nlane = \"fast\"\nworkers = 0\n");

        Result result = run("run", "-c", file);

        assertThat(ran.get()).isNull();
        assertThat(result)
                .isEqualTo(new Result(
                        3,
                        "",
                        file + ":2:8: \"fast\" is not a lane\n  hint: use auto, super, split, raw\n" + file
                                + ":3:11: 0 is not a number of workers\n  hint: use 1 to 64\n"));
    }

    @Test
    void checksAFile() throws IOException {
        String file = write("[datapth]\n");

        assertThat(run("check", "-c", file))
                .isEqualTo(new Result(
                        3, file + ":1:2: unknown section \"datapth\"\n  hint: did you mean \"datapath\"?\n", ""));
        assertThat(run("-j", "check", "--config", file).out())
                .isEqualTo("{\"schema\":1,\"problems\":[{\"file\":\"" + file
                        + "\",\"line\":1,\"column\":2,\"message\":\"unknown"
                        + " section \\\"datapth\\\"\",\"hint\":\"did"
                        + " you mean \\\"datapath\\\"?\"}]}\n");
        write("");
        Result valid = runLine("check");
        assertThat(valid.exit()).isZero();
        assertThat(valid.out())
                .startsWith(file + ": no problems, 0 tunnels\n[datapath]\npreset = \"balanced\"  # default\n");
        assertThat(runLine("check --preset throughput --busy-poll 70").out())
                .contains(
                        "preset = \"throughput\"  # --preset\n",
                        "busy-poll = 70  # --busy-poll\n",
                        "batch = 256  # preset throughput\n");
        assertThat(runLine("check --batch 0").out())
                .isEqualTo("--batch: 0 is not a number of packets\n  hint: use 1 to 256\n");
        assertThat(run("check", "-c", "/nonexistent/c.toml"))
                .isEqualTo(new Result(
                        3,
                        "/nonexistent/c.toml: no such file or directory\n"
                                + "  hint: make the file, or name another with -c FILE\n",
                        ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"show", "stats", "drops", "stop", "tunnel", "tunl show", "tunnel add gre1 remote 192.0.2.2", "-s"
            })
    void saysThatNoGatewayRuns(String line) {
        assertThat(runLine(line))
                .isEqualTo(new Result(
                        5, "", "culvert: no gateway runs on " + socket + ": start one with `culvert run`\n"));
        assertThat(run().exit()).as("culvert alone").isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "show a b c",
                "run -x",
                "run -c",
                "check stray",
                "--socket",
                "--color=mauve show",
                "version stray",
            })
    void refusesAWrongCommandLineWithOne(String line) {
        Result result = runLine(line);

        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("culvert: ").doesNotContain("Exception");
    }

    @Test
    void addsChangesShowsAndDeletesATunnel() throws ControlException {
        startGateway();

        assertThat(runLine("tunnel add gre1 local 192.0.2.1 remote 192.0.2.2 key 0.0.0.7 ttl 64 seq"))
                .isEqualTo(new Result(0, "", ""));
        assertThat(runLine("tunl change gre1 ttl 9 csum")).isEqualTo(new Result(0, "", ""));
        assertThat(runLine("tunnel")).isEqualTo(new Result(0, """
            gre1: gre/ip remote 192.0.2.2 local 192.0.2.1 ttl 9 key 7
              Drop packets out of sequence.
              Checksum in received packet is required.
              Sequence packets on output.
              Checksum output packets.
            """, ""));
        assertThat(runLine("tunnel del gre1")).isEqualTo(new Result(0, "", ""));
        assertThat(gateway.commands())
                .containsExactly(
                        "tunnel-add"
                                + " {\"name\":\"gre1\",\"mode\":\"gre\",\"local\":\"192.0.2.1\",\"remote\":\"192.0.2.2\","
                                + "\"ttl\":64,\"key\":7,\"seq\":true,\"pmtudisc\":true}",
                        "tunnel-change"
                                + " {\"name\":\"gre1\",\"mode\":\"gre\",\"local\":\"192.0.2.1\",\"remote\":\"192.0.2.2\","
                                + "\"ttl\":9,\"key\":7,\"seq\":true,\"csum\":true,\"pmtudisc\":true}",
                        "tunnel-del {\"name\":\"gre1\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-o -s tunnel show",
                "-oneline -statistics tunl",
                "tunnel show -o -s",
                "tunnel -s show -o",
                "-os tunnel list",
                "-o tunnel -s",
            })
    void takesOptionsBeforeAndAfterTheCommand(String line) throws ControlException {
        startGateway();
        runLine("tunnel add gre1 remote 192.0.2.2");

        assertThat(runLine(line).out())
                .startsWith("gre1: gre/ip remote 192.0.2.2 local any ttl inherit\\RX: Packets ")
                .hasLineCount(1);
    }

    @Test
    void letsTunnelArgumentsLookLikeOptions() throws ControlException {
        startGateway();

        assertThat(runLine("tunnel add gre1 remote 192.0.2.2 ttl -1").err())
                .isEqualTo("Error: argument \"-1\" is wrong: invalid TTL\n\n");
        assertThat(runLine("tunnel add --odd=name mode gre remote 192.0.2.2").exit())
                .isZero();
        assertThat(gateway.commands())
                .last()
                .satisfies(command -> assertThat(command).contains("--odd=name"));
        assertThat(run("tunnel", "add", "").err())
                .isEqualTo("Error: argument \"\" is wrong: \"name\" not a valid ifname\n");
    }

    @Test
    void keepsIpTunnelsExitStatus() {
        assertThat(runLine("tunnel add gre1 key abc").exit()).isEqualTo(255);
        assertThat(runLine("tunnel add foo").exit()).isEqualTo(1);
        assertThat(runLine("tunnel help").exit()).isEqualTo(255);
        assertThat(runLine("-6 tunnel nonsense").err())
                .isEqualTo("Command \"nonsense\" is unknown, try \"culvert -f inet6 tunnel help\".\n");
        assertThat(runLine("-f inet6 tunnel nonsense").err()).contains("inet6");
    }

    @Test
    void showsTheGateway() throws ControlException {
        startGateway();
        runLine("tunnel add gre1 local 192.0.2.1 remote 192.0.2.2");

        assertThat(runLine("show")).isEqualTo(new Result(0, """
            gateway: 1.2.3
              uptime: 1 minute, 3 seconds
              lane: split
              pipeline: fused
              tunnels: 1

            tunnel: gre1
              mode: gre
              local: 192.0.2.1
              remote: 192.0.2.2
              ttl: inherit
              pmtudisc: true
              ifindex: 7
              mtu: 1472
              state: up
              encapsulation: 10 packets, 2.00 KiB, 0 dropped
              decapsulation: 1 packet, 100 B, 7 dropped
            """, ""));
        assertThat(run()).as("culvert alone").isEqualTo(runLine("show"));
        assertThat(runLine("show -s").out())
                .contains("  decapsulation drops: csum_bad 3, martian 4\n")
                .contains("  threads: name encap, cpu-seconds 1.234, allocated-bytes 4096\n");
        assertThat(runLine("-br show").out()).isEqualTo("""
            TUNNEL  STATE  MODE  LOCAL      REMOTE      MTU
            gre1    up     gre   192.0.2.1  192.0.2.2  1472
            """);
        assertThat(runLine("show gre1 -o").out())
                .startsWith("gre1 mode gre local 192.0.2.1 ")
                .hasLineCount(1);
        assertThat(runLine("--color=auto show gre1").out()).as("no terminal").startsWith("tunnel: gre1\n");
        assertThat(runLine("--color=always show gre1").out()).startsWith("\u001b[1;32mtunnel\u001b[0m: gre1\n");
    }

    @Test
    void showsOneField() throws ControlException {
        startGateway();
        runLine("tunnel add gre1 remote 192.0.2.2");

        assertThat(runLine("show gre1 mtu").out()).isEqualTo("1472\n");
        assertThat(runLine("show gre1 remote").out()).isEqualTo("192.0.2.2\n");
        assertThat(runLine("show gre1 decapsulation.drops.martian").out()).isEqualTo("4\n");
        assertThat(runLine("show gre1 nothing").exit()).isEqualTo(2);
        assertThat(runLine("show gre9"))
                .isEqualTo(new Result(
                        2, "", "culvert: the gateway has no tunnel \"gre9\": `culvert show -br` lists them\n"));
    }

    @Test
    void putsTheSchemaFirstInEveryJsonAnswer() throws ControlException {
        startGateway();
        runLine("tunnel add gre1 remote 192.0.2.2");

        for (String command : List.of("show", "stats", "drops", "version", "show gre1")) {
            String out = runLine("-j " + command).out();
            assertThat(out).as(command).startsWith("{\"schema\":1,").hasLineCount(1);
            JsonNode pretty =
                    new JsonMapper().readTree(runLine(command + " -j -p").out());
            assertThat(pretty).isEqualTo(new JsonMapper().readTree(out));
        }
    }

    @Test
    void printsCounters() throws ControlException {
        startGateway();
        assertThat(runLine("drops gre1").exit()).isEqualTo(2);
        runLine("tunnel add gre1 remote 192.0.2.2");

        assertThat(runLine("stats").out()).isEqualTo("""
            TUNNEL  DIRECTION  PACKETS  BYTES  ANSWERED  DROPPED
            gre1    encap           10   2048         1        0
            gre1    decap            1    100         0        7

            PATH   RECEIVED  FORWARDED  ANSWERED  DROPPED
            decap        50          1         0       49

            THREAD  CPU-SECONDS  ALLOCATED-BYTES
            encap          1.23             4096
            """);
        assertThat(runLine("drops").out()).isEqualTo("""
            TUNNEL  DIRECTION  REASON     PACKETS  MEANING
            gre1    decap      csum_bad         3  GRE checksum is wrong
            gre1    decap      martian          4  inner source or destination cannot be on a network
            -       decap      no_tunnel       42  no tunnel has these outer addresses
            """);
        assertThat(runLine("-j drops gre1").out())
                .isEqualTo(
                        "{\"schema\":1,\"drops\":[{\"tunnel\":\"gre1\",\"direction\":\"decap\",\"reason\":\"csum_bad\",\"packets\":3},{\"tunnel\":\"gre1\",\"direction\":\"decap\",\"reason\":\"martian\",\"packets\":4}]}\n");
    }

    @Test
    void stopsTheGateway() throws ControlException {
        startGateway();

        assertThat(runLine("stop")).isEqualTo(new Result(0, "", ""));
        assertThat(gateway.commands()).containsExactly("stop {}");
    }

    @Test
    void helps() {
        assertThat(runLine("help").exit()).isZero();
        assertThat(runLine("help").out())
                .contains("Usage: culvert [OPTIONS] COMMAND", "tunnel, tunl", "--socket", "5 no gateway runs");
        assertThat(runLine("run --help").out()).isEqualTo(runLine("help run").out());
        assertThat(runLine("help run").out()).contains("-c, --config=FILE");
        assertThat(runLine("version").out()).matches("culvert \\S+, JDK \\S+, Linux \\S+\n");
        assertThat(runLine("--version")).isEqualTo(runLine("version"));
        assertThat(runLine("vers")).as("unique abbreviation").isEqualTo(runLine("version"));
    }
}
