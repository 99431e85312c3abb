package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.LinkStatistics;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class GatewayReportTest {

    private static final Tunnel TUNNEL = TestTunnels.tunnel(TestTunnels.spec(Mode.IPIP));

    private static JsonNode drops(long ofTheDevice) {
        LinkStatistics statistics = new LinkStatistics(0, 0, 0, 0, 0, ofTheDevice, 0, 0);
        Link link = new Link(9, "t1", Link.ARPHRD_NONE, Link.IFF_UP, 1480, new byte[0], "tun", statistics);
        return GatewayReport.tunnel(TUNNEL, link, Map.of())
                .path("encapsulation")
                .path("drops");
    }

    /** What the kernel did not even hand over is no less lost than what the gateway dropped. */
    @Test
    void countsWhatTheDevicesFullQueueDropped() {
        assertThat(drops(5).path(DropReason.TUN_QUEUE_FULL.word()).asLong()).isEqualTo(5);
        assertThat(drops(0)).isEmpty();
    }
}
