package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.EventFd;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ReadySetTest {

    private final ReadySet<String> ready = new ReadySet<>();
    private final List<EventFd> opened = new ArrayList<>();

    private EventFd source(String name) {
        EventFd fd = EventFd.open();
        opened.add(fd);
        ready.add(fd.fd(), name);
        return fd;
    }

    @AfterEach
    void close() {
        ready.close();
        opened.forEach(EventFd::close);
    }

    /** What is ready now, each with one turn. */
    private Set<String> turns() {
        Set<String> names = new HashSet<>();
        ready.await(0);
        for (String name = ready.current(); name != null; name = ready.current()) {
            assertThat(names.add(name)).isTrue();
            ready.drained();
        }
        return names;
    }

    @Test
    void hasNothingAtFirst() {
        assertThat(ready.current()).isNull();
        assertThat(turns()).isEmpty();
    }

    @Test
    void givesEachReadySourceItsTurn() {
        EventFd one = source("one");
        source("two");
        EventFd three = source("three");
        one.signal();
        three.signal();

        assertThat(turns()).containsExactlyInAnyOrder("one", "three");
        one.drain();
        assertThat(turns()).containsExactly("three");
    }

    @Test
    void staysWithASourceUntilItIsDrained() {
        source("one").signal();
        ready.await(0);

        assertThat(ready.current()).isEqualTo("one");
        assertThat(ready.current()).isEqualTo("one");
        ready.drained();
        assertThat(ready.current()).isNull();
    }

    @Test
    void forgetsARemovedSourceEvenIfItWasFoundReady() {
        EventFd one = source("one");
        EventFd two = source("two");
        one.signal();
        two.signal();
        ready.await(0);
        ready.remove(one.fd(), "one");

        assertThat(remaining()).containsExactly("two");
        assertThat(turns()).containsExactly("two");
    }

    private List<@Nullable String> remaining() {
        List<@Nullable String> names = new ArrayList<>();
        for (String name = ready.current(); name != null; name = ready.current()) {
            names.add(name);
            ready.drained();
        }
        return names;
    }

    @Test
    void usesThePlaceOfARemovedSourceAgain() {
        EventFd one = source("one");
        EventFd two = source("two");
        ready.remove(one.fd(), "one");
        EventFd three = source("three");
        one.signal();
        two.signal();
        three.signal();

        assertThat(turns()).containsExactlyInAnyOrder("two", "three");
    }

    @Test
    void findsEachOfManySources() {
        List<EventFd> fds = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            fds.add(source("source " + i));
        }
        fds.forEach(EventFd::signal);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 10 && names.size() < fds.size(); i++) {
            names.addAll(turns());
        }

        assertThat(names).hasSize(fds.size());
    }

    @Test
    void wakesUpAWaiterOnceAndBeforehand() throws InterruptedException {
        ready.wakeUp();
        ready.await(-1);
        assertThat(ready.current()).isNull();
        long start = System.nanoTime();
        ready.await(30);
        assertThat(System.nanoTime() - start).isGreaterThan(20_000_000);

        Thread waiter = Thread.ofPlatform().start(() -> ready.await(-1));
        LockSupport.parkNanos(5_000_000);
        ready.wakeUp();
        waiter.join();
        assertThat(ready.current()).isNull();
    }
}
