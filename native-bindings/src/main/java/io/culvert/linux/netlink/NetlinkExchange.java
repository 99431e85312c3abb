package io.culvert.linux.netlink;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Requests and their answers: an acknowledgement, one message, or a list in many datagrams. */
final class NetlinkExchange implements AutoCloseable {

    /** How often a list is asked for again when the table changed under the kernel's hands. */
    private static final int LIST_ATTEMPTS = 16;

    private static final int RECEIVE_BUFFER = 1 << 20;
    private static final int ESRCH = 3;

    private final NetlinkSocket socket = new NetlinkSocket(0, 0);
    private int sequence;
    private String errorText = "";
    private boolean interrupted;

    NetlinkExchange() {
        socket.setReceiveBuffer(RECEIVE_BUFFER);
    }

    /** Where the next request is written. */
    NetlinkBuffer request() {
        return socket.request();
    }

    /** Sends the request and waits for the acknowledgement. */
    void change(String what) {
        check(exchange(payload -> {}), what);
    }

    /** Sends the request and waits for the acknowledgement; returns false if the kernel answers with that error number. */
    boolean changeUnless(String what, int absent) {
        int result = exchange(payload -> {});
        if (result != -absent) {
            check(result, what);
        }
        return result != -absent;
    }

    /** Sends the request and parses the one answer; null if the kernel answers with one of {@code absent}, positive. */
    <T> @Nullable T get(String what, Function<MemorySegment, @Nullable T> parse, int... absent) {
        List<T> answers = new ArrayList<>();
        int result = exchange(payload -> add(answers, parse.apply(payload)));
        for (int errno : absent) {
            if (result == -errno) {
                return null;
            }
        }
        check(result, what);
        return answers.isEmpty() ? null : answers.getFirst();
    }

    /** Sends the request for a list and parses every message; those that parse to null are left out. */
    <T> List<T> list(String what, Function<MemorySegment, @Nullable T> parse) {
        for (int attempt = 0; attempt < LIST_ATTEMPTS; attempt++) {
            List<T> entries = new ArrayList<>();
            int result = exchange(payload -> add(entries, parse.apply(payload)));
            if (result == -Errno.ENOBUFS || (result >= 0 && interrupted)) {
                continue;
            }
            check(result, what);
            return entries;
        }
        throw new ErrnoException(what, Errno.EAGAIN, "the table changes faster than it can be read; try again");
    }

    private static <T> void add(List<T> list, @Nullable T entry) {
        if (entry != null) {
            list.add(entry);
        }
    }

    /** Returns 0 or a negative error number, with the kernel's words of it in {@link #errorText}. */
    private int exchange(Consumer<MemorySegment> handler) {
        errorText = "";
        interrupted = false;
        socket.request().finish(++sequence);
        int sent = socket.send();
        if (sent < 0) {
            return sent;
        }
        while (true) {
            int length = socket.receive();
            if (length <= 0) {
                return length == 0 ? -Errno.EMSGSIZE : length;
            }
            MessageReader messages = socket.messages(length);
            while (messages.next()) {
                // Answers to an earlier request that was given up may still be in the queue.
                if (messages.sequence() != sequence) {
                    continue;
                }
                interrupted |= (messages.flags() & Abi.NLM_F_DUMP_INTR) != 0;
                int type = messages.type();
                if (type == Abi.NLMSG_ERROR || type == Abi.NLMSG_DONE) {
                    errorText = ErrorMessage.text(messages.payload(), type, messages.flags());
                    return ErrorMessage.error(messages.payload());
                }
                if (type != Abi.NLMSG_NOOP) {
                    handler.accept(messages.payload());
                }
            }
        }
    }

    private void check(int result, String what) {
        if (result >= 0) {
            return;
        }
        String remedy = switch (-result) {
            case Errno.EPERM -> "needs CAP_NET_ADMIN in this network namespace";
            case Errno.ENODEV -> "no such device in this network namespace";
            case Errno.EEXIST -> "it is there already";
            case Errno.ENOENT, ESRCH -> "there is no such entry";
            case Errno.EAGAIN -> "the kernel did not answer";
            default -> "";
        };
        String reason = errorText.isEmpty() || remedy.isEmpty() ? errorText + remedy : errorText + "; " + remedy;
        throw reason.isEmpty() ? new ErrnoException(what, -result) : new ErrnoException(what, -result, reason);
    }

    @Override
    public void close() {
        socket.close();
    }
}
