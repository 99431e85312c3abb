package io.culvert.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class TunnelChangesTest {

    @Test
    void tellsAddedChangedAndRemovedTunnelsApart() {
        TunnelChanges changes = TunnelChanges.between(
                List.of(spec("same", 1), spec("other", 1), spec("gone", 1)),
                List.of(spec("new", 1), spec("other", 2), spec("same", 1)));

        assertThat(changes.added()).containsExactly(spec("new", 1));
        assertThat(changes.changed()).containsExactly(spec("other", 2));
        assertThat(changes.removed()).containsExactly("gone");
    }

    @Test
    void hasNothingToDoForTheSameTunnelsInAnotherOrder() {
        List<TunnelSpec> one = List.of(spec("a", 1), spec("b", 2));

        assertThat(TunnelChanges.between(one, one.reversed()).isEmpty()).isTrue();
        assertThat(TunnelChanges.between(one, List.of(spec("a", 1))).isEmpty()).isFalse();
    }

    private static TunnelSpec spec(String name, int ttl) {
        return TunnelSpec.builder(name, Mode.GRE)
                .remote(InetAddress.ofLiteral("203.0.113.2"))
                .ttl(ttl)
                .build();
    }
}
