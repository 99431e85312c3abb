package io.culvert.pipeline;

import io.culvert.linux.Cpu;
import java.util.List;

/** Makes the paths' threads: named, daemons, and pinned to the configured processors in turn. */
public final class PathThreads {

    private final List<Integer> cpus;
    private int created;

    /** @param cpus processors to pin to; empty pins none */
    public PathThreads(List<Integer> cpus) {
        this.cpus = List.copyOf(cpus);
    }

    Thread create(String name, Runnable body) {
        Runnable pinned = body;
        if (!cpus.isEmpty()) {
            int cpu = cpus.get(created % cpus.size());
            pinned = () -> {
                Cpu.pin(cpu);
                body.run();
            };
        }
        created++;
        Thread thread = new Thread(pinned, name);
        thread.setDaemon(true);
        return thread;
    }

    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
