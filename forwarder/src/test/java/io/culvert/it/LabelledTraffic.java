package io.culvert.it;

import static io.culvert.it.InteropRow.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.lab.CommandResult;
import io.culvert.lab.GuestLab;
import io.culvert.lab.LabProcess;
import io.culvert.testing.Judges;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * MPLS and NHRP between a tunnel's device, where scapy stands, and Linux at the other end, whose own label-switching router
 * takes and gives the labels.
 */
final class LabelledTraffic {

    private static final Duration TIMEOUT = Duration.ofSeconds(40);

    /** Behind label 100: nobody's address. */
    private static final String BEHIND = "203.0.113.77";

    private static final String THEIRS = InteropRow.Inner.IPV4.theirs();
    private static final String NHRP = "2001";

    /** Answers every packet of that EtherType on the device with itself; the address is a sockaddr_ll without its family. */
    private static final String ECHO = "index=$(printf %%08x $(cat /sys/class/net/" + DEVICE + "/ifindex));"
            + " index=$(echo $index | sed 's/\\(..\\)\\(..\\)\\(..\\)\\(..\\)/\\4\\3\\2\\1/');"
            + " timeout 40 socat -T 20 SOCKET-DATAGRAM:17:2:%d:x%s${index}000000000000000000000000 PIPE"
            + " </dev/null >/dev/null 2>/run/echo.err &";

    private final GuestLab lab;

    LabelledTraffic(GuestLab lab) {
        this.lab = lab;
    }

    /** The guest pings through a label, and the reply comes back behind another one; payloads of these sizes. */
    void assertMplsPasses(Integer... sizes) {
        lab.guest()
                .exec("modprobe mpls_router; modprobe mpls_iptunnel; sysctl -w net.mpls.platform_labels=1000"
                        + " net.ipv4.conf.all.rp_filter=0 net.ipv4.conf." + DEVICE + ".rp_filter=0 net.mpls.conf."
                        + DEVICE + ".input=1"
                        + " && ip -f mpls route replace 200 dev lo"
                        + " && ip route replace " + BEHIND + "/32 encap mpls 100 dev " + DEVICE + " src " + THEIRS)
                .orThrow();
        String words = Stream.of(sizes).map(String::valueOf).collect(Collectors.joining(" "));
        try (LabProcess router = lab.host().start(script("route", DEVICE), Map.of())) {
            router.awaitOutput("^ready$", TIMEOUT);
            // As everywhere, the first packets through a new tunnel are not judged. Over IPv6 Linux drops
            // what is shorter than an IPv6 header (tunnelmpls6_rcv), labels included.
            CommandResult pings = lab.guest()
                    .exec("ping -c 1 -W 1 " + BEHIND + "; for size in "
                            + words + "; do ping -c 2 -W 10 -i 0.01 -s $size "
                            + BEHIND + "; done");
            assertThat(pings.out().lines().filter(line -> line.startsWith("2 packets transmitted")))
                    .as("pings of the guest; what came: %s", router.outputLines())
                    .hasSize(sizes.length)
                    .allMatch(line -> line.contains(" 2 packets received, 0% packet loss"));
            Await.until(
                    "each request has its line, behind that it is ready",
                    () -> router.outputLines().size() > 2 * sizes.length);
            assertThat(router.outputLines().stream().skip(1))
                    .allMatch(line -> line.matches("labels 100/\\d+ " + THEIRS + " " + BEHIND + " \\d+"));
        } finally {
            lab.guest().exec("ip route del " + BEHIND + "/32; ip -f mpls route del 200");
        }
    }

    /** An NHRP packet goes to the guest and comes back as it was. */
    void assertNhrpPasses(String packet) {
        lab.guest().exec(String.format(ECHO, 0x0120, NHRP)).orThrow();
        CommandResult echo = lab.host().exec(TIMEOUT, script("echo", DEVICE, NHRP, packet));
        assertThat(echo.out().strip())
                .as(
                        "what came back; the guest: %s",
                        lab.guest().exec("cat /run/echo.err").out())
                .isEqualTo(NHRP + " " + packet);
    }

    private static List<String> script(String... arguments) {
        return Judges.pythonCommand(LabelledTraffic.class, "/it/mpls_router.py", arguments);
    }
}
