package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventFdTest {

    @Test
    void isReadableFromSignalToDrain() {
        try (EventFd event = EventFd.open()) {
            assertThat(Poll.await(event.fd(), Epoll.IN, 0)).isZero();

            event.signal();
            event.signal();
            assertThat(Poll.await(event.fd(), Epoll.IN, -1)).isEqualTo(Epoll.IN);

            event.drain();
            assertThat(Poll.await(event.fd(), Epoll.IN, 0)).isZero();
        }
    }

    @Test
    void drainDoesNotWaitForASignal() {
        try (EventFd event = EventFd.open()) {
            event.drain();
            assertThat(Poll.await(event.fd(), Epoll.IN, 0)).isZero();
        }
    }

    @Test
    void signalWakesAWaitingThread() throws InterruptedException {
        try (EventFd event = EventFd.open()) {
            Thread waiter = new Thread(() -> Poll.await(event.fd(), Epoll.IN, -1));
            waiter.start();
            event.signal();

            assertThat(waiter.join(java.time.Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void doesNothingOnceClosed() {
        EventFd event = EventFd.open();
        event.close();
        event.close();
        event.signal();
        event.drain();

        assertThat(event.fd()).isEqualTo(-1);
    }
}
