package io.culvert.cli;

import io.culvert.cli.CommandLines.Line;
import io.culvert.cli.CommandLines.Outcome;
import io.culvert.lab.CommandResult;
import io.culvert.lab.Host;
import io.culvert.lab.LabGateway;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Runs command lines on a running gateway's host: {@code ip tunnel} and {@code ip l2tp} as culvert's, anything else as it is. */
final class GatewayTunnels {

    private static final Pattern IP_COMMAND = Pattern.compile("ip((?: -\\S+)*) (tunnel|l2tp)(.*)");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
    private static final Outcome NOTHING = new Outcome(0, "", "");

    /** How long a gateway may take to notice what others do to devices. */
    private static final Duration SETTLED = Duration.ofMillis(500);

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Host host;
    private final LabGateway gateway;

    GatewayTunnels(Host host, LabGateway gateway) {
        this.host = host;
        this.gateway = gateway;
    }

    /** Starts without any tunnel: the gateway's file has none. */
    List<Outcome> run(List<Line> lines) {
        gateway.culvert("reload").orThrow();
        return lines.stream()
                .map(line -> line.side().equals("linux") ? NOTHING : run(line.text()))
                .toList();
    }

    private Outcome run(String line) {
        if (line.equals("settle")) {
            return settle();
        }
        Matcher matcher = IP_COMMAND.matcher(line);
        if (!matcher.matches()) {
            CommandResult result = host.exec("sh", "-c", line);
            return new Outcome(result.exit(), result.out(), result.err());
        }
        List<String> words =
                new ArrayList<>(List.of("--socket", gateway.socket().toString()));
        words.addAll(words(matcher.group(1)));
        words.add(matcher.group(2));
        words.addAll(words(matcher.group(3)));
        // Devices are looked up where the gateway is.
        return host.call("culvert", LIMIT, () -> culvert(words));
    }

    /** Each tunnel has its device, by its name. */
    private Outcome settle() {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        do {
            LockSupport.parkNanos(SETTLED.toNanos());
        } while (!names(gateway.show().path("tunnels"), "name")
                        .equals(names(host.ipJson("link", "show", "type", "tun"), "ifname"))
                && System.nanoTime() - deadline < 0);
        return NOTHING;
    }

    private static Set<String> names(JsonNode list, String key) {
        return list.valueStream().map(entry -> entry.path(key).asString("")).collect(Collectors.toSet());
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
        }
        return words;
    }

    private static Outcome culvert(List<String> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Context context = new Context(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                (_, _, _, _) -> {
                    throw new UnsupportedOperationException();
                });
        int exit = Main.run(context, words.toArray(String[]::new));
        return new Outcome(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
