package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class EventsTest {

    private static final String NOW = "2026-11-22T10:11:12.345Z";

    @TempDir
    private Path directory;

    private final AtomicInteger listened = new AtomicInteger();
    private final Events events = new Events(InstantSource.fixed(Instant.parse(NOW)), listened::incrementAndGet);

    /** Answers nothing but with events. */
    private final class Handler implements RequestHandler {
        @Override
        public ObjectNode handle(String command, ObjectNode arguments) {
            return JsonNodeFactory.instance.objectNode().put("answered", command);
        }

        @Override
        public @Nullable Events events(String command) {
            return command.equals("monitor") ? events : null;
        }
    }

    private static ObjectNode none() {
        return JsonNodeFactory.instance.objectNode();
    }

    @Test
    void clientsHearWhatHappensFromTheAnswerOn() throws Exception {
        try (ControlServer server = ControlServer.start(directory.resolve("sock"), new Handler());
                ControlClient client = ControlClient.connect(server.path(), ControlClient.TIMEOUT)) {
            assertThat(events.hasListeners()).isFalse();
            assertThat(client.request("show", none()).path("answered").asString(""))
                    .isEqualTo("show");
            client.request("monitor", none());
            assertThat(listened).hasValue(1);

            events.publish(events.event("tunnel-up").put("tunnel", "gre1"));

            assertThat(JsonText.write(client.nextEvent()))
                    .isEqualTo("{\"schema\":1,\"time\":\"" + NOW + "\",\"event\":\"tunnel-up\",\"tunnel\":\"gre1\"}");
        }
        Awaitility.await().until(() -> !events.hasListeners());
    }

    @Test
    void endsWhenTheServerEnds() throws Exception {
        ControlServer server = ControlServer.start(directory.resolve("sock"), new Handler());
        try (ControlClient client = ControlClient.connect(server.path(), ControlClient.TIMEOUT)) {
            client.request("monitor", none());
            server.close();

            assertThat(client.nextEvent()).isNull();
        }
    }

    /** A client that does not read fills its socket and then its queue; telling goes on, and it hears what it missed. */
    @Test
    void aSlowClientLosesEventsAndHearsHowMany() throws Exception {
        int count = 20 * EventQueue.CAPACITY;
        try (ControlServer server = ControlServer.start(directory.resolve("sock"), new Handler());
                ControlClient slow = ControlClient.connect(server.path(), ControlClient.TIMEOUT)) {
            slow.request("monitor", none());
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                events.publish(events.event("x").put("number", i));
            }
            assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);

            long heard = 0;
            long lost = 0;
            int last = -1;
            while (heard + lost < count) {
                ObjectNode event = slow.nextEvent();
                if (event.path("event").asString("").equals("lost")) {
                    lost += event.path("events").asLong(0);
                } else {
                    heard++;
                    assertThat(event.path("number").asInt(0)).isGreaterThan(last);
                    last = event.path("number").asInt(0);
                }
            }
            assertThat(heard + lost).isEqualTo(count);
            assertThat(lost).isPositive();
        }
    }

    @Test
    void saysWhereEventsAreMissing() throws InterruptedException {
        EventQueue queue = events.listen();
        for (int i = 0; i < EventQueue.CAPACITY + 3; i++) {
            queue.add(events.event("e" + i));
        }
        List<String> heard = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            heard.add(queue.take().path("event").asString(""));
        }
        queue.add(events.event("late"));
        for (int i = 2; i < EventQueue.CAPACITY + 2; i++) {
            heard.add(queue.take().path("event").asString(""));
        }

        assertThat(heard).startsWith("e0", "e1").endsWith("e" + (EventQueue.CAPACITY - 1), "lost", "late");
    }
}
