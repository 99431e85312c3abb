package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigLoader;
import io.culvert.config.ConfigSource;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParseResult;

class PlainCommandLineTest {

    private static final Context CONTEXT = new Context(System.out, System.err, Map.of(), PlainCommandLineTest::run);

    private static int run(ConfigSource source, ConfigLoader.Loaded loaded, PrintStream out, PrintStream err) {
        throw new AssertionError("nothing runs here");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tunnel",
                "tunl show gre1",
                "-j -p tunnel show",
                "tunnel show -s -s",
                "tunnel -o show --socket /s gre1",
                "-f inet6 tunnel add x mode gre key 7",
                "-4 -6 tunnel",
                "show",
                "show tunnel",
                "-br show gre1 mtu --socket /s"
            })
    void readsPlainCommandLines(String line) {
        assertThat(PlainCommandLine.read(line.split(" "))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-j",
                "show gre1 mtu x",
                "show --config",
                "-c show",
                "help tunnel",
                "tunnel --help",
                "tunnel add -x",
                "tunn show",
                "-js tunnel",
                "-j -j tunnel",
                "--socket=/s tunnel",
                "--socket",
                "tunnel --socket",
                "tunnel -f -j",
                "--socket show tunnel",
                "-f inet -f inet6 tunnel",
                "-c tunnel show",
                "-V tunnel",
                "-- tunnel"
            })
    void leavesTheRestToPicocli(String line) {
        assertThat(PlainCommandLine.read(line.split(" "))).isNull();
    }

    /** Whatever it takes, it understands as picocli does. */
    @Test
    void understandsWhatPicocliUnderstands() {
        List<String> vocabulary = List.of(
                "tunnel",
                "tunl",
                "show",
                "add",
                "gre1",
                "key",
                "7",
                "",
                "-j",
                "-json",
                "-p",
                "--pretty",
                "-s",
                "-stats",
                "-d",
                "-o",
                "-br",
                "-4",
                "-6",
                "-f",
                "inet",
                "inet6",
                "--socket",
                "/s",
                "-socket");
        SplittableRandom random = new SplittableRandom(7);
        int taken = 0;
        for (int round = 0; round < 1_500; round++) {
            List<String> args = new ArrayList<>();
            String command = random.nextBoolean() ? "tunnel" : "show";
            int commandAt = random.nextInt(4);
            for (int i = random.nextInt(8); i >= 0; i--) {
                args.add(args.size() == commandAt ? command : vocabulary.get(random.nextInt(vocabulary.size())));
            }
            PlainCommandLine line = PlainCommandLine.read(args.toArray(new String[0]));
            if (line != null) {
                taken++;
                assertAgrees(line, args);
            }
        }
        assertThat(taken).isGreaterThan(100);
    }

    private static void assertAgrees(PlainCommandLine line, List<String> args) {
        ParseResult parsed =
                Commands.of(CONTEXT).parseArgs(args.toArray(new String[0])).subcommand();
        String name = line.command().equals("tunl") ? "tunnel" : line.command();
        assertThat(parsed.commandSpec().name()).as(args.toString()).isEqualTo(name);
        Object command = parsed.commandSpec().userObject();
        assertThat(line.words())
                .as(args.toString())
                .isEqualTo(command instanceof TunnelCommand tunnel ? tunnel.words() : ((ShowCommand) command).words());
        CulvertCommand culvert = (CulvertCommand) parsed.commandSpec().root().userObject();
        assertThat(line.options())
                .as(args.toString())
                .extracting(PlainCommandLineTest::values)
                .isEqualTo(values(culvert.options()));
    }

    private static List<Object> values(GlobalOptions options) {
        return Arrays.asList(
                options.json(),
                options.pretty(),
                options.statistics(),
                options.details(),
                options.oneLine(),
                options.brief(),
                options.ipv6(),
                options.socket());
    }
}
