package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.lab.Capture;
import io.culvert.lab.CommandResult;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.PtyLine;
import io.culvert.lab.Tshark;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.PptpOptions;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mode pptp between two gateways, with the test at both ptys: no kernel needs PPP for it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PptpFramesIT {

    private static final String NAME = "call1";
    private static final int FRAMES = 400;
    private static final int BURST = 40;

    /** The path's MTU less the outer headers. */
    private static final int LONGEST = 1500 - 36;

    private static TunnelSpec tunnel(Host here, Host there, int call, int peerCall) {
        return TunnelSpec.builder(NAME, Mode.PPTP)
                .local(here.address())
                .remote(there.address())
                .pptp(new PptpOptions(call, peerCall))
                .build();
    }

    private static LabGateway gateway(Lab lab, boolean isLeft, Lane lane, Pipeline pipeline) {
        Host here = isLeft ? lab.left() : lab.right();
        Host there = isLeft ? lab.right() : lab.left();
        return LabGateway.on(here)
                .lane(lane)
                .pipeline(pipeline)
                .tunnel(isLeft ? tunnel(here, there, 7, 65_535) : tunnel(here, there, 65_535, 7))
                .start();
    }

    private static Path pty(LabGateway gateway) {
        return Path.of(gateway.show().path("tunnels").path(0).path("pty").asString(""));
    }

    private static String state(LabGateway gateway) {
        return gateway.show().path("tunnels").path(0).path("state").asString("");
    }

    /** Of every length that goes in one packet. */
    private static byte[] frame(int number) {
        byte[] frame = new byte[2 + number * 7 % (LONGEST - 1)];
        new SplittableRandom(number).nextBytes(frame);
        return frame;
    }

    @ParameterizedTest
    @CsvSource({"AUTO, FUSED", "RAW, STAGED"})
    void carriesFramesWholeAndInOrder(Lane lane, Pipeline pipeline) {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway left = gateway(lab, true, lane, pipeline);
            LabGateway right = gateway(lab, false, lane, pipeline);
            try (PtyLine atLeft = new PtyLine(pty(left));
                    PtyLine atRight = new PtyLine(pty(right))) {
                for (int burst = 0; burst < FRAMES; burst += BURST) {
                    for (int i = burst; i < burst + BURST; i++) {
                        atLeft.send(frame(i));
                        atRight.send(frame(FRAMES + i));
                    }
                    for (int i = burst; i < burst + BURST; i++) {
                        assertThat(atRight.receive())
                                .as("frame %d from the left", i)
                                .isEqualTo(frame(i));
                        assertThat(atLeft.receive())
                                .as("frame %d from the right", i)
                                .isEqualTo(frame(FRAMES + i));
                    }
                }
                byte[] inFragments = new byte[3000];
                Arrays.fill(inFragments, (byte) 0x7e);
                atLeft.send(inFragments);
                assertThat(atRight.receive()).isEqualTo(inFragments);
                byte[] damaged = PtyLine.octets(frame(5));
                damaged[7] ^= 0x40;
                atLeft.sendOctets(damaged);
                atLeft.send(frame(6));
                assertThat(atRight.receive()).isEqualTo(frame(6));
                Counts counts = Counts.settled(left);
                assertThat(counts.drops(NAME, "encapsulation")).isEqualTo(Map.of("frame_fcs", 1L));
                assertThat(counts.encapsulated(NAME)).isEqualTo(FRAMES + 2);
                assertThat(counts.decapsulated(NAME)).isEqualTo(FRAMES);
                assertThat(counts.drops(NAME, "decapsulation")).isEmpty();
                assertThat(state(left)).isEqualTo("up");
            }
        }
    }

    @Test
    void acknowledgesAndServesOneProgramAfterTheOther() throws IOException {
        Judges.requireTool("tcpdump", "tcpdump");
        Judges.requireTool("tshark", "tshark");
        try (Lab lab = Lab.twoHosts()) {
            LabGateway left = gateway(lab, true, Lane.AUTO, Pipeline.FUSED);
            LabGateway right = gateway(lab, false, Lane.AUTO, Pipeline.FUSED);
            assertAcknowledges(lab, left, right);
            assertServes(left, right);
        }
    }

    /** Every packet has a number; what nothing goes back for is acknowledged all the same. */
    private static void assertAcknowledges(Lab lab, LabGateway left, LabGateway right) {
        try (PtyLine atLeft = new PtyLine(pty(left));
                PtyLine atRight = new PtyLine(pty(right));
                Capture capture = lab.left().capture(Host.UNDERLAY, "ip proto 47")) {
            for (int i = 0; i < 20; i++) {
                atLeft.send(frame(i));
                assertThat(atRight.receive()).isEqualTo(frame(i));
            }
            Await.until("the rest is acknowledged too", () -> Counts.of(left).path("decap", "answered") >= 3);
            atRight.send(frame(1));
            assertThat(atLeft.receive()).isEqualTo(frame(1));
            assertNumbers(capture.stop(), lab);
        }
        Await.until("the program is gone", () -> state(left).equals("down"));
    }

    private static void assertNumbers(Path capture, Lab lab) {
        List<Map<String, String>> packets = Tshark.decode(
                capture,
                "ip.src",
                "gre.flags.version",
                "gre.key.call_id",
                "gre.key.payload_length",
                "gre.sequence_number",
                "gre.ack_number");
        String there = lab.right().address().getHostAddress();
        int number = 0;
        int acknowledged = -1;
        for (Map<String, String> packet : packets) {
            assertThat(packet).containsEntry("gre.flags.version", "1");
            if (packet.get("ip.src").equals(there)) {
                assertThat(packet).containsEntry("gre.key.call_id", "7");
                int next = Integer.parseInt(packet.get("gre.ack_number"));
                assertThat(next).isBetween(acknowledged, acknowledged + 8);
                acknowledged = next;
            } else if (!packet.get("gre.sequence_number").isEmpty()) {
                assertThat(packet)
                        .containsEntry("gre.key.call_id", "65535")
                        .containsEntry("gre.sequence_number", String.valueOf(number++));
            }
        }
        assertThat(number).isEqualTo(20);
        assertThat(acknowledged).isEqualTo(19);
    }

    private static void assertServes(LabGateway left, LabGateway right) throws IOException {
        Path link = left.pty(NAME);
        assertThat(pty(left)).isEqualTo(link).isSymbolicLink();
        assertThat(permissions(link)).isEqualTo("rw-------");
        assertThat(permissions(link.getParent())).isEqualTo("rwx------");
        try (PtyLine atRight = new PtyLine(pty(right))) {
            for (int program = 0; program < 3; program++) {
                Map<String, Long> expected = Map.of("tun_down", program + 1L);
                atRight.send(frame(1));
                Await.until(
                        "it is dropped while nobody is there",
                        () -> Counts.of(left).drops(NAME, "decapsulation").equals(expected));
                try (PtyLine atLeft = new PtyLine(link)) {
                    atLeft.send(frame(10 + program));
                    assertThat(atRight.receive()).isEqualTo(frame(10 + program));
                    atRight.send(frame(20 + program));
                    assertThat(atLeft.receive()).isEqualTo(frame(20 + program));
                    assertThat(state(left)).isEqualTo("up");
                }
                Await.until("the program is gone", () -> state(left).equals("down"));
            }
        }
        left.delete(NAME);
        assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThat(link.getParent()).doesNotExist();
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void isAddedShownAndDeletedInTheWordsOfTunnel() {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = LabGateway.on(lab.left()).start();
            String here = lab.left().address().getHostAddress();
            String there = lab.right().address().getHostAddress();
            String[] add = {
                "tunnel",
                "add",
                "p1",
                "mode",
                "pptp",
                "local",
                here,
                "remote",
                there,
                "call_id",
                "5",
                "peer_call_id",
                "0"
            };
            gateway.culvert(add).orThrow();
            assertThat(pty(gateway)).isSymbolicLink();

            CommandResult shown = gateway.culvert("tunnel", "show", "p1").orThrow();
            assertThat(shown.out().strip())
                    .isEqualTo("p1: ppp/ip remote " + there + " local " + here
                            + " ttl inherit call_id 5 peer_call_id 0 pty " + pty(gateway));
            assertThat(gateway.culvert("-j", "tunnel", "show").orThrow().out())
                    .contains("\"call_id\":5", "\"peer_call_id\":0", "\"mode\":\"ppp/ip\"");
            gateway.culvert("tunnel", "change", "p1", "peer_call_id", "9").orThrow();
            assertThat(gateway.culvert("show").orThrow().out())
                    .contains("peer_call_id: 9", "pty: " + pty(gateway), "run pppd on it");
            add[2] = "p2";
            assertThat(gateway.culvert(add).err()).contains("File exists");
            CommandResult incomplete =
                    gateway.culvert("tunnel", "add", "p3", "mode", "pptp", "local", here, "remote", there);
            assertThat(incomplete.exit()).isNotZero();
            assertThat(incomplete.err()).contains("mode pptp needs a call_id");
            CommandResult other = gateway.culvert(
                    "tunnel", "add", "g1", "mode", "gre", "local", here, "remote", there, "call_id", "5");
            assertThat(other.err()).contains("call_id and peer_call_id are for mode pptp only");

            gateway.culvert("tunnel", "del", "p1").orThrow();
            assertThat(gateway.show().path("tunnels").size()).isZero();
        }
    }
}
