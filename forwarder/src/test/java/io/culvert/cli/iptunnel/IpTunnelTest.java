package io.culvert.cli.iptunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.culvert.cli.iptunnel.RunningTunnel.Received;
import io.culvert.cli.iptunnel.RunningTunnel.Transmitted;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What no judge can say here: the gateway's part, and where this command differs from {@code ip} on purpose. */
class IpTunnelTest {

    private static final TunnelSpec GRE1 = TunnelSpec.builder("gre1", Mode.GRE)
            .local(InetAddress.ofLiteral("192.0.2.1"))
            .remote(InetAddress.ofLiteral("192.0.2.2"))
            .key(5)
            .build();
    private static final TunnelSpec T1 = TunnelSpec.builder("t1", Mode.IPIP)
            .local(InetAddress.ofLiteral("192.0.2.1"))
            .remote(InetAddress.ofLiteral("192.0.2.3"))
            .build();

    private final RecordingGateway gateway = new RecordingGateway(List.of(GRE1, T1));

    private IpJudge.Outcome execute(String line) {
        return gateway.execute(new TunnelOptions(false, false, false, false, false), List.of(line.split(" ")));
    }

    private static final InetAddress ROUTER = InetAddress.ofLiteral("192.0.2.1");
    private static final TunnelSpec SIT1 = TunnelSpec.builder("sit1", Mode.SIT)
            .local(InetAddress.ofLiteral("203.0.113.1"))
            .sit(SitOptions.DEFAULT.withSixRd(Prefix.parse("2001:db8::/29"), Prefix.parse("10.0.0.0/8")))
            .build();
    private static final TunnelSpec IS0 = TunnelSpec.builder("is0", Mode.ISATAP)
            .local(InetAddress.ofLiteral("203.0.113.2"))
            .ttl(64)
            .pmtudisc(true)
            .sit(SitOptions.DEFAULT.withPrl(List.of(ROUTER), List.of(InetAddress.ofLiteral("192.0.2.2"))))
            .build();

    private static IpJudge.Outcome executeOnSit(String line) {
        return new RecordingGateway(List.of(SIT1, IS0))
                .execute(new TunnelOptions(false, false, false, false, false), List.of(line.split(" ")));
    }

    /** The pieces and their order are print_tunnel()'s in iproute2. */
    @Test
    void showsTheOptionsOfSitAndIsatap() {
        assertThat(executeOnSit("show").out())
                .isEqualTo("sit1: ipv6/ip remote any local 203.0.113.1 ttl inherit 6rd-prefix 2001:db8::/29"
                        + " 6rd-relay_prefix 10.0.0.0/8\n"
                        + "is0: ipv6/ip remote any local 203.0.113.2 pdr 192.0.2.1 pr 192.0.2.2 ttl 64"
                        + " 6rd-prefix 2002::/16\n");
    }

    @ParameterizedTest
    @CsvSource({
        "prl prl-default 192.0.2.3 dev is0, 192.0.2.1 192.0.2.3, 192.0.2.2",
        "prl prl-nodefault 192.0.2.3 dev is0, 192.0.2.1, 192.0.2.2 192.0.2.3",
        "prl prl-delete 192.0.2.1 dev is0, '', 192.0.2.2",
        "prl prl-delete 192.0.2.2 dev is0, 192.0.2.1, ''",
        "prl prl-delete any dev is0, '', ''"
    })
    void changesThePotentialRouters(String line, String defaults, String others) {
        IpJudge.Outcome outcome = executeOnSit(line);

        assertThat(outcome.exit()).isZero();
        assertThat(outcome.actions())
                .containsExactly("sit is0 " + SitOptions.DEFAULT.withPrl(addresses(defaults), addresses(others)));
    }

    private static List<InetAddress> addresses(String text) {
        return text.isEmpty()
                ? List.of()
                : Stream.of(text.split(" ")).map(InetAddress::ofLiteral).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "6rd 6rd-prefix 2001:db8::/32 dev sit1, 2001:db8::/32, 0.0.0.0/0",
        "6rd 6rd-prefix 2001:db8::/33 6rd-relay_prefix 10.1.0.0/16 dev sit1, 2001:db8::/33, 10.1.0.0/16",
        "6rd 6rd-relay_prefix 10.1.0.0/16 dev sit1, ::/0, 10.1.0.0/16",
        "6rd 6rd-reset dev sit1, 2002::/16, 0.0.0.0/0"
    })
    void changesTheSixRdPrefixes(String line, String prefix, String relayPrefix) {
        IpJudge.Outcome outcome = executeOnSit(line);

        assertThat(outcome.exit()).isZero();
        assertThat(outcome.actions())
                .containsExactly("sit sit1 " + SIT1.sit().withSixRd(Prefix.parse(prefix), Prefix.parse(relayPrefix)));
    }

    @ParameterizedTest
    @CsvSource({
        "prl prl-default 192.0.2.1 dev is0, is0: ioctl 89f5 failed: File exists",
        "prl prl-nodefault 0.0.0.0 dev is0, is0: ioctl 89f5 failed: Invalid argument",
        "prl prl-delete 192.0.2.9 dev is0, is0: ioctl 89f6 failed: No such device or address",
        "6rd 6rd-prefix 2001:db8::1/32 dev sit1, sit1: ioctl 89f9 failed: Invalid argument",
        "6rd 6rd-prefix 2001:db8::/33 dev sit1, sit1: ioctl 89f9 failed: Invalid argument"
    })
    void refusesWhatTheKernelWouldOfRoutersAndPrefixes(String line, String message) {
        assertThat(executeOnSit(line)).isEqualTo(new IpJudge.Outcome(1, "", message + "\n", List.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "add gre1 mode ipip remote 192.0.2.9 | add tunnel \"tunl0\" failed: File exists",
                "add gre2 local 192.0.2.1 remote 192.0.2.2 key 5 | add tunnel \"gre0\" failed: File exists",
                "add mode ipip local 192.0.2.1 remote 192.0.2.3 ttl 9 | add tunnel \"tunl0\" failed: File exists",
                "prl prl-default 192.0.2.1 dev is9 | is9: ioctl 89f5 failed: No such device",
                "prl prl-default 192.0.2.1 dev gre1 | gre1: ioctl 89f5 failed: Invalid argument",
                "prl dev gre1 | gre1: ioctl 0 failed: Inappropriate ioctl for device",
                "6rd 6rd-prefix 2001:db8::/32 dev rd9 | rd9: ioctl 89f9 failed: No such device",
                "6rd 6rd-reset dev gre1 | gre1: ioctl 89fa failed: Inappropriate ioctl for device",
                "del mode gre | delete tunnel \"gre0\" failed: No such file or directory",
                "del mode ipip | delete tunnel \"tunl0\" failed: Operation not permitted",
                "del mode gre local 192.0.2.1 remote 192.0.2.2 | delete tunnel \"gre0\" failed: No such file or"
                        + " directory",
                "del mode sit remote 192.0.2.2 | delete tunnel \"sit0\" failed: No such file or directory",
                "change mode gre remote 192.0.2.7 | add tunnel \"gre0\" failed: No such file or directory",
                "change ttl 7 mode gre foo | add tunnel \"foo\" failed: No such device",
            })
    void refuses(String line, String message) {
        assertThat(execute(line)).isEqualTo(new IpJudge.Outcome(1, "", message + "\n", List.of()));
    }

    @Test
    void deletesTheTunnelWithTheseEndpoints() {
        assertThat(execute("del mode gre remote 192.0.2.2 local 192.0.2.1 ikey 5")
                        .actions())
                .containsExactly("del gre1");
    }

    @Test
    void changesTheTunnelWithTheseEndpoints() {
        assertThat(execute("change mode ipip remote 192.0.2.3 local 192.0.2.1 ttl 9")
                        .actions())
                .singleElement()
                .satisfies(action -> assertThat(action).startsWith("chg t1 "));
    }

    @Test
    void namesATunnelAsTheKernelDoes() {
        assertThat(execute("add mode gre remote 192.0.2.9").actions())
                .singleElement()
                .satisfies(action -> assertThat(action).startsWith("add gre2 "));
        assertThat(execute("add mode ipip remote 192.0.2.9").actions())
                .last()
                .satisfies(action -> assertThat(action).startsWith("add ipip0 "));
    }

    @ParameterizedTest
    @CsvSource({
        "add gre9 remote 192.0.2.9, add tunnel \"gre0\" failed: no route",
        "change gre1 ttl 7, add tunnel \"gre1\" failed: no route",
        "del gre1, delete tunnel \"gre1\" failed: no route"
    })
    void framesTheGatewaysRefusal(String line, String message) {
        for (int exit : new int[] {ExitCode.REFUSED, ExitCode.PRIVILEGE}) {
            gateway.refuse(new ControlException(exit, "no route"));
            assertThat(execute(line)).isEqualTo(new IpJudge.Outcome(1, "", message + "\n", List.of()));
        }
    }

    @Test
    void saysThatNoGatewayRuns() {
        gateway.refuse(new ControlException(ExitCode.NO_GATEWAY, "no gateway runs"));

        assertThat(execute("del gre1")).isEqualTo(new IpJudge.Outcome(5, "", "culvert: no gateway runs\n", List.of()));
    }

    @Test
    void printsStatisticsInIpsColumns() {
        RecordingGateway counted = counted();

        assertThat(counted.execute(new TunnelOptions(false, true, false, false, false), List.of())
                        .out())
                .isEqualTo("""
                    t2: ip/ip remote any local any ttl inherit
                    RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts
                        1234567890 123456789012 1      2        3        0       \n\
                    TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs
                        4          5            6      7        8        9     \n\
                    """);
    }

    @Test
    void putsStatisticsIntoTheJson() {
        String out = counted()
                .execute(new TunnelOptions(false, true, true, false, false), List.of())
                .out();

        assertThat(new JsonMapper().readTree(out).path(0).path("stats64").toString())
                .isEqualTo("{\"rx\":{\"packets\":1234567890,\"bytes\":123456789012,\"errors\":1,\"frame_errors\":2,"
                        + "\"fifo_errors\":3,\"multicast\":0},\"tx\":{\"packets\":4,\"bytes\":5,\"errors\":6,"
                        + "\"collisions\":7,\"carrier_errors\":8,\"dropped\":9}}");
    }

    private static RecordingGateway counted() {
        RecordingGateway counted = new RecordingGateway(List.of());
        counted.run(new RunningTunnel(
                TunnelSpec.builder("t2", Mode.IPIP).build(),
                new Received(1_234_567_890L, 123_456_789_012L, 1, 2, 3),
                new Transmitted(4, 5, 6, 7, 8, 9),
                null));
        return counted;
    }

    @Test
    void saysWherePppdIsToBeRun() throws ControlException {
        RecordingGateway calls = new RecordingGateway(List.of());
        calls.run(RunningTunnel.read(new JsonMapper().readTree("""
            {"name":"vpn0","mode":"pptp","local":"192.0.2.1","remote":"192.0.2.2","call_id":1,"peer_call_id":2,
             "pty":"/run/culvert/ppp/vpn0"}
            """)));
        TunnelOptions json = new TunnelOptions(false, false, true, false, false);
        TunnelOptions text = new TunnelOptions(false, false, false, false, false);

        assertThat(calls.execute(text, List.of()).out())
                .isEqualTo("vpn0: ppp/ip remote 192.0.2.2 local 192.0.2.1 ttl inherit call_id 1 peer_call_id 2"
                        + " pty /run/culvert/ppp/vpn0\n");
        assertThat(new JsonMapper()
                        .readTree(calls.execute(json, List.of()).out())
                        .path(0)
                        .path("pty")
                        .asString(""))
                .isEqualTo("/run/culvert/ppp/vpn0");
    }

    @Test
    void readsATunnelOfTheGatewaysAnswer() throws ControlException {
        JsonNode answer = new JsonMapper().readTree("""
            {"name":"gre1","mode":"gre","local":"192.0.2.1","remote":"192.0.2.2","ttl":"inherit","key":5,
             "pmtudisc":true,"mtu":1472,"ifindex":3,"state":"up","lane":"split",
             "encapsulation":{"packets":1,"bytes":2,"drops":{"no_route":3,"send_queue_full":4,"loop":5,"too_big":6}},
             "decapsulation":{"packets":7,"bytes":8,"drops":{"csum_bad":9,"seq_late":10,"martian":11}}}
            """);

        RunningTunnel tunnel = RunningTunnel.read(answer);

        assertThat(tunnel.spec().name()).isEqualTo("gre1");
        assertThat(tunnel.spec().ikey()).isEqualTo(5);
        assertThat(tunnel.received()).isEqualTo(new Received(7, 8, 30, 9, 10));
        assertThat(tunnel.transmitted()).isEqualTo(new Transmitted(1, 2, 14, 5, 3, 4));
    }

    @Test
    void refusesAnAnswerThatIsNoTunnel() {
        ObjectNode answer =
                new JsonMapper().createObjectNode().put("name", "gre1").put("mode", "new");

        assertThat(catchThrowableOfType(ControlException.class, () -> RunningTunnel.read(answer))
                        .exitCode())
                .isEqualTo(ExitCode.INTERNAL);
    }
}
