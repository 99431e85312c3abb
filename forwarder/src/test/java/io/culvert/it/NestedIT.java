package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A packet in a packet in a packet: what came out of a tunnel is opened by no other, whoever forged it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NestedIT {

    private static final int INNER_LEFT = 0xc0000201;
    private static final int INNER_RIGHT = 0xc0000202;

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "RAW"})
    void decapsulatesOnce(Lane lane) {
        byte[] innermost =
                Packets.ipv4().payload(Packets.udp(0, Packets.data(5))).build();
        byte[] nested = Packets.ipv4()
                .source(INNER_LEFT)
                .destination(INNER_RIGHT)
                .protocol(4)
                .payload(innermost)
                .build();
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = LabGateway.on(lab.right())
                    .lane(lane)
                    .tunnel(TunnelSpec.builder("gre1", Mode.GRE)
                            .local(lab.right().address())
                            .remote(lab.left().address())
                            .addresses(List.of(Prefix.parse("192.0.2.2/30")))
                            .build())
                    .tunnel(TunnelSpec.builder("ipip1", Mode.IPIP)
                            .local(InetAddress.ofLiteral("192.0.2.2"))
                            .remote(InetAddress.ofLiteral("192.0.2.1"))
                            .build())
                    .start();
            try (RawSender sender = RawSender.open(lab.left())) {
                sender.send(Packets.ipv4()
                        .source(0xcb007101)
                        .destination(0xcb007102)
                        .protocol(47)
                        .payload(Packets.gre().payload(nested).build())
                        .build());
                Await.until(
                        "the nested packet is dropped",
                        () -> !Counts.of(gateway).pathDrops("decap").isEmpty());
            }
            Counts counts = Counts.of(gateway);
            assertThat(counts.decapsulated("gre1")).isEqualTo(1);
            assertThat(counts.decapsulated("ipip1")).isZero();
            assertThat(counts.pathDrops("decap")).isEqualTo(Map.of(DropReason.NESTED.word(), 1L));
        }
    }
}
