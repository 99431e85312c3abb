package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteSetTest {

    private final RemoteSet remotes = new RemoteSet();

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0, true",
        "203.0.113.0, 24, true",
        "203.0.113.7, 32, true",
        "203.0.113.6, 32, false",
        "203.0.113.8, 29, false",
        "203.0.114.0, 24, false",
        "255.255.255.255, 32, false",
        "::, 0, true",
        "2001:db8::, 32, true",
        "2001:db9::, 32, false",
        "203.0.113.99, 24, true",
    })
    void knowsWhetherARouteCoversARemote(String network, int length, boolean covers) {
        remotes.add(InetAddress.ofLiteral("203.0.113.7"));
        remotes.add(InetAddress.ofLiteral("2001:db8::1"));

        assertThat(remotes.anyIn(InetAddress.ofLiteral(network), length)).isEqualTo(covers);
    }

    @Test
    void keepsARemoteUntilItsLastTunnelHasGone() {
        InetAddress remote = InetAddress.ofLiteral("203.0.113.7");
        remotes.add(remote);
        remotes.add(remote);

        remotes.remove(remote);
        assertThat(remotes.anyIn(remote, 32)).isTrue();

        remotes.remove(remote);
        assertThat(remotes.anyIn(remote, 32)).isFalse();
        assertThat(remotes.anyIn(InetAddress.ofLiteral("0.0.0.0"), 0)).isFalse();
    }
}
