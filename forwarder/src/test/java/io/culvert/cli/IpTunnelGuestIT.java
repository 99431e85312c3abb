package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.culvert.cli.CommandLines.Line;
import io.culvert.cli.CommandLines.Outcome;
import io.culvert.cli.CommandLines.Section;
import io.culvert.lab.Guest;
import io.culvert.lab.GuestLab;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds a running gateway's command line against iproute2 on Debian's kernel: the same lines, one after the other, each
 * with the same standard output, standard error and exit status, or with what {@code ip-tunnel-lines.txt} and
 * {@code ip-l2tp-lines.txt} list and explain.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class IpTunnelGuestIT {

    private static final CommandLines TUNNEL_LINES = CommandLines.read("ip-tunnel-lines.txt");
    private static final CommandLines L2TP_LINES = CommandLines.read("ip-l2tp-lines.txt");

    private static Lab lab;
    private static LabGateway gateway;

    @BeforeAll
    static void startGateway() {
        GuestLab.shared().guest().exec(KernelTunnels.MODULES).orThrow();
        lab = Lab.twoHosts();
        KernelTunnels.PREPARATION.forEach(
                line -> lab.left().exec("sh", "-c", line).orThrow());
        gateway = LabGateway.on(lab.left()).start();
    }

    @AfterAll
    static void stopGateway() {
        if (lab != null) {
            lab.close();
        }
    }

    static List<Section> sections() {
        return Stream.of(TUNNEL_LINES, L2TP_LINES)
                .flatMap(lines -> lines.sections().stream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("sections")
    void doesWhatLinuxDoes(Section section) throws ExecutionException, InterruptedException {
        Guest guest = GuestLab.shared().guest();
        FutureTask<List<Outcome>> linux = new FutureTask<>(() -> KernelTunnels.run(guest, section.lines()));
        Thread.ofVirtual().start(linux);
        List<Outcome> ours = new GatewayTunnels(lab.left(), gateway).run(section.lines());

        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            wrong.addAll(differences(section.lines().get(i), linux.get().get(i), ours.get(i)));
        }
        if (!wrong.isEmpty()) {
            fail(String.join("\n", wrong));
        }
    }

    /** What is not as it should be, in the form of the files, with what Linux does behind it. */
    private static List<String> differences(Line line, Outcome linux, Outcome ours) {
        boolean isSame = ours.equals(linux) || !line.side().isEmpty();
        if (line.reason().isEmpty() ? isSame : !isSame && ours.all().equals(line.ours())) {
            return List.of();
        }
        List<String> text = new ArrayList<>();
        text.add(line.text());
        text.add(isSame ? "  is now as in Linux: take \"! " + line.reason() + "\" away" : "  ! " + line.reason());
        ours.all().forEach(each -> text.add("  " + each));
        linux.all().forEach(each -> text.add("  linux: " + each));
        return text;
    }

    @Test
    void judgesManyCommandLinesAndExplainsEachDifference() {
        assertExplained(TUNNEL_LINES, 450);
        assertExplained(L2TP_LINES, 150);
    }

    private static void assertExplained(CommandLines lines, int least) {
        List<Line> all = lines.sections().stream()
                .flatMap(section -> section.lines().stream())
                .toList();
        Set<String> used = all.stream()
                .map(Line::reason)
                .filter(reason -> !reason.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(all).hasSizeGreaterThan(least);
        assertThat(used).isEqualTo(new TreeSet<>(lines.reasons().keySet()));
    }
}
