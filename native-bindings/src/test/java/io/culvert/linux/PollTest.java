package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PollTest {

    @Test
    void tellsWhatIsReady() {
        try (EventFd event = EventFd.open()) {
            assertThat(Poll.await(event.fd(), Epoll.IN | Epoll.OUT, -1)).isEqualTo(Epoll.OUT);
            event.signal();
            assertThat(Poll.await(event.fd(), Epoll.IN | Epoll.OUT, -1)).isEqualTo(Epoll.IN | Epoll.OUT);
        }
    }

    @Test
    void returnsZeroAfterTheTimeout() {
        try (EventFd event = EventFd.open()) {
            long before = System.nanoTime();
            assertThat(Poll.await(event.fd(), Epoll.IN, 20)).isZero();
            assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(19_000_000);
        }
    }

    @Test
    void doesNotWaitForADescriptorThatIsClosed() {
        EventFd event = EventFd.open();
        event.close();

        assertThat(Poll.await(event.fd(), Epoll.IN, -1)).isEqualTo(-Errno.EBADF);
        assertThat(Poll.await(1_000_000_000, Epoll.IN, -1)).isEqualTo(-Errno.EBADF);
    }
}
