package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.ControlClient;
import io.culvert.control.ControlServer;
import io.culvert.control.Events;
import io.culvert.control.RequestHandler;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.MtuSource;
import io.culvert.tunnel.OuterRoute;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class WatchTest {

    private static final long SECOND = 1_000_000_000L;

    @TempDir
    private Path directory;

    private final List<Tunnel> tunnels = new ArrayList<>();
    private final List<Tunnel> down = new ArrayList<>();
    private final Events events = new Events(InstantSource.system(), this::observe);
    private final Watch watch = new Watch(events);
    private long now;
    private ControlServer server;
    private ControlClient client;

    @BeforeEach
    void listen() throws Exception {
        RequestHandler handler = new RequestHandler() {
            @Override
            public ObjectNode handle(String command, ObjectNode arguments) {
                return JsonNodeFactory.instance.objectNode();
            }

            @Override
            public @Nullable Events events(String command) {
                return events;
            }
        };
        tunnels.add(routed(tunnel()));
        server = ControlServer.start(directory.resolve("sock"), handler);
        client = ControlClient.connect(server.path(), ControlClient.TIMEOUT);
        client.request("monitor", JsonNodeFactory.instance.objectNode());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private static Tunnel tunnel() {
        return TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).iseq(true));
    }

    private static Tunnel routed(Tunnel tunnel) {
        tunnel.route(OuterRoute.unresolved(TestTunnels.UNDERLAY, 1500, null));
        return tunnel;
    }

    private void observe() {
        watch.observe(() -> tunnels, down::contains, now);
    }

    /** What is told of the changes since the last call, without times. */
    private List<String> heard() {
        observe();
        events.publish(events.event("end"));
        List<String> heard = new ArrayList<>();
        while (true) {
            ObjectNode event = client.nextEvent();
            String name = event.path("event").asString("");
            if (name.equals("end")) {
                return heard;
            }
            event.remove(List.of("schema", "time"));
            heard.add(event.toString().replace("\"", ""));
        }
    }

    @Test
    void tellsNothingWhereNothingHappened() {
        assertThat(heard()).isEmpty();
    }

    @Test
    void tellsOfTunnels() {
        Tunnel tunnel = tunnels.removeFirst();
        assertThat(heard()).containsExactly("{event:tunnel-removed,tunnel:t1}");
        tunnels.add(tunnel);
        assertThat(heard()).containsExactly("{event:tunnel-added,tunnel:t1,mode:gre,state:up}");
        tunnels.set(0, routed(tunnel.changed(TestTunnels.spec(Mode.GRE).ttl(9).build(), 0)));
        assertThat(heard()).containsExactly("{event:tunnel-changed,tunnel:t1}");
    }

    @Test
    void tellsOfRoutesAndDevices() {
        Tunnel tunnel = tunnels.getFirst();
        tunnel.route(OuterRoute.unusable(DropReason.NO_ROUTE));
        assertThat(heard()).containsExactly("{event:tunnel-down,tunnel:t1,reason:" + DropReason.NO_ROUTE.text() + "}");
        routed(tunnel);
        assertThat(heard()).contains("{event:tunnel-up,tunnel:t1}");
        tunnel.route(OuterRoute.unresolved(TestTunnels.UNDERLAY, 1400, null));
        assertThat(heard()).containsExactly("{event:path-mtu,tunnel:t1,path-mtu:1400,source:link,because:changed}");
        down.add(tunnel);
        assertThat(heard()).containsExactly("{event:tunnel-down,tunnel:t1,reason:its device is down}");
    }

    @Test
    void tellsOfPathMtusThatAreLearntAndForgotten() {
        OuterRoute route = OuterRoute.unresolved(TestTunnels.UNDERLAY, 1500, null);
        tunnels.getFirst().route(route.withMtu(1400, MtuSource.ICMP));
        assertThat(heard()).containsExactly("{event:path-mtu,tunnel:t1,path-mtu:1400,source:icmp,because:learnt}");
        tunnels.getFirst().route(route);
        assertThat(heard()).containsExactly("{event:path-mtu,tunnel:t1,path-mtu:1500,source:link,because:expired}");
    }

    @Test
    void tellsOfPathMtusToEachPeer() {
        Tunnel multipoint =
                TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).remote(null).ikey(1));
        OuterRoute route = OuterRoute.unresolved(TestTunnels.UNDERLAY, 1500, null);
        routed(multipoint);
        tunnels.set(0, multipoint);
        multipoint.peers().routes(Map.of(0xcb00_7102, route, 0xcb00_7103, route));
        heard();
        multipoint.peers().routes(Map.of(0xcb00_7102, route, 0xcb00_7103, route.withMtu(1300, MtuSource.ICMP)));
        assertThat(heard())
                .containsExactly("{event:path-mtu,tunnel:t1,destination:203.0.113.3,path-mtu:1300,source:icmp,"
                        + "because:learnt}");
    }

    @Test
    void tellsThatAPeerRestarted() {
        for (int sequence = 1_000_000; sequence < 1_000_010; sequence++) {
            tunnels.getFirst().acceptSequence(sequence);
        }
        assertThat(heard()).isEmpty();
        for (int sequence = 0; sequence < 40; sequence++) {
            tunnels.getFirst().acceptSequence(sequence);
        }
        assertThat(heard()).containsExactly("{event:peer-restarted,tunnel:t1}");
    }

    @Test
    void tellsWhenDropsBeginAndEnd() {
        Tunnel tunnel = tunnels.getFirst();
        assertThat(heard()).isEmpty();
        tunnel.decapCounters().dropped(DropReason.MARTIAN);
        String drops = ",tunnel:t1,direction:decap,reason:martian,packets:";
        assertThat(heard()).containsExactly("{event:drops-began" + drops + "1}");
        now += 4 * SECOND;
        tunnel.decapCounters().dropped(DropReason.MARTIAN);
        assertThat(heard()).isEmpty();
        now += 4 * SECOND;
        assertThat(heard()).isEmpty();
        now += SECOND;
        assertThat(heard()).containsExactly("{event:drops-ended" + drops + "2}");
        now += 10 * SECOND;
        assertThat(heard()).isEmpty();
    }
}
