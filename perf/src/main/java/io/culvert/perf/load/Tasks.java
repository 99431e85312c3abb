package io.culvert.perf.load;

import io.culvert.lab.LabException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waiting for code that runs in another host. */
final class Tasks {

    private Tasks() {}

    /**
     * Waits for its result.
     *
     * @throws LabException if it threw, or this thread was interrupted
     */
    static <T> T await(Future<T> task, String role) {
        try {
            return task.get();
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while waiting for the " + role, e);
        } catch (ExecutionException e) {
            throw new LabException(role + ": " + e.getCause(), e);
        }
    }
}
