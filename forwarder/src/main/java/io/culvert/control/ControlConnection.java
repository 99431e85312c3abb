package io.culvert.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Consumer;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One client of the control socket, on a virtual thread of its own. */
final class ControlConnection {

    private static final System.Logger LOG = System.getLogger(ControlConnection.class.getName());

    private final LineChannel channel;
    private final RequestHandler handler;
    private final Duration timeout;
    private final Consumer<ControlConnection> atEnd;
    private final Thread thread;

    /** Guarded by this: a request is being answered; the answer must go out before the channel closes. */
    private boolean busy;

    /** Guarded by this: no further request is taken. */
    private boolean finishing;

    ControlConnection(
            SocketChannel channel, RequestHandler handler, Duration timeout, Consumer<ControlConnection> atEnd) {
        this.channel = new LineChannel(channel, ControlServer.MAX_REQUEST_LENGTH);
        this.handler = handler;
        this.timeout = timeout;
        this.atEnd = atEnd;
        this.thread = Thread.ofVirtual().name("control-connection").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (channel) {
            serve();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "control client lost: " + e.getMessage());
        } finally {
            atEnd.accept(this);
        }
    }

    private void serve() throws IOException {
        while (true) {
            String line;
            try (Deadline _ = new Deadline(channel, timeout)) {
                line = channel.read();
            } catch (LineChannel.LineTooLongException e) {
                write(Message.failure(ExitCode.REFUSED, "the request is refused: " + e.getMessage()));
                return;
            }
            if (line == null || !begin() || !respond(line)) {
                return;
            }
        }
    }

    /** Answers a line; whether another may follow. */
    private boolean respond(String line) throws IOException {
        Message.Request request;
        try {
            request = Message.parseRequest(line);
        } catch (ControlException e) {
            write(Message.failure(e.exitCode(), e.message()));
            return end();
        }
        Events events = handler.events(request.command());
        if (events != null) {
            stream(events);
            return false;
        }
        write(answer(request));
        return end();
    }

    /** Sends events until the client hangs up. A client that does not read keeps this thread waiting, and nobody else. */
    private void stream(Events events) throws IOException {
        EventQueue queue = events.listen();
        try {
            write(Message.success(JsonNodeFactory.instance.objectNode()));
            if (!end()) {
                return;
            }
            Thread.ofVirtual().name("control-hang-up").start(() -> awaitHangUp(queue));
            for (ObjectNode event = queue.take(); event != null; event = queue.take()) {
                channel.write(JsonText.write(event));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            events.leave(queue);
        }
    }

    private void awaitHangUp(EventQueue queue) {
        try {
            while (channel.read() != null) {
                // What a listening client says means nothing.
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "control client lost: " + e.getMessage());
        } finally {
            queue.close();
        }
    }

    private synchronized boolean begin() {
        busy = !finishing;
        return busy;
    }

    private synchronized boolean end() {
        busy = false;
        return !finishing;
    }

    private void write(String line) throws IOException {
        try (Deadline _ = new Deadline(channel, timeout)) {
            channel.write(line);
        }
    }

    private String answer(Message.Request request) {
        try {
            return Message.success(handler.handle(request.command(), request.arguments()));
        } catch (ControlException e) {
            return Message.failure(e.exitCode(), e.message());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a control request failed", e);
            return Message.failure(ExitCode.INTERNAL, "internal error in the gateway: " + e);
        }
    }

    /** Takes no further request: closes at once if idle, else when the answer is out. */
    synchronized void finish() {
        finishing = true;
        if (!busy) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "control client lost: " + e.getMessage());
            }
        }
    }

    /** Waits for the thread's end, unless it is the caller: a handler may close the server. */
    void awaitEnd(Duration timeout) {
        if (thread.equals(Thread.currentThread())) {
            return;
        }
        try {
            if (!thread.join(timeout)) {
                LOG.log(System.Logger.Level.WARNING, "a control request does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
