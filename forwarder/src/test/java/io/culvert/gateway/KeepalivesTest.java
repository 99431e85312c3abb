package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Keepalive;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeepalivesTest {

    private static final long SECOND = 1_000_000_000L;

    private final Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).keepalive(new Keepalive(10, 3)));
    private final List<String> log = new ArrayList<>();
    private final Keepalives keepalives = new Keepalives(new Keepalives.Output() {
        @Override
        public void send(Tunnel of, byte[] packet) {
            log.add(now + " sent");
        }

        @Override
        public void carrier(Tunnel of, boolean on) {
            log.add(now + (on ? " up" : " down"));
        }
    });
    private long now;

    private void run(long until) {
        for (; now < until; now++) {
            keepalives.tick(List.of(tunnel), now * SECOND);
        }
    }

    @Test
    void isDownOnceAllRetriesStayedAwayAndUpWithTheFirstThatComes() {
        run(35);
        assertThat(log).containsExactly("0 sent", "10 sent", "20 sent", "30 down", "30 sent");
        assertThat(tunnel.keepalives().isSilent()).isTrue();

        log.clear();
        tunnel.keepalives().returned();
        run(41);
        assertThat(log).containsExactly("35 up", "40 sent");
        assertThat(tunnel.keepalives().isSilent()).isFalse();
    }

    @Test
    void staysUpAsLongAsOneOfThemComes() {
        for (int i = 0; i < 10; i++) {
            run(now + 25);
            tunnel.keepalives().returned();
        }
        assertThat(log).hasSize(25).noneMatch(line -> line.endsWith("down"));
    }

    @Test
    void isUpAgainWithoutKeepalives() {
        run(31);
        Tunnel changed = tunnel.changed(TestTunnels.spec(Mode.GRE).build(), 0);
        log.clear();

        keepalives.tick(List.of(changed), now * SECOND);

        assertThat(log).containsExactly("31 up");
        assertThat(changed.keepalives().isSilent()).isFalse();
    }

    @Test
    void sendsNoneThatOnlyAnswers() {
        Tunnel answering = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).keepalive(Keepalive.ANSWER));

        keepalives.tick(List.of(answering), 0);

        assertThat(log).isEmpty();
    }
}
