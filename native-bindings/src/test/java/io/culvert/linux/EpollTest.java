package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EpollTest {

    private final Epoll epoll = Epoll.open(4);
    private final EventFd first = EventFd.open();
    private final EventFd second = EventFd.open();

    @AfterEach
    void close() {
        first.close();
        second.close();
        epoll.close();
    }

    @Test
    void tellsWhichDescriptorIsReadyByItsToken() {
        epoll.add(first.fd(), Epoll.IN, 0x1122334455667788L);
        epoll.add(second.fd(), Epoll.IN, -7);
        second.signal();

        assertThat(epoll.await(-1)).isEqualTo(1);
        assertThat(epoll.token(0)).isEqualTo(-7);
        assertThat(epoll.events(0)).isEqualTo(Epoll.IN);

        first.signal();

        assertThat(epoll.await(-1)).isEqualTo(2);
        assertThat(new long[] {epoll.token(0), epoll.token(1)}).containsExactlyInAnyOrder(0x1122334455667788L, -7);
    }

    @Test
    void findsNothingAfterTheTimeout() {
        epoll.add(first.fd(), Epoll.IN, 1);

        long before = System.nanoTime();
        assertThat(epoll.await(20)).isZero();
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(19_000_000);
        assertThat(epoll.await(0)).isZero();
    }

    @Test
    void reportsOnlyWhatWasAskedFor() {
        epoll.add(first.fd(), Epoll.OUT, 1);
        epoll.add(second.fd(), Epoll.IN | Epoll.OUT, 2);
        second.signal();

        assertThat(epoll.await(-1)).isEqualTo(2);
        int ofFirst = epoll.token(0) == 1 ? 0 : 1;
        assertThat(epoll.events(ofFirst)).isEqualTo(Epoll.OUT);
        assertThat(epoll.events(1 - ofFirst)).isEqualTo(Epoll.IN | Epoll.OUT);
    }

    @Test
    void returnsAtMostItsCapacity() {
        try (Epoll small = Epoll.open(1)) {
            small.add(first.fd(), Epoll.OUT, 1);
            small.add(second.fd(), Epoll.OUT, 2);

            assertThat(small.await(-1)).isEqualTo(1);
            assertThatThrownBy(() -> small.token(1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void reportsAnEdgeOnceAndAgainWhenAsked() {
        epoll.add(first.fd(), Epoll.IN | Epoll.EDGE, 1);
        first.signal();
        assertThat(epoll.await(-1)).isEqualTo(1);
        assertThat(epoll.await(0)).isZero();

        assertThat(epoll.report(first.fd(), Epoll.IN | Epoll.EDGE, 3)).isZero();

        assertThat(epoll.await(0)).isEqualTo(1);
        assertThat(epoll.token(0)).isEqualTo(3);
        first.drain();
        assertThat(epoll.report(first.fd(), Epoll.IN | Epoll.EDGE, 3)).isZero();
        assertThat(epoll.await(0)).isZero();
        assertThat(epoll.report(second.fd(), Epoll.IN, 3)).isEqualTo(-Errno.ENOENT);
    }

    @Test
    void watchesWhatWasRemovedNoLonger() {
        epoll.add(first.fd(), Epoll.OUT, 1);
        epoll.remove(first.fd());

        assertThat(epoll.await(0)).isZero();
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> epoll.remove(first.fd()))
                .withMessageContaining("epoll_ctl(EPOLL_CTL_DEL, fd " + first.fd() + "): ENOENT");
    }

    @Test
    void refusesADescriptorTwice() {
        epoll.add(first.fd(), Epoll.IN, 1);

        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> epoll.add(first.fd(), Epoll.IN, 2))
                .satisfies(refused -> assertThat(refused.errno()).isEqualTo(Errno.EEXIST));
    }

    @Test
    void refusesToHoldNoEvents() {
        assertThatIllegalArgumentException().isThrownBy(() -> Epoll.open(0));
    }

    @Test
    void isClosedOnce() {
        epoll.close();
        epoll.close();

        assertThat(epoll.await(0)).isEqualTo(-Errno.EBADF);
    }
}
