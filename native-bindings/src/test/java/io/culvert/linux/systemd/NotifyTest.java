package io.culvert.linux.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.ErrnoException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifyTest {

    @TempDir
    private Path directory;

    @Test
    void speaksToASocketOfAPath() throws Exception {
        speaksTo(directory.resolve("notify").toString());
    }

    @Test
    void speaksToAnAbstractSocket() throws Exception {
        speaksTo("@culvert-notify-" + ProcessHandle.current().pid());
    }

    private static void speaksTo(String socket) throws Exception {
        try (Receiver receiver = new Receiver(socket)) {
            Notify notify = Notify.from(Map.of("NOTIFY_SOCKET", socket), 1);

            assertThat(notify.isEnabled()).isTrue();
            notify.ready();
            assertThat(receiver.next()).isEqualTo("READY=1");
            notify.status("forwarding\nREADY=0");
            assertThat(receiver.next()).isEqualTo("STATUS=forwarding READY=0");
            notify.watchdog();
            assertThat(receiver.next()).isEqualTo("WATCHDOG=1");
            notify.stopping();
            assertThat(receiver.next()).isEqualTo("STOPPING=1");
        }
    }

    @Test
    void datesAReloadByTheMonotonicClock() throws Exception {
        try (Receiver receiver =
                new Receiver("@culvert-reload-" + ProcessHandle.current().pid())) {
            long before = receiver.clockMicros();
            new Notify(receiver.socket).reloading();
            String message = receiver.next();
            long after = receiver.clockMicros();

            assertThat(message).startsWith("RELOADING=1|MONOTONIC_USEC=");
            assertThat(Long.parseLong(message.replaceAll(".*=", ""))).isBetween(before, after);
        }
    }

    @Test
    void doesNothingWithoutSystemd() {
        Notify notify = Notify.from(Map.of(), 1);

        assertThat(notify.isEnabled()).isFalse();
        notify.ready();
        notify.status("nobody listens");
        notify.reloading();
        notify.watchdog();
        notify.stopping();
        assertThat(notify.watchdogMicros()).isZero();
    }

    @Test
    void namesTheSocketThatNobodyHears() {
        String socket = directory.resolve("missing").toString();

        assertThatThrownBy(() -> new Notify(socket).ready())
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("notify(" + socket + "): ENOENT");
    }

    @Test
    void refusesSocketsThatAreNone() {
        for (String socket : List.of("notify", "@", "vsock:2:1", "/" + "x".repeat(107))) {
            assertThatThrownBy(() -> Notify.from(Map.of("NOTIFY_SOCKET", socket), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("NOTIFY_SOCKET=" + socket);
        }
    }

    @Test
    void keepsTheWatchdogOfItsOwnProcess() {
        assertThat(Notify.from(Map.of("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", "42"), 42)
                        .watchdogMicros())
                .isEqualTo(10_000_000);
        assertThat(Notify.from(Map.of("WATCHDOG_USEC", "10000000"), 42).watchdogMicros())
                .isEqualTo(10_000_000);
        assertThat(Notify.from(Map.of("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", "43"), 42)
                        .watchdogMicros())
                .isZero();
        assertThat(Notify.from(Map.of("WATCHDOG_USEC", "soon"), 42).watchdogMicros())
                .isZero();
    }

    /** A datagram socket of another language; prints each message on a line, line ends as bars. */
    private static final class Receiver implements AutoCloseable {

        private static final String SCRIPT = """
                import socket, sys, time
                name = sys.argv[1]
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.settimeout(10)
                s.bind('\\0' + name[1:] if name[0] == '@' else name)
                print('bound', flush=True)
                for line in sys.stdin:
                    if line == 'clock\\n':
                        print(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, flush=True)
                    else:
                        print(s.recv(4096).decode().replace('\\n', '|'), flush=True)
                """;

        private final String socket;
        private final Process process;
        private final BufferedReader output;

        Receiver(String socket) throws IOException {
            this.socket = socket;
            process = new ProcessBuilder("python3", "-c", SCRIPT, socket)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            output = process.inputReader();
            assertThat(output.readLine()).isEqualTo("bound");
        }

        String next() throws IOException {
            return ask("next");
        }

        long clockMicros() throws IOException {
            return Long.parseLong(ask("clock"));
        }

        private String ask(String question) throws IOException {
            process.outputWriter().write(question + "\n");
            process.outputWriter().flush();
            return output.readLine();
        }

        @Override
        public void close() throws IOException {
            process.outputWriter().close();
            process.onExit().join();
        }
    }
}
