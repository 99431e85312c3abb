package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Judges;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real shells complete words, with a {@code culvert} in PATH that has two tunnels. */
class CompletionTest {

    @TempDir
    private Path directory;

    @BeforeEach
    void installTheScripts() throws IOException {
        for (String shell : List.of("bash", "zsh")) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Context context = new Context(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    System.err,
                    Map.of(),
                    (source, loaded, o, e) -> 70);
            assertThat(Main.run(context, "completion", shell)).isZero();
            Files.write(directory.resolve(shell), out.toByteArray());
        }
        Path culvert = directory.resolve("culvert");
        Files.writeString(culvert, """
            #!/bin/sh
            [ "$1" != --socket ] || { echo "at-$2: ip/ip"; exit; }
            [ "$*" = "-o tunnel show" ] && printf 'gre1: gre/ip remote any\\\\\\nipip7: ip/ip remote any\\n'
            """);
        Files.setPosixFilePermissions(culvert, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String run(String shell, String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(shell, "-c", script).redirectErrorStream(true);
        builder.environment().put("PATH", directory + ":" + System.getenv("PATH"));
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }

    /** What bash offers for a line whose last word is being typed. */
    private String complete(String line) throws IOException, InterruptedException {
        return run(
                        "bash",
                        "set -u; . '" + directory.resolve("bash") + "'; COMP_WORDS=(" + line
                                + "); COMP_CWORD=$((${#COMP_WORDS[@]}"
                                + " - 1)); _culvert;"
                                + " printf '%s '"
                                + " ${COMPREPLY[@]+\"${COMPREPLY[@]}\"}")
                .strip();
    }

    @ParameterizedTest
    @CsvSource({
        "culvert ru, run",
        "culvert tunnel cha, change",
        "culvert -s -j tunnel del '\"\"', gre1 ipip7",
        "culvert tunnel del ip, ipip7",
        "culvert tunnel add gre2 mode gr, gre gretap",
        "culvert tunnel add gre2 rem, remote",
        "culvert l2tp sh, show",
        "culvert l2tp add se, session",
        "culvert l2tp add tunnel peer, peer_tunnel_id",
        "culvert l2tp add session tunnel_id 1 peer, peer_session_id peer_cookie",
        "culvert l2tp add session seq bo, both",
        "culvert l2tp del session tunnel_id 1 se, session_id",
        "culvert tunnel add gre2 remote a, any",
        "culvert tunnel add x ttl '\"\"', inherit",
        "culvert tunnel add x dev l, lo",
        "culvert show '\"\"', gre1 ipip7",
        "culvert show gre1 '\"\"', ''",
        "culvert --socket /s show '\"\"', at-/s",
        "culvert drops g, gre1",
        "culvert sa d, del",
        "culvert sa add dev g, gre1",
        "culvert sa add dev gre1 dir o, out",
        "culvert sa add limit byte-h, byte-hard",
        "culvert check --conf, --config --conf-d",
        "culvert --pre, --pretty",
        "culvert -f inet, inet inet6",
        "culvert explain '\"\"', outer inner",
        "culvert explain inner tunnel i, ipip7",
        "culvert completion z, zsh",
        "culvert run -c /etc/hostn, /etc/hostname"
    })
    void completesInBash(String line, String offered) throws Exception {
        assertThat(complete(line).replace("\"\"", "")).isEqualTo(offered);
    }

    @Test
    void offersEveryCommand() throws Exception {
        String offered = complete("culvert \"\"");

        assertThat(offered.split(" ")).contains("run", "tunnel", "show", "monitor", "explain", "completion", "version");
    }

    /** What does not begin with the word is left out by zsh itself. */
    @Test
    void zshTakesTheScriptAndItsFunctionsWork() throws Exception {
        Judges.requireTool("zsh", "zsh");
        String out = run(
                "zsh",
                "autoload -U compinit && compinit -u -D; . '" + directory.resolve("zsh") + "'; emulate ksh; "
                        + "COMP_WORDS=(culvert tunnel del ip); COMP_CWORD=3; _culvert; print -- ${COMPREPLY[@]}; "
                        + "COMP_WORDS=(culvert --socket /s show ''); COMP_CWORD=4; _culvert; print -- ${COMPREPLY[@]}");

        assertThat(out).isEqualTo("gre1 ipip7\nat-/s\n");
    }

    @Test
    void theShellsFindNoFault() throws Exception {
        assertThat(run("bash", "bash -n '" + directory.resolve("bash") + "'")).isEmpty();
    }
}
