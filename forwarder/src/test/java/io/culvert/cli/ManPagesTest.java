package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.TunnelSpecCodec;
import io.culvert.testing.Judges;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The pages are sound, and name every command, option and key that there is. */
class ManPagesTest {

    private static final Path PAGES =
            Path.of("..", "deploy", "man").toAbsolutePath().normalize();

    private static final Context CONTEXT =
            new Context(System.out, System.err, Map.of(), (source, loaded, out, err) -> 70);

    private static String page(String name) throws IOException {
        return Files.readString(PAGES.resolve(name));
    }

    private static boolean names(String page, String word) {
        return Pattern.compile("(?<![\\w-])" + Pattern.quote(word) + "(?![\\w-])")
                .matcher(page)
                .find();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "culvert.8",
                "culvert-tunnel.8",
                "culvert-l2tp.8",
                "culvert.toml.5",
                "culvert-bench.1",
                "culvert-strongswan.8",
                "culvert-pptp.8"
            })
    void mandocFindsNoFault(String name) throws Exception {
        Judges.requireTool("mandoc", "mandoc");
        Process mandoc = new ProcessBuilder(
                        "mandoc", "-Tlint", "-W", "warning", PAGES.resolve(name).toString())
                .redirectErrorStream(true)
                .start();
        String out = new String(mandoc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(mandoc.waitFor()).as(out).isZero();
        assertThat(out).isEmpty();
    }

    @Test
    void everyCommandAndOptionIsInItsPage() throws IOException {
        List<String> missing = new ArrayList<>();
        CommandLine culvert = Commands.of(CONTEXT);
        look(culvert, page("culvert.8"), missing);
        for (Map.Entry<String, CommandLine> command : culvert.getSubcommands().entrySet()) {
            if (!names(page("culvert.8"), command.getKey())) {
                missing.add(command.getKey());
            }
            look(command.getValue(), page("culvert.8"), missing);
        }

        assertThat(missing).as("add to deploy/man/culvert.8").isEmpty();
    }

    private static void look(CommandLine command, String page, List<String> missing) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            for (String name : option.names()) {
                // mdoc puts the first hyphen there.
                if (!page.contains("Fl " + name.substring(1))) {
                    missing.add(command.getCommandName() + " " + name);
                }
            }
        }
    }

    @Test
    void everyKeyIsInTheFilesPage() throws IOException {
        String page = page("culvert.toml.5");
        Stream<String> others = Stream.of(
                "control-socket",
                "admin",
                "preset",
                "lane",
                "pipeline",
                "workers",
                "cpus",
                "idle",
                "busy-poll",
                "batch",
                "gateway",
                "datapath");

        assertThat(Stream.concat(TunnelSpecCodec.KEYS.stream(), others).filter(key -> !names(page, key)))
                .as("add to deploy/man/culvert.toml.5")
                .isEmpty();
    }

    @Test
    void everyWordOfIpTunnelIsInItsPage() throws IOException {
        String page = page("culvert-tunnel.8");
        Stream<String> words = Stream.of(
                "add",
                "change",
                "delete",
                "show",
                "list",
                "lst",
                "prl",
                "6rd",
                "help",
                "mode",
                "remote",
                "local",
                "dev",
                "ttl",
                "hoplimit",
                "hlim",
                "tos",
                "tclass",
                "dsfield",
                "ikey",
                "okey",
                "iseq",
                "oseq",
                "icsum",
                "ocsum",
                "prl-default",
                "prl-nodefault",
                "prl-delete",
                "6rd-prefix",
                "6rd-relay_prefix",
                "6rd-reset");

        assertThat(words.filter(word -> !names(page, word))).isEmpty();
    }

    @Test
    void everyWordOfIpL2tpIsInItsPage() throws IOException {
        String page = page("culvert-l2tp.8");
        Stream<String> words = Stream.of(
                "add",
                "delete",
                "show",
                "list",
                "lst",
                "help",
                "tunnel",
                "session",
                "remote",
                "local",
                "tunnel_id",
                "peer_tunnel_id",
                "session_id",
                "peer_session_id",
                "tid",
                "ptid",
                "sid",
                "psid",
                "encap",
                "udp_sport",
                "udp_dport",
                "udp_csum",
                "udp6_csum_tx",
                "udp6_csum_rx",
                "name",
                "cookie",
                "peer_cookie",
                "offset",
                "peer_offset",
                "l2spec_type",
                "pwtype",
                "seq");

        assertThat(words.filter(word -> !names(page, word))).isEmpty();
    }
}
