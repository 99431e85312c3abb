package io.culvert.gateway;

import java.util.ArrayDeque;
import java.util.Deque;

/** What takes back the steps of a change that cannot be finished, the last one first. One thread. */
final class Undo {

    private static final System.Logger LOG = System.getLogger(Undo.class.getName());

    private final Deque<Runnable> steps = new ArrayDeque<>();

    /** Notes what takes back a step that has been done. */
    void push(Runnable step) {
        steps.push(step);
    }

    /** Takes every step back; one that cannot be is logged. */
    void run() {
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "a change could not be taken back: " + e.getMessage(), e);
            }
        }
    }
}
