package io.culvert.pipeline;

import java.util.concurrent.atomic.AtomicInteger;

/** Gives each process stage a number of its own, by which its thread finds ciphers that no other one uses. */
final class WorkerNumbers {

    private static final AtomicInteger NEXT = new AtomicInteger();

    private WorkerNumbers() {}

    static int next() {
        return NEXT.getAndIncrement() & Short.MAX_VALUE;
    }
}
