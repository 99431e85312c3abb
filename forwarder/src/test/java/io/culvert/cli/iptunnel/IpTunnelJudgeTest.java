package io.culvert.cli.iptunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the command line against iproute2's own {@code ip}: output, exit status, and what the kernel is asked. */
class IpTunnelJudgeTest {

    private static final InetAddress LOCAL = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress REMOTE = InetAddress.ofLiteral("192.0.2.2");
    private static final List<TunnelSpec> RUNNING = List.of(
            TunnelSpec.builder("gre1", Mode.GRE)
                    .local(LOCAL)
                    .remote(REMOTE)
                    .key(5)
                    .build(),
            TunnelSpec.builder("t1", Mode.GRE)
                    .local(LOCAL)
                    .remote(InetAddress.ofLiteral("192.0.2.3"))
                    .ikey(1)
                    .okey(-2)
                    .ttl(64)
                    .tos(0x11)
                    .seq(true)
                    .csum(true)
                    .dev("lo")
                    .build(),
            TunnelSpec.builder("x1", Mode.IPIP)
                    .remote(REMOTE)
                    .pmtudisc(false)
                    .tos(0x28)
                    .build());

    @TempDir
    private static Path directory;

    private static IpJudge judge;

    @BeforeAll
    static void compileTheShim() throws IOException, InterruptedException {
        assumeTrue(IpJudge.isAvailable(), "needs iproute2 and gcc: apt-get install iproute2 gcc");
        judge = new IpJudge(directory);
    }

    /** Command lines behind {@code ip tunnel}; a word {@code ''} is an empty one. */
    static Stream<String> commandLines() {
        return Stream.of(
                        // commands
                        "help",
                        "h",
                        "hel",
                        "foo",
                        "''",
                        "showx",
                        "se",
                        "ADD",
                        "addd",
                        "-x",
                        // modes and names
                        "add",
                        "a",
                        "add foo",
                        "add gre1 mode",
                        "add t2 mode foo",
                        "add t2 mode GRE",
                        "add gre1 mode ipip",
                        "add gre9 mode gre mode ipip",
                        "add t9 mode ipip mode vti mode gre",
                        "add ipip9",
                        "add gre9 remote 192.0.2.9 local 192.0.2.8",
                        "ad gre9 remote 192.0.2.9",
                        "add mode gre gre9",
                        "add name gre9 mode gre/ip",
                        "add t9 mode ip/ip",
                        "add mode ipip remote 192.0.2.9",
                        "add mode gre remote 192.0.2.9",
                        "add name",
                        "add name name mode gre",
                        "add name x name y",
                        "add gre9 bar",
                        "add gre9 name bar",
                        "add 1234567890123456 mode gre",
                        "add 123456789012345 mode gre",
                        "add '' mode gre",
                        "add a/b mode gre",
                        "add gre9 help",
                        "add h",
                        "add hel mode gre",
                        "add helpx mode gre",
                        "add d",
                        "add ds",
                        "add dsfield",
                        "add dsfieldx mode gre",
                        "add 'a b' mode gre",
                        // keys
                        "add gre9 key",
                        "add gre9 key 5",
                        "add gre9 key 0",
                        "add gre9 key 0x10",
                        "add gre9 key 010",
                        "add gre9 key 4294967295",
                        "add gre9 key 4294967296",
                        "add gre9 key -1",
                        "add gre9 key +7",
                        "add gre9 key 99999999999999999999999",
                        "add gre9 key -18446744073709551615",
                        "add gre9 key abc",
                        "add gre9 key ''",
                        "add gre9 ikey ''",
                        "add gre9 key 5x",
                        "add gre9 key 08",
                        "add gre9 key 0x",
                        "add gre9 key 1.2.3.4",
                        "add gre9 key 1.2.3",
                        "add gre9 key 1.2",
                        "add gre9 key 1.",
                        "add gre9 key .",
                        "add gre9 key 1.2.3.256",
                        "add gre9 key 1.2.3.4.5",
                        "add gre9 key 0x1.010.3.4",
                        "add gre9 key 1.2.3.x",
                        "add gre9 ikey 1 okey 2",
                        "add gre9 ikey 1",
                        "add gre9 okey 2",
                        "add gre9 ikey 1 ikey 2",
                        "add gre9 key 1 okey 2",
                        "add gre9 okey 2 key 1",
                        "add gre9 okey x",
                        "add ipip9 key 5",
                        "add t9 mode ipip key 5",
                        "add foo key 5",
                        "add ipip9 okey 5",
                        "add sit9 key 5",
                        // flags
                        "add gre9 seq",
                        "add gre9 iseq",
                        "add gre9 oseq csum",
                        "add gre9 icsum",
                        "add gre9 ocsum",
                        "add gre9 seq csum seq",
                        "add gre9 noseq",
                        "add gre9 pmtudisc",
                        "add gre9 nopmtudisc",
                        "add gre9 nopmtudisc pmtudisc ttl 5",
                        "add gre9 ttl 5 nopmtudisc",
                        "add foo ttl 5 nopmtudisc",
                        // addresses
                        "add gre9 remote",
                        "add gre9 remote any",
                        "add gre9 local all",
                        "add gre9 local default",
                        "add gre9 remote ANY",
                        "add gre9 remote x",
                        "add gre9 remote ''",
                        "add gre9 remote ::1",
                        "add gre9 remote 10",
                        "add gre9 remote 10.1",
                        "add gre9 remote 0x0a.0x1.2.3",
                        "add gre9 remote 256.1",
                        "add gre9 remote 1.2.3.4/32",
                        "add gre9 remote example.org",
                        "add gre9 local 1..2",
                        "add gre9 remote 192.0.2.1 remote 192.0.2.9",
                        "add gre9 remote 224.1.1.1",
                        "add gre9 remote 224.1.1.1 local 192.0.2.1",
                        "add gre9 remote 239.0.0.1 local 192.0.2.1 key 7",
                        "add gre9 remote 239.0.0.1 local 192.0.2.1 ikey 7 okey 0",
                        "add foo remote 224.0.0.1",
                        "add gre9 remote 240.0.0.1",
                        // dev
                        "add gre9 dev",
                        "add gre9 dev lo",
                        "add gre9 dev nope",
                        "add gre9 dev ''",
                        "add foo dev nope",
                        "add gre9 dev nope remote 224.1.1.1",
                        "add gre9 key x dev nope",
                        "add ipip9 key 5 dev nope",
                        "add gre9 dev nope dev lo",
                        "add gre9 dev ifx",
                        // ttl
                        "add gre9 ttl",
                        "add gre9 ttl 0",
                        "add gre9 ttl 1",
                        "add gre9 ttl 255",
                        "add gre9 ttl 256",
                        "add gre9 ttl -1",
                        "add gre9 ttl x",
                        "add gre9 ttl ''",
                        "add gre9 ttl 0x40",
                        "add gre9 ttl 010",
                        "add gre9 ttl inherit",
                        "add gre9 ttl 64 ttl inherit",
                        "add gre9 hoplimit 9",
                        "add gre9 hlim 9",
                        "add gre9 hop 9",
                        "add gre9 ttl 64x",
                        // tos
                        "add gre9 tos",
                        "add gre9 tos 10",
                        "add gre9 tos 0x10",
                        "add gre9 tos 11",
                        "add gre9 tos ff",
                        "add gre9 tos 100",
                        "add gre9 tos zz",
                        "add gre9 tos ''",
                        "add gre9 tos -1",
                        "add gre9 tos AF11",
                        "add gre9 tos af11",
                        "add gre9 tos CS7",
                        "add gre9 tos EF",
                        "add gre9 tos default",
                        "add gre9 tos inherit",
                        "add gre9 tos inherit/10",
                        "add gre9 tos inherit/AF41",
                        "add gre9 tos inherit/zz",
                        "add gre9 tos inherit/",
                        "add gre9 tos inherit/100",
                        "add gre9 tos foo/10",
                        "add gre9 tos 10/20",
                        "add gre9 tos 10/inherit",
                        "add gre9 tos /10",
                        "add gre9 tos inherit/10/20",
                        "add gre9 tclass 10",
                        "add gre9 dsfield 10",
                        "add gre9 dsf 10",
                        "add gre9 d 10",
                        "add ds 10 gre9",
                        "add gre9 tos inherit tos 20",
                        "add gre9 tc 10",
                        // change
                        "change",
                        "change foo",
                        "change gre1",
                        "change gre1 ttl 9",
                        "c gre1 ttl inherit",
                        "change t1 ttl 0",
                        "change t1 ttl inherit",
                        "change t1 key 9 nopmtudisc ttl 0",
                        "change t1 mode ipip",
                        "change t1 mode gre remote 192.0.2.77",
                        "change gre1 mode",
                        "change gre1 foo",
                        "change x1 key 1",
                        "change x1 ttl 7",
                        "change name t1 tos 20",
                        "change t1 dev nope",
                        "chan gre1 local any",
                        // delete
                        "del",
                        "delete",
                        "d gre1",
                        "del foo",
                        "del gre1 mode gre",
                        "del gre7",
                        "del x1 key 1",
                        "del gre1 gre2",
                        "del help",
                        "de x1",
                        // prl and 6rd
                        "prl",
                        "p",
                        "prl dev",
                        "prl dev a/b",
                        "prl foo",
                        "prl help",
                        "prl prl-default",
                        "prl prl-default x",
                        "prl prl-default 1.1.1.1",
                        "prl prl-default 1.1.1.1 prl-delete 1.1.1.1 dev lo",
                        "prl prl-nodefault any prl-nodefault x",
                        "prl dev ''",
                        "6rd",
                        "6",
                        "6rd dev",
                        "6rd dev a/b",
                        "6rd foo",
                        "6rd 6rd-prefix",
                        "6rd 6rd-prefix zz",
                        "6rd 6rd-prefix 2001:db8::/32",
                        "6rd 6rd-prefix 2001:db8::/129",
                        "6rd 6rd-prefix 10.0.0.0/8",
                        "6rd 6rd-relay_prefix zz",
                        "6rd 6rd-relay_prefix ::/8",
                        "6rd 6rd-relay_prefix 10.0.0.0/33",
                        "6rd 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8",
                        "6rd 6rd-reset",
                        // show of one tunnel
                        "show gre1",
                        "s gre1",
                        "sh gre1 ttl 7",
                        "show gre1 mode gre",
                        "show gre7",
                        "show mode gre",
                        "show mode ipip",
                        "show mode vti",
                        "show mode sit",
                        "show mode isatap",
                        "show foo mode gre",
                        "show t1 mode gre",
                        "show x1 mode ipip",
                        "list gre1",
                        "lst gre1",
                        "l gre1",
                        "li ipip7",
                        "show sit0",
                        "show mode foo",
                        "show ttl 256",
                        "show gre1 key x",
                        "show help",
                        "show gre1 gre2",
                        "show dev nope",
                        "show t1 mode ipip key 1",
                        // IPv6 modes
                        "help mode ip6gre",
                        "mode ip6gre",
                        "foo mode vti6",
                        "show mode ip6ip6")
                .distinct();
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        var matcher = java.util.regex.Pattern.compile("'([^']*)'|(\\S+)").matcher(line);
        while (matcher.find()) {
            words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
        }
        return words;
    }

    @ParameterizedTest
    @MethodSource("commandLines")
    void doesWhatIpDoes(String line) {
        IpJudge.Outcome expected = judge.run(List.of(), words(line), RUNNING);

        IpJudge.Outcome actual = new RecordingGateway(RUNNING).execute(options(), words(line));

        assertThat(asIp(actual)).isEqualTo(asOurs(expected, actual));
    }

    @Test
    void judgesManyCommandLines() {
        assertThat(commandLines()).hasSizeGreaterThan(250);
    }

    @Test
    void doesWhatIpDoesWithRandomWords() {
        List<String> vocabulary = List.of(
                "mode",
                "gre",
                "ipip",
                "gre9",
                "key",
                "ikey",
                "5",
                "1.2.3.4",
                "seq",
                "ocsum",
                "remote",
                "local",
                "all",
                "192.0.2.9",
                "ttl",
                "tos",
                "64",
                "inherit",
                "nopmtudisc",
                "dev",
                "lo",
                "name",
                "dsf",
                "10",
                "x",
                "");
        SplittableRandom random = new SplittableRandom(61);
        for (int round = 0; round < 250; round++) {
            List<String> words = new ArrayList<>(List.of(random.nextInt(4) == 0 ? "change" : "add"));
            for (int length = random.nextInt(1, 9); length > 0; length--) {
                words.add(vocabulary.get(random.nextInt(vocabulary.size())));
            }
            IpJudge.Outcome expected = judge.run(List.of(), words, RUNNING);
            IpJudge.Outcome actual = new RecordingGateway(RUNNING).execute(options(), words);
            assertThat(asIp(actual)).as(words.toString()).isEqualTo(asOurs(expected, actual));
        }
    }

    private static TunnelOptions options() {
        return new TunnelOptions(false, false, false, false, false);
    }

    /** A text of culvert's that differs from ip's, and why. */
    private record Difference(String ours, String theirs, String why) {

        static List<Difference> readAll() {
            try (InputStream in =
                    Objects.requireNonNull(IpTunnelJudgeTest.class.getResourceAsStream("differences.txt"))) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.startsWith("#"))
                        .map(line -> line.split(" \\| ", -1))
                        .map(parts -> new Difference(parts[0], parts[1], parts[2]))
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final List<Difference> DIFFERENCES = Difference.readAll();

    /** An outcome with ip's text wherever culvert's is listed to differ. */
    private static IpJudge.Outcome asIp(IpJudge.Outcome outcome) {
        String err = outcome.err();
        for (Difference difference : DIFFERENCES) {
            err = err.replace(difference.ours, difference.theirs);
        }
        return new IpJudge.Outcome(outcome.exit(), outcome.out(), err, outcome.actions());
    }

    @Test
    void everyDifferenceIsExplained() {
        assertThat(DIFFERENCES).isNotEmpty().allMatch(difference -> !difference.why.isBlank());
    }

    /**
     * ip's outcome, less what cannot be the same: ip asks the base device to add, and leaves it to the kernel to find a
     * name.
     */
    private static IpJudge.Outcome asOurs(IpJudge.Outcome ip, IpJudge.Outcome ours) {
        List<String> actions = new ArrayList<>();
        for (int i = 0; i < ip.actions().size(); i++) {
            String[] action = ip.actions().get(i).split(" ", -1);
            String[] ourAction =
                    i < ours.actions().size() ? ours.actions().get(i).split(" ", -1) : action;
            if (action[0].equals("add")) {
                action[1] = ourAction[1];
                if (action[2].startsWith("00")) {
                    action[2] = ourAction[2].substring(0, 32) + action[2].substring(32);
                }
            }
            actions.add(String.join(" ", action));
        }
        return asIp(new IpJudge.Outcome(ip.exit(), ip.out(), ip.err(), actions));
    }

    @Test
    void showsEveryTosAsIpDoes() {
        for (int tos = 0; tos < 256; tos++) {
            List<TunnelSpec> running = List.of(
                    TunnelSpec.builder("gre1", Mode.GRE).tos(tos).ttl(tos).build());
            IpJudge.Outcome expected = judge.run(List.of(), List.of("show", "gre1"), running);
            IpJudge.Outcome actual = new RecordingGateway(running).execute(options(), List.of("show", "gre1"));
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Test
    void showsEveryCombinationOfFlagsAsIpDoes() {
        for (int bits = 0; bits < 128; bits++) {
            List<TunnelSpec> running = List.of(flags("gre1", bits));
            IpJudge.Outcome expected = judge.run(List.of("-o"), List.of("show", "gre1"), running);
            TunnelOptions oneLine = new TunnelOptions(false, false, false, false, true);
            IpJudge.Outcome actual = new RecordingGateway(running).execute(oneLine, List.of("show", "gre1"));
            assertThat(actual).isEqualTo(expected);
        }
    }

    private static TunnelSpec flags(String name, int bits) {
        return TunnelSpec.builder(name, Mode.GRE)
                .local(LOCAL)
                .iseq((bits & 1) != 0)
                .oseq((bits & 2) != 0)
                .icsum((bits & 4) != 0)
                .ocsum((bits & 8) != 0)
                .ikey((bits & 16) != 0 ? bits : null)
                .okey((bits & 32) != 0 ? 48 : null)
                .pmtudisc((bits & 64) == 0)
                .dev((bits & 65) == 65 ? "lo" : null)
                .build();
    }

    /** One of each kind: a device for each takes its time. */
    static List<TunnelSpec> shownTunnels() {
        List<TunnelSpec> specs = new ArrayList<>(RUNNING);
        for (int tos : new int[] {1, 2, 3, 0x28, 0x29, 0xe0, 0xff}) {
            specs.add(TunnelSpec.builder("tos" + tos, tos % 2 == 0 ? Mode.IPIP : Mode.GRE)
                    .remote(REMOTE)
                    .tos(tos)
                    .ttl(tos)
                    .build());
        }
        for (int bits : new int[] {0, 16, 32, 48, 65, 127}) {
            specs.add(flags("bits" + bits, bits));
        }
        return specs;
    }

    static Stream<List<String>> listOptions() {
        return Stream.of(
                List.of(),
                List.of("-s"),
                List.of("-o"),
                List.of("-s", "-o"),
                List.of("-d"),
                List.of("-j"),
                List.of("-j", "-p"),
                List.of("-p"),
                List.of("-4"),
                List.of("-6"),
                List.of("-6", "-j"));
    }

    @ParameterizedTest
    @MethodSource("listOptions")
    void listsAsIpDoes(List<String> options) {
        assumeTrue(IpJudge.canMakeDevices(), "needs root and /dev/net/tun");
        List<List<TunnelSpec>> runs = List.of(shownTunnels(), List.of());
        for (List<TunnelSpec> running : runs) {
            for (List<String> words : List.of(List.<String>of(), List.of("show"))) {
                assertShowsTheSame(options, words, running);
            }
        }
    }

    static Stream<List<String>> filters() {
        return Stream.of(
                List.of("show", "t1"),
                List.of("show", "nope"),
                List.of("show", "remote", "192.0.2.2"),
                List.of("show", "remote", "192.0.2.2", "local", "192.0.2.1"),
                List.of("show", "dev", "lo"),
                List.of("show", "ikey", "1"),
                List.of("show", "key", "0"),
                List.of("show", "t1", "remote", "192.0.2.2"),
                List.of("list", "local", "192.0.2.1", "dev", "lo"));
    }

    @ParameterizedTest
    @MethodSource("filters")
    void filtersAsIpDoes(List<String> words) {
        assumeTrue(IpJudge.canMakeDevices(), "needs root and /dev/net/tun");
        assertShowsTheSame(List.of(), words, shownTunnels());
        assertShowsTheSame(List.of("-j"), words, shownTunnels());
    }

    private static void assertShowsTheSame(List<String> options, List<String> words, List<TunnelSpec> running) {
        IpJudge.Outcome expected = judge.runWithDevices(options, words, running);
        TunnelOptions ours = new TunnelOptions(
                options.contains("-6"),
                options.contains("-s"),
                options.contains("-j"),
                options.contains("-p"),
                options.contains("-o"));

        IpJudge.Outcome actual = new RecordingGateway(running).execute(ours, words);

        assertThat(asIp(actual)).isEqualTo(expected);
    }
}
