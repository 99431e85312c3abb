package io.culvert.cli;

import io.culvert.cli.CommandLines.Line;
import io.culvert.cli.CommandLines.Outcome;
import io.culvert.lab.CommandResult;
import io.culvert.lab.Guest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Runs command lines by iproute2 on a guest's kernel, all in one network namespace of their own. */
final class KernelTunnels {

    /** Loads every tunnel driver, so that a new namespace has the devices that go with them. */
    static final String MODULES = "for m in veth ipip ip_gre sit ip_vti ip6_tunnel ip6_gre ip6_vti"
            + " l2tp_eth l2tp_ip l2tp_ip6; do modprobe $m; done";

    /** What is there before the first line. */
    static final List<String> PREPARATION = List.of(
            "ip link add under0 type veth peer name under1",
            "sysctl -q -w net.ipv6.conf.under0.disable_ipv6=0 net.ipv6.conf.under0.accept_dad=0",
            "ip addr add 198.51.100.1/24 dev under0",
            "ip addr add 2001:db8:51::1/64 dev under0 nodad",
            "ip link set dev under0 up",
            "ip link set dev under1 up");

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** No output has it. */
    private static final String END = "\1";

    /** What Linux makes for every driver, for packets that no tunnel takes; culvert drops those and has no such device. */
    private static final String FALLBACK = "(tunl0|gre0|sit0|ip_vti0|ip6tnl0|ip6gre0|ip6_vti0)";

    private static final Pattern FALLBACK_TEXT =
            Pattern.compile("(?m)^" + FALLBACK + ": .*\\n(RX:.*\\n.*\\nTX:.*\\n.*\\n)?");
    private static final Pattern FALLBACK_JSON =
            Pattern.compile("\\{\\s*\"ifname\":\\s*\"" + FALLBACK + "\"[^}]*\\}(\\n,|\\n)?");

    private KernelTunnels() {}

    static List<Outcome> run(Guest guest, List<Line> lines) {
        StringBuilder script = new StringBuilder("cat > /run/lines <<'LINES'\n");
        script.append("ip() { \"$IP\" \"$@\"; }\nsettle() { :; }\n");
        PREPARATION.forEach(line -> script.append(line).append(" || exit\n"));
        for (Line line : lines) {
            script.append(line.side().equals("culvert") ? ":" : line.text())
                    .append("\nprintf '\\1%d\\1' $?; printf '\\1' >&2\n");
        }
        script.append("LINES\nunshare -n sh /run/lines");
        CommandResult result = guest.exec(LIMIT, script.toString()).orThrow();
        return outcomes(lines, result.out().split(END, -1), result.err().split(END, -1));
    }

    private static List<Outcome> outcomes(List<Line> lines, String[] out, String[] err) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String text = out[2 * i];
            // Each program names itself. Of a single IPv6 tunnel, iproute2 6.1 forgets the line feed.
            boolean isOpen = lines.get(i).text().startsWith("ip -6") && !text.isEmpty() && !text.endsWith("\n");
            outcomes.add(new Outcome(
                    Integer.parseInt(out[2 * i + 1]),
                    withoutFallback(isOpen ? text + "\n" : text),
                    err[i].replace("ip l2tp", "culvert l2tp")));
        }
        return outcomes;
    }

    private static String withoutFallback(String out) {
        String text = FALLBACK_TEXT.matcher(out).replaceAll("");
        return FALLBACK_JSON.matcher(text).replaceAll("");
    }
}
