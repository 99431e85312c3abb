package io.culvert.linux.systemd;

import io.culvert.linux.SystemCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The open files that the service manager hands over, as sd_listen_fds(3) takes them: sockets, or what a restart keeps. */
public final class ListenFds {

    static final int F_SETFD = 2;
    static final int FD_CLOEXEC = 1;

    /** After standard input, output and error. */
    private static final int FIRST = 3;

    /** More than any service is given, and few enough to count. */
    private static final int AT_MOST = 4096;

    private ListenFds() {}

    /**
     * The descriptors handed to this process, in the order of the unit's files; empty if none were. Programs that this one
     * starts do not inherit them. The caller owns them, and asks once.
     */
    public static List<Integer> take() {
        return take(System.getenv(), ProcessHandle.current().pid());
    }

    /** Those of {@link #take} whose FileDescriptorName= is {@code name}. */
    public static List<Integer> take(String name) {
        return take(System.getenv(), ProcessHandle.current().pid(), name);
    }

    static List<Integer> take(Map<String, String> environment, long pid) {
        List<Integer> fds =
                IntStream.range(FIRST, FIRST + count(environment, pid)).boxed().toList();
        fds.forEach(fd -> SystemCalls.fcntl(fd, F_SETFD, FD_CLOEXEC));
        return fds;
    }

    static List<Integer> take(Map<String, String> environment, long pid, String name) {
        List<Integer> named = new ArrayList<>();
        List<String> names =
                List.of(environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1));
        for (int fd : take(environment, pid)) {
            if (fd - FIRST < names.size() && names.get(fd - FIRST).equals(name)) {
                named.add(fd);
            }
        }
        return named;
    }

    /** The variables are inherited, so LISTEN_PID tells for whom they are meant. */
    private static int count(Map<String, String> environment, long pid) {
        String count = environment.getOrDefault("LISTEN_FDS", "");
        boolean ours = environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(pid));
        return ours && count.matches("[0-9]{1,4}") ? Math.min(AT_MOST, Integer.parseInt(count)) : 0;
    }
}
