package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.gateway.PathMtus.Learnt;
import io.culvert.tunnel.MtuSource;
import io.culvert.wire.Addresses;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class PathMtusTest {

    private static final InetAddress DESTINATION = InetAddress.ofLiteral("203.0.113.2");
    private static final long SECOND = 1_000_000_000L;

    private final PathMtus pathMtus = new PathMtus();

    @Test
    void areKeptForTenMinutes() {
        pathMtus.learnIpv4(DESTINATION, 1400, 5);

        assertThat(pathMtus.expire(5 + 600 * SECOND - 1)).isEmpty();
        assertThat(pathMtus.to(DESTINATION)).isEqualTo(new Learnt(1400, MtuSource.ICMP, 5));
        assertThat(pathMtus.expire(5 + 600 * SECOND)).containsExactly(DESTINATION);
        assertThat(pathMtus.to(DESTINATION)).isNull();
    }

    @Test
    void startAnewWhenLearntAnew() {
        pathMtus.learnIpv4(DESTINATION, 1400, 0);
        pathMtus.learnIpv4(DESTINATION, 1300, 400 * SECOND);

        assertThat(pathMtus.expire(700 * SECOND)).isEmpty();
        assertThat(pathMtus.to(DESTINATION).secondsLeft(700 * SECOND)).isEqualTo(300);
    }

    @Test
    void areNotBelowTheLeastAndLockedThen() {
        pathMtus.learnIpv4(DESTINATION, 551, 0);
        assertThat(pathMtus.to(DESTINATION)).isEqualTo(new Learnt(552, MtuSource.ICMP_LOCKED, 0));
        pathMtus.learnIpv4(DESTINATION, 0, 0);
        assertThat(pathMtus.to(DESTINATION)).isEqualTo(new Learnt(552, MtuSource.ICMP_LOCKED, 0));
        pathMtus.learnIpv4(DESTINATION, 552, 0);
        assertThat(pathMtus.to(DESTINATION)).isEqualTo(new Learnt(552, MtuSource.ICMP, 0));
    }

    @Test
    void areNotMoreThanFit() {
        for (int i = 0; i < PathMtus.CAPACITY; i++) {
            pathMtus.learnIpv4(Addresses.ipv4(0x0a00_0000 + i), 1400, 0);
        }
        pathMtus.learnIpv4(DESTINATION, 1400, 0);
        assertThat(pathMtus.to(DESTINATION)).isNull();
    }
}
