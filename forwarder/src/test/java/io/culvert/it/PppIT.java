package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.lab.Capture;
import io.culvert.lab.GuestImage;
import io.culvert.lab.GuestLab;
import io.culvert.lab.Host;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.lab.PppGuest;
import io.culvert.lab.Tshark;
import io.culvert.testing.Judges;
import io.culvert.tunnel.DropReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * PPP in tunnels of modes pptp and l2tp. All that negotiates is Debian's: a pppd on the gateway's pty, to which a serial line
 * reaches from the guest, and beyond the tunnel a pppd with pptpd, pptp-linux or Linux's L2TPv3. {@code
 * deploy/pptp/culvert-pptp} makes PPTP's calls and takes them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class PppIT {

    private static final Path CULVERT_PPTP =
            Path.of("../deploy/pptp/culvert-pptp").toAbsolutePath().normalize();
    private static final String NAME = "call0";
    private static final int SESSION = 1001;
    private static final int PEER_SESSION = 2002;
    private static final String HOST = GuestLab.HOST.getHostAddress();
    private static final int LINE_PORT = 7100;
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    /** Bytes of the outer header, and of the header of GRE version 1 up to its numbers, each of which takes four. */
    private static final int HEADERS = 20 + 8;

    private final GuestLab lab = GuestLab.shared(GuestImage.PPP);
    private final Host host = lab.host();
    private final PppGuest ppp = new PppGuest(lab.guest());
    private LabGateway gateway;
    private @Nullable LabProcess started;

    private void startGateway(Lane lane) {
        gateway = LabGateway.on(host).lane(lane).start();
    }

    /** With the gateway's pty and with the connection ends what a test that failed has left in the guest. */
    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
        gateway.close();
    }

    static Stream<Lane> lanes() {
        return Stream.of(Lane.AUTO, Lane.RAW);
    }

    @ParameterizedTest
    @MethodSource("lanes")
    void callsPptpd(Lane lane) {
        Judges.requireTool("tshark", "tshark");
        startGateway(lane);
        Capture capture = host.capture(GuestLab.DEVICE, "ip proto 47");
        LabProcess control = startControl("--call", GuestLab.GUEST.getHostAddress());
        control.awaitError("ready", PATIENCE);
        LabProcess line = joinLine();
        ppp.assertLink();
        ppp.assertTransfers();
        assertThat(gateway.culvert("-j", "tunnel", "show").out()).contains("\"pty\":\"" + gateway.pty(NAME) + "\"");
        assertThat(gateway.culvert("tunnel", "show").out()).endsWith(" pty " + gateway.pty(NAME) + "\n");
        assertOnTheWire(decode(capture.stop()), control);
        assertNothingIsDropped();

        assertThat(control.terminate(PATIENCE)).isZero();
        ppp.assertEnd();
        assertThat(line.exitCode(PATIENCE)).isZero();
        assertThat(gateway.show().path("tunnels")).isEmpty();
    }

    @Test
    void isCalledByPptpLinux() {
        startGateway(Lane.AUTO);
        LabProcess control = startControl("--listen");
        control.awaitError("listening", PATIENCE);
        ppp.call(HOST);
        control.awaitError("ready", PATIENCE);
        joinLine();
        ppp.assertLink();
        ppp.assertTransfers();
        assertNothingIsDropped();

        ppp.hangUp();
        ppp.assertEnd();
        Await.until("no tunnel", () -> gateway.show().path("tunnels").isEmpty());
        assertThat(control.terminate(PATIENCE)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "AUTO, 198.51.100.1, 198.51.100.2, encap ip, encap ip",
        "RAW, 198.51.100.1, 198.51.100.2, udp_sport 1701 udp_dport 1702, udp_sport 1702 udp_dport 1701",
        "AUTO, 2001:db8:51::1, 2001:db8:51::2, encap ip, encap ip"
    })
    void joinsASessionOfLinux(Lane lane, String local, String remote, String encap, String peerEncap) {
        startGateway(lane);
        ppp.startSession("local " + remote + " remote " + local + " " + peerEncap, PEER_SESSION, SESSION);
        l2tp("add tunnel tunnel_id 1 peer_tunnel_id 1 local " + local + " remote " + remote + " " + encap);
        l2tp("add session name " + NAME + " tunnel_id 1 session_id " + SESSION + " peer_session_id " + PEER_SESSION
                + " l2spec_type none pwtype ppp");
        joinLine();
        ppp.assertLink();
        ppp.assertTransfers();
        assertThat(gateway.culvert("l2tp", "show", "session").out())
                .as("where pppd is to be run")
                .contains("  pty: " + gateway.pty(NAME) + "\n");
        assertNothingIsDropped();

        ppp.endSession();
        l2tp("delete tunnel tunnel_id 1");
        assertThat(gateway.show().path("tunnels")).isEmpty();
    }

    private void l2tp(String words) {
        gateway.culvert(("l2tp " + words).split(" ", -1)).orThrow();
    }

    private LabProcess startControl(String... options) {
        List<String> command = new ArrayList<>(List.of(CULVERT_PPTP.toString()));
        command.addAll(List.of("--socket", gateway.socket().toString(), "--local", HOST));
        command.addAll(List.of(options));
        command.add(NAME);
        LabProcess control = host.start(command, Map.of());
        started = control;
        return control;
    }

    /** A serial line between the tunnel's pty and the guest, where the user's pppd is. */
    private LabProcess joinLine() {
        Path pty = gateway.pty(NAME);
        assertThat(pty).satisfies(link -> assertThat(Files.isSymbolicLink(link)).isTrue());
        LabProcess line = host.start("socat", "TCP-LISTEN:" + LINE_PORT + ",reuseaddr", "FILE:" + pty + ",raw,echo=0");
        ppp.startUser("TCP:" + HOST + ":" + LINE_PORT + ",retry=300,interval=0.1");
        return line;
    }

    /** But for what the peer sends before the user's pppd has the pty. */
    private void assertNothingIsDropped() {
        Map<String, Long> arriving = Counts.of(gateway).drops(NAME, "decapsulation");
        arriving.remove(DropReason.TUN_DOWN.word());
        assertThat(arriving).isEmpty();
        assertThat(Counts.of(gateway).drops(NAME, "encapsulation")).isEmpty();
    }

    private static List<Map<String, String>> decode(Path capture) {
        return Tshark.decode(
                capture,
                "ip.src",
                "ip.len",
                "ip.checksum.status",
                "gre.flags.version",
                "gre.proto",
                "gre.key.payload_length",
                "gre.key.call_id",
                "gre.sequence_number",
                "gre.ack_number",
                "ppp.protocol",
                "_ws.malformed");
    }

    /** Each end's packets, as the other's call wants them; ours also number by number. */
    private static void assertOnTheWire(List<Map<String, String>> packets, LabProcess control) {
        var agreed = control.awaitError("call_id (\\d+) peer_call_id (\\d+)", PATIENCE);
        List<String> protocols = new ArrayList<>();
        long sequence = 0;
        long acknowledged = -1;
        long received = -1;
        for (Map<String, String> packet : packets) {
            boolean isOurs = outermost(packet, "ip.src").equals(HOST);
            assertThat(isWellFormed(packet, agreed.group(isOurs ? 2 : 1)))
                    .as("%s", packet)
                    .isTrue();
            if (!isOurs) {
                received = Math.max(received, number(packet, "gre.sequence_number"));
                continue;
            }
            protocols.add(packet.get("ppp.protocol"));
            if (number(packet, "gre.sequence_number") >= 0) {
                assertThat(number(packet, "gre.sequence_number")).isEqualTo(sequence++);
            }
            if (number(packet, "gre.ack_number") >= 0) {
                // One that a thread gives may be overtaken by the next one's.
                assertThat(number(packet, "gre.ack_number")).isBetween(0L, received);
                acknowledged = Math.max(acknowledged, number(packet, "gre.ack_number"));
            }
        }
        assertThat(acknowledged).isGreaterThan(200);
        assertThat(sequence).isGreaterThan(200);
        // LCP, IPCP, IP, and an acknowledgment without a frame.
        assertThat(protocols).contains("0xc021", "0x8021", "0x0021", "");
    }

    private static boolean isWellFormed(Map<String, String> packet, String callId) {
        int numbers = (packet.get("gre.sequence_number").isEmpty() ? 0 : 1)
                + (packet.get("gre.ack_number").isEmpty() ? 0 : 1);
        return outermost(packet, "ip.checksum.status").equals("1")
                && packet.get("gre.flags.version").equals("1")
                && packet.get("gre.proto").equals("0x880b")
                && packet.get("gre.key.call_id").equals(callId)
                && number(packet, "ip.len") == HEADERS + 4 * numbers + number(packet, "gre.key.payload_length")
                && packet.get("_ws.malformed").isEmpty();
    }

    /** Of a field that the inner header has, too. */
    private static String outermost(Map<String, String> packet, String field) {
        return packet.getOrDefault(field, "").replaceFirst(",.*", "");
    }

    private static long number(Map<String, String> packet, String field) {
        String value = outermost(packet, field);
        return value.isEmpty() ? -1 : Long.parseLong(value);
    }
}
