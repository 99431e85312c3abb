package io.culvert.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What a class logs, instead of on the console. */
final class LogRecorder extends Handler {

    private final Logger logger;
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    LogRecorder(Class<?> logging) {
        logger = Logger.getLogger(logging.getName());
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    /** The exceptions logged so far. */
    List<Throwable> thrown() {
        List<Throwable> thrown = new ArrayList<>();
        records.forEach(entry -> thrown.add(entry.getThrown()));
        return thrown;
    }

    @Override
    public void publish(LogRecord entry) {
        records.add(entry);
    }

    @Override
    public void flush() {
        // Nothing is kept back.
    }

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}
