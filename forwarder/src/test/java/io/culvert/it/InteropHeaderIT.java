package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.lab.Capture;
import io.culvert.lab.CommandResult;
import io.culvert.lab.GuestLab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.Tshark;
import io.culvert.testing.Judges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** For the same inner packet and the same options, our outer header has the TTL, TOS and DF of Linux's. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class InteropHeaderIT {

    /** TTL or hop limit, TOS or traffic class, and socat's word for DF off (0) or on (2). */
    private static final List<int[]> HEADERS =
            List.of(new int[] {64, 0x00, 2}, new int[] {3, 0x68, 0}, new int[] {255, 0x12, 2}, new int[] {64, 0x01, 0});

    private static final String PORT = "9";
    private static final String[] FIELDS = {
        "ip.src",
        "ip.ttl",
        "ip.dsfield",
        "ip.flags",
        "ipv6.hlim",
        "ipv6.tclass",
        "udp.dstport",
        "icmp.type",
        "icmpv6.type"
    };

    private static @Nullable LabGateway gateway;

    static Stream<InteropRow> rows() {
        return InteropRows.LINUX.stream()
                .filter(row -> !row.isOuterIpv6() && row.sa() == null)
                .filter(row ->
                        Stream.of("remote", "proto", "encap", "session_id").noneMatch(row.keys()::contains))
                .filter(row -> row.keys().isEmpty()
                        || Stream.of("ttl", "tos", "pmtudisc").anyMatch(row.keys()::contains));
    }

    @BeforeAll
    static void startGateway() {
        Judges.requireTool("tshark", "tshark");
        Judges.requireTool("tcpdump", "tcpdump");
        gateway = LabGateway.on(GuestLab.shared().host()).start();
    }

    @AfterAll
    static void stopGateway() {
        if (gateway != null) {
            gateway.close();
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void outerHeadersAreThoseOfLinux(InteropRow row) {
        GuestLab lab = GuestLab.shared();
        List<Map<String, String>> packets;
        try (InteropTunnel _ = InteropTunnel.open(Objects.requireNonNull(gateway), lab, row);
                Capture capture = lab.host().capture(GuestLab.DEVICE, "ip")) {
            for (InteropRow.Inner inner : row.inner()) {
                for (int[] header : HEADERS) {
                    lab.guest().exec(send(inner, inner.ours(), header)).orThrow();
                    CommandResult sent = lab.host().exec("sh", "-c", send(inner, inner.theirs(), header));
                    sent.orThrow();
                }
            }
            // Their replies come behind all that was sent before.
            for (InteropRow.Inner inner : row.inner()) {
                lab.host().exec("ping", "-c", "1", "-W", "20", inner.theirs()).orThrow();
            }
            packets = Tshark.decode(capture.stop(), FIELDS);
        }
        List<String> ours = outerAndInner(packets, GuestLab.HOST.getHostAddress());
        assertThat(ours).hasSize(row.inner().size() * HEADERS.size());
        assertThat(ours).isEqualTo(outerAndInner(packets, GuestLab.GUEST.getHostAddress()));
    }

    private static String send(InteropRow.Inner inner, String destination, int[] header) {
        String options = inner.isIpv6()
                ? "UDP6:[" + destination + "]:" + PORT + ",ipv6-unicast-hops=" + header[0] + ",ipv6-tclass=" + header[1]
                : "UDP4:" + destination + ":" + PORT + ",ip-ttl=" + header[0] + ",ip-tos=" + header[1]
                        + ",ip-mtu-discover=" + header[2];
        return "echo x | socat -u - " + options;
    }

    /** The fields of the UDP packets that came from there, outer and inner, in order. */
    private static List<String> outerAndInner(List<Map<String, String>> packets, String source) {
        List<String> found = new ArrayList<>();
        for (Map<String, String> packet : packets) {
            if (packet.getOrDefault("ip.src", "").startsWith(source)
                    && packet.getOrDefault("udp.dstport", "").equals(PORT)
                    && packet.getOrDefault("icmp.type", "").isEmpty()
                    && packet.getOrDefault("icmpv6.type", "").isEmpty()) {
                found.add(Stream.of("ip.ttl", "ip.dsfield", "ip.flags", "ipv6.hlim", "ipv6.tclass")
                        .map(field -> field + " " + packet.get(field))
                        .collect(Collectors.joining(", ")));
            }
        }
        return found;
    }
}
