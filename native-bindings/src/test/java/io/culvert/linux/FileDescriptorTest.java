package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class FileDescriptorTest {

    @Test
    void closingAgainLeavesAnotherFileOfThatNumberOpen() {
        FileDescriptor first = openNull();
        int number = first.fd();
        first.close();
        // The kernel gives out the lowest free number, so the first's comes back sooner or later.
        FileDescriptor second = openNull();
        while (second.fd() != number) {
            second = openNull();
        }

        first.close();

        assertThat(write(second.fd())).isEqualTo(1);
        second.close();
    }

    @Test
    void isNoDescriptorOnceClosed() {
        FileDescriptor descriptor = openNull();
        assertThat(write(descriptor.fd())).isEqualTo(1);

        descriptor.close();

        assertThat(descriptor.fd()).isEqualTo(-1);
        assertThat(write(descriptor.fd())).isEqualTo(-Errno.EBADF);
    }

    private static FileDescriptor openNull() {
        try (Arena call = Arena.ofConfined()) {
            return new FileDescriptor(ErrnoException.check(
                    SystemCalls.open(call.allocateFrom("/dev/null").address(), 1, 0), "open"));
        }
    }

    private static int write(int fd) {
        try (Arena call = Arena.ofConfined()) {
            return SystemCalls.write(fd, call.allocate(1).address(), 1);
        }
    }
}
