package io.culvert.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigLoader.Loaded;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {

    private static final String TUNNEL =
            "[[tunnel]]\nname = \"gre1\"\nmode = \"gre\"\nlocal = \"203.0.113.1\"\nremote = \"203.0.113.2\"\n";

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("culvert.toml");
    }

    private Loaded load(String text) throws IOException {
        Files.writeString(file, text);
        return ConfigLoader.load(file, null, Map.of());
    }

    /** The problems, each as one line without the directory. */
    private List<String> problems(Loaded loaded) {
        return Stream.of(loaded.problems())
                .flatMap(List::stream)
                .map(problem -> problem.toString().replace(directory + "/", "").replaceAll("\\R\\s+hint: ", " | "))
                .toList();
    }

    @Test
    void takesAFileWithoutATunnel() throws IOException {
        Loaded loaded = load("# nothing yet\n");

        assertThat(loaded.config()).isEqualTo(GatewayConfig.DEFAULT);
        assertThat(loaded.problems()).isEmpty();
    }

    @Test
    void refusesAUdpPortThatWouldReceiveTwoThings() throws IOException {
        String gre = TUNNEL + "encap = \"fou\"\nencap-dport = 5555\n";
        String ipip = gre.replace("gre", "ipip");
        String guePort = "\"gue\"\nencap-dport = 5556";

        assertThat(problems(load(gre + ipip)))
                .containsExactly("culvert.toml:14:15: UDP port 5555 receives something else for tunnel \"gre1\" at"
                        + " culvert.toml:1 | give each its own encap-dport, or use encap \"gue\" for both");
        assertThat(problems(load(gre + ipip.replace("5555", "5556")))).isEmpty();
        assertThat(problems(load((gre + ipip).replace("\"fou\"\nencap-dport = 5555", guePort))))
                .isEmpty();
    }

    @Test
    void refusesSessionsOfOneL2tpTunnelThatDifferInIt() throws IOException {
        String one = TUNNEL.replace("gre", "l2tp")
                + "tunnel_id = 1\npeer_tunnel_id = 2\nsession_id = 3\npeer_session_id = 4\n";
        String two = one.replace("l2tp1", "l2tp2").replace("session_id = 3", "session_id = 5");

        assertThat(problems(load(one + two))).isEmpty();
        assertThat(problems(load(one + two.replace("peer_tunnel_id = 2", "peer_tunnel_id = 3"))))
                .singleElement()
                .asString()
                .contains("tunnel_id 1 is that of tunnel \"l2tp1\" at culvert.toml:1, which has another peer_tunnel_id,"
                        + " mode, local, remote or encap | give both the same, or another tunnel_id");
    }

    @Test
    void readsEverySection() throws IOException {
        Loaded loaded = load("""
            [gateway]
            control-socket = "/run/other.sock"
            admin = "127.0.0.1:9477"

            [datapath]
            preset = "latency"
            lane = "split"
            pipeline = "staged"
            workers = 3
            cpus = [0, 1]
            idle = "adaptive"
            busy-poll = 30
            batch = 7

            [[tunnel]]
            name = "gre1"
            mode = "gre"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            key = 7
            """);

        assertThat(loaded.problems()).isEmpty();
        GatewayConfig config = loaded.config();
        assertThat(config.controlSocket()).isEqualTo(Path.of("/run/other.sock"));
        assertThat(config.admin()).isEqualTo("127.0.0.1:9477");
        assertThat(config.datapath())
                .isEqualTo(new GatewayConfig.Datapath(
                        GatewayConfig.Preset.LATENCY,
                        GatewayConfig.Lane.SPLIT,
                        GatewayConfig.Pipeline.STAGED,
                        3,
                        List.of(0, 1),
                        GatewayConfig.Idle.ADAPTIVE,
                        30,
                        7));
        assertThat(config.tunnels()).extracting(TunnelSpec::name).containsExactly("gre1");
    }

    @Test
    void findsEveryProblemInOnePass() throws IOException {
        Loaded loaded = load("""
            [gateway]
            control-sock = "/run/x"
            admin = "localhost:80"
            [datapth]
            [datapath]
            preset = "fast"
            lane = "spilt"
            pipeline = 7
            workers = 65
            cpus = [0, -1,
              "2"]
            idle = "nap"
            busy-poll = 0
            batch = 257
            [[tunnel]]
            name = "gre1"
            mode = "grr"
            ttl = inherit
            [[tunnel]]
            name = "gre1"
            mode = "gre"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            routes = ["198.51.100.0/24",
              "198.51.100.1/24"]
            [[tunnel]]
            name = "gre2"
            mode = "gre"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            """);

        assertThat(problems(loaded))
                .containsExactly(
                        "culvert.toml:2:1: unknown key \"control-sock\" in [gateway] | did you mean"
                                + " \"control-socket\"?",
                        "culvert.toml:3:9: \"localhost:80\" is not ADDRESS:PORT"
                                + " | write ADDRESS:PORT, such as 127.0.0.1:9477 or [::1]:9477",
                        "culvert.toml:4:2: unknown section \"datapth\" | did you mean \"datapath\"?",
                        "culvert.toml:6:10: \"fast\" is not a preset | use balanced, throughput, latency",
                        "culvert.toml:7:8: \"spilt\" is not a lane | did you mean \"split\"?",
                        "culvert.toml:8:12: \"pipeline\" must be a string, not an integer",
                        "culvert.toml:9:11: 65 is not a number of workers | use 1 to 64",
                        "culvert.toml:10:12: -1 is not a processor | use numbers from 0 to 1023",
                        "culvert.toml:11:3: \"2\" is not a processor | use numbers from 0 to 1023",
                        "culvert.toml:12:8: \"nap\" is not an idle | use sleep, adaptive, poll",
                        "culvert.toml:13:13: 0 is not a number of microseconds | use 1 to 1000000",
                        "culvert.toml:14:9: 257 is not a number of packets | use 1 to 256",
                        "culvert.toml:17:8: \"grr\" is not a mode | did you mean \"gre\"?",
                        "culvert.toml:18:7: inherit is not a value | write strings in quotes: \"inherit\"",
                        "culvert.toml:20:8: tunnel \"gre1\" is defined already at culvert.toml:16"
                                + " | give it another name",
                        "culvert.toml:25:3: 198.51.100.1/24 has host bits set | clear the bits beyond /24");
    }

    @Test
    void refusesASecondTunnelOfTheSameIdentity() throws IOException {
        Loaded loaded = load(TUNNEL + TUNNEL.replace("gre1", "gre2") + TUNNEL.replace("gre1", "gre3") + "key = 1\n");

        assertThat(problems(loaded))
                .containsExactly(
                        "culvert.toml:6:1: tunnel \"gre2\" has the same mode, local, remote, key and dev as \"gre1\""
                                + " at culvert.toml:1 | received packets could belong to either: change one of these");
        assertThat(loaded.config().tunnels()).extracting(TunnelSpec::name).containsExactly("gre1", "gre3");
    }

    @Test
    void readsTheFilesOfADirectoryByName() throws IOException {
        Path more = Files.createDirectory(directory.resolve("conf.d"));
        Files.writeString(more.resolve("20.toml"), TUNNEL + "[datapath]\nworkers = 4\nlane = \"raw\"\n");
        Files.writeString(
                more.resolve("10.toml"), TUNNEL.replace("gre1", "gre2").replace("203.0.113.2", "203.0.113.3"));
        Files.writeString(more.resolve("ignored.txt"), "]");
        Files.writeString(file, "[datapath]\nworkers = 2\n");

        Loaded loaded = ConfigLoader.load(file, more, Map.of());

        assertThat(problems(loaded))
                .containsExactly(
                        "conf.d/20.toml:7:1: \"workers\" is set already at culvert.toml:2 | keep one of the two");
        assertThat(loaded.config().tunnels()).extracting(TunnelSpec::name).containsExactly("gre2", "gre1");
        assertThat(loaded.config().datapath().lane()).isEqualTo(GatewayConfig.Lane.RAW);
        assertThat(ConfigLoader.load(file, null, Map.of()).config().tunnels())
                .as("conf.d beside a file that is not the default one")
                .isEmpty();
    }

    @Test
    void letsTheEnvironmentOverrideTheFile() throws IOException {
        Files.writeString(file, "[gateway]\ncontrol-socket = \"/run/a\"\n[datapath]\nlane = \"raw\"\nworkers = 2\n");

        Loaded loaded = ConfigLoader.load(
                file,
                null,
                Map.of(
                        "CULVERT_SOCKET",
                        "/run/b",
                        "CULVERT_LANE",
                        "split",
                        "CULVERT_WORKERS",
                        "5",
                        "CULVERT_ADMIN",
                        ""));

        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.config().controlSocket()).isEqualTo(Path.of("/run/b"));
        assertThat(loaded.config().datapath().lane()).isEqualTo(GatewayConfig.Lane.SPLIT);
        assertThat(loaded.config().datapath().workers()).isEqualTo(5);
        assertThat(problems(ConfigLoader.load(file, null, Map.of("CULVERT_PIPELINE", "stage"))))
                .containsExactly("CULVERT_PIPELINE: \"stage\" is not a pipeline | did you mean \"staged\"?");
    }

    @Test
    void namesAFileThatIsNotThere() {
        assertThat(problems(ConfigLoader.load(file, directory.resolve("none"), Map.of())))
                .containsExactly(
                        "culvert.toml: no such file or directory | make the file, or name another with -c FILE",
                        "none: no such file or directory | make the directory, or name another with --conf-d");
    }

    @Test
    void namesAFileThatIsNotText() throws IOException {
        Files.write(file, "name = \"caf\u00e9\"".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(problems(ConfigLoader.load(file, null, Map.of())))
                .containsExactly("culvert.toml: the file is not UTF-8 text | save it as UTF-8");
    }

    @Test
    void namesAPathThatIsADirectory() {
        assertThat(problems(ConfigLoader.load(directory, null, Map.of())))
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("cannot be read"));
    }

    @Test
    void refusesSectionsOfTheWrongShape() throws IOException {
        assertThat(problems(load("gateway = 1\ndatapath = []\n[tunnel]\nname = \"x\"\n")))
                .containsExactly(
                        "culvert.toml:1:1: \"gateway\" must be a section | write [gateway] on a line of its own",
                        "culvert.toml:2:1: \"datapath\" must be a section | write [datapath] on a line of its own",
                        "culvert.toml:3:2: \"tunnel\" must be a list of sections | write [[tunnel]] for each tunnel");
    }

    @Test
    void refusesASocketPathThatTheKernelCannotTake() throws IOException {
        assertThat(problems(load("[gateway]\ncontrol-socket = \"/" + "a".repeat(107) + "\"\n")))
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("107 bytes"));
        assertThat(problems(load("[gateway]\ncontrol-socket = \"run/a\"\n")))
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("not an absolute path"));
    }

    @Test
    void acceptsTheKeysOfTheContractsExample() throws IOException {
        Loaded loaded = load(TUNNEL + """
            dev = "eth0"
            ttl = 64
            tos = "inherit"
            key = 7
            seq = true
            csum = true
            pmtudisc = true
            mtu = 1464
            addresses = ["192.0.2.1/30"]
            routes = ["198.51.100.0/24"]
            encap = "none"
            inner-source = ["192.0.2.0/30"]

            [[tunnel]]
            name = "vti1"
            mode = "vti"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            key = 42
            [[tunnel.sa]]
            direction = "out"
            spi = 0x1001
            aead = "rfc4106(gcm(aes))"
            key-file = "/etc/culvert/keys/vti1-out.key"
            """);

        assertThat(problems(loaded)).isEmpty();
    }

    private static String association(String direction, int spi, String keys) {
        return "[[tunnel.sa]]\ndirection = \"" + direction + "\"\nspi = " + spi + "\naead = \"rfc4106(gcm(aes))\"\n"
                + keys;
    }

    /** With one key for both directions both ends would use the same initialization vectors. */
    @Test
    void refusesAKeyFileThatTwoAssociationsHave() throws IOException {
        String vti = TUNNEL.replace("gre", "vti");
        String key = "key-file = \"/keys/a\"\n";
        String hint = " | give each security association, of each direction, a key of its own";

        assertThat(problems(load(vti + association("out", 4097, key) + association("in", 4098, key))))
                .containsExactly("culvert.toml:11:1: key file /keys/a is used already at culvert.toml:6" + hint);
        assertThat(problems(load(vti
                        + association("out", 4097, key)
                        + vti.replace("vti1", "vti2").replace("113.2", "113.3")
                        + association("out", 4097, key.replace("/keys/a", "/keys/../keys/a")))))
                .containsExactly("culvert.toml:16:1: key file /keys/a is used already at culvert.toml:6" + hint);
    }

    @Test
    void refusesAMarkThatIsNotTheTunnelsKey() throws IOException {
        String vti = TUNNEL.replace("gre", "vti") + "ikey = 7\nokey = 8\n";
        String key = "key-file = \"/keys/a\"\nmark = 7\n";

        assertThat(problems(load(vti + association("in", 4097, key)))).isEmpty();
        assertThat(problems(load(vti + association("out", 4097, key))))
                .containsExactly("culvert.toml:8:1: mark: 7 is not the tunnel's okey | use 8, or leave mark out");
    }
}
