package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PathErrorsTest {

    private final LogRecorder log = new LogRecorder(PathErrors.class);

    @AfterEach
    void closeLog() {
        log.close();
    }

    private static RuntimeException error(int line) {
        RuntimeException error = new IllegalStateException("at " + line);
        error.setStackTrace(new StackTraceElement[] {new StackTraceElement("Stage", "process", "Stage.java", line)});
        return error;
    }

    @Test
    void logsEachDistinctErrorOnce() {
        PathErrors errors = new PathErrors();
        RuntimeException first = error(1);
        RuntimeException second = error(2);
        for (int i = 0; i < 1_000; i++) {
            errors.record(first);
            errors.record(error(1));
            errors.record(second);
        }

        assertThat(log.thrown()).containsExactly(first, second);
    }

    /** The JVM leaves the trace out of an exception that it throws often. */
    @Test
    void tellsErrorsWithoutATraceByTheirClass() {
        PathErrors errors = new PathErrors();
        for (RuntimeException error : List.of(new ArithmeticException(), new NullPointerException())) {
            error.setStackTrace(new StackTraceElement[0]);
            errors.record(error);
            errors.record(error);
        }

        assertThat(log.thrown()).hasSize(2);
    }

    @Test
    void logsNoMoreThanSoManyErrors() {
        PathErrors errors = new PathErrors();
        for (int line = 0; line < 1_000; line++) {
            errors.record(error(line));
        }

        assertThat(log.thrown().size()).isEqualTo(100);
    }

    @Test
    void logsAnErrorOnceThoughTwoWorkersHitIt() throws InterruptedException {
        PathErrors[] errors = new PathErrors[3_000];
        Arrays.setAll(errors, round -> new PathErrors());
        AtomicInteger arrived = new AtomicInteger();
        Runnable worker = () -> {
            RuntimeException error = error(1);
            for (int round = 0; round < errors.length; round++) {
                arrived.incrementAndGet();
                for (int spins = 1; arrived.get() < 2 * (round + 1); spins++) {
                    if (spins % 10_000 == 0) {
                        Thread.yield();
                    }
                }
                errors[round].record(error);
            }
        };
        Thread other = Thread.ofPlatform().start(worker);
        worker.run();
        other.join();

        assertThat(log.thrown().size()).isEqualTo(errors.length);
    }
}
