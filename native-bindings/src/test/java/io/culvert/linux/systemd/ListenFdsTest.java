package io.culvert.linux.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ListenFdsTest {

    /** Does what a service manager does: opens sockets as 3, 4 and 5, sets the variables, becomes the service. */
    private static final String MANAGER = """
            import os, socket, sys
            for fd in (3, 4, 5):
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                if s.fileno() != fd:
                    os.dup2(s.fileno(), fd)
                    s.close()
                else:
                    s.detach()
                os.set_inheritable(fd, True)
            os.environ['LISTEN_PID'] = str(os.getpid())
            os.environ['LISTEN_FDS'] = '3'
            os.environ['LISTEN_FDNAMES'] = 'control:tun:control'
            os.execvp(sys.argv[1], sys.argv[1:])
            """;

    @Test
    void takesWhatTheServiceManagerHandsOver() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String output = Commands.run(
                "python3",
                "-c",
                MANAGER,
                java,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Service.class.getName());

        assertThat(output.lines())
                .containsExactly(
                        "before false", "all [3, 4, 5]", "control [3, 5]", "tun [4]", "other []", "after true");
    }

    @Test
    void takesNothingThatIsMeantForOthers() {
        assertThat(ListenFds.take(Map.of("LISTEN_PID", "41", "LISTEN_FDS", "2"), 42))
                .isEmpty();
        assertThat(ListenFds.take(Map.of("LISTEN_FDS", "2"), 42)).isEmpty();
        assertThat(ListenFds.take(Map.of(), 42)).isEmpty();
    }

    @Test
    void takesNothingFromNonsense() {
        for (String count : new String[] {"", "-1", "0", "many", "99999999999999999999"}) {
            assertThat(ListenFds.take(Map.of("LISTEN_PID", "42", "LISTEN_FDS", count), 42))
                    .as(count)
                    .isEmpty();
        }
    }

    /** The process that is handed the sockets. */
    static final class Service {

        private static final int O_CLOEXEC = 02000000;

        private Service() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println("before " + isClosedOnExec(3));
            System.out.println("all " + ListenFds.take());
            System.out.println("control " + ListenFds.take("control"));
            System.out.println("tun " + ListenFds.take("tun"));
            System.out.println("other " + ListenFds.take("other"));
            System.out.println("after " + (isClosedOnExec(3) && isClosedOnExec(4) && isClosedOnExec(5)));
        }

        private static boolean isClosedOnExec(int fd) throws IOException {
            String flags =
                    Files.readString(Path.of("/proc/self/fdinfo/" + fd)).replaceAll("(?s).*flags:\\s+(\\d+).*", "$1");
            return (Integer.parseInt(flags, 8) & O_CLOEXEC) != 0;
        }
    }
}
