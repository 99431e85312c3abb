package io.culvert.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network namespace of a test's own, with loopback up and without IPv6 on new interfaces. What is opened inside {@link
 * #call} belongs to the namespace and may then be used by any thread.
 */
public final class TestNamespace implements AutoCloseable {

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Set<TestNamespace> OPEN = ConcurrentHashMap.newKeySet();

    static {
        // What a failed or interrupted test leaves behind.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> List.copyOf(OPEN).forEach(TestNamespace::close)));
    }

    private final String name = "culvert-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> new Thread(work, name));

    /** Makes the namespace. */
    public static TestNamespace create() {
        TestNamespace namespace = new TestNamespace();
        Commands.run("ip", "netns", "add", namespace.name);
        OPEN.add(namespace);
        namespace.call(() -> {
            NetworkNamespace.enter(namespace.name);
            return namespace;
        });
        namespace.ip("link", "set", "lo", "up");
        // Keeps router solicitations and multicast reports out of the packets that a test counts.
        namespace.exec("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1", "net.ipv6.conf.default.accept_dad=0");
        return namespace;
    }

    /** The name, as {@code ip netns} knows it. */
    public String name() {
        return name;
    }

    /** Runs {@code work} in a thread that is in the namespace. */
    public <T> T call(Callable<T> work) {
        try {
            return thread.submit(work).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs {@code ip} with these arguments in the namespace. */
    public String ip(String... arguments) {
        return run(List.of("ip", "-n", name), arguments);
    }

    /** Runs a program in the namespace. */
    public String exec(String... command) {
        return run(List.of("ip", "netns", "exec", name), command);
    }

    private static String run(List<String> prefix, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(arguments));
        return Commands.run(command.toArray(String[]::new));
    }

    /** The index of an interface in the namespace. */
    public int interfaceIndex(String device) {
        return Integer.parseInt(
                exec("cat", "/sys/class/net/" + device + "/ifindex").trim());
    }

    /** Makes two interfaces joined by a veth pair, both up. */
    public void addVethPair(String first, String second) {
        ip("link", "add", first, "type", "veth", "peer", "name", second);
        ip("link", "set", first, "up");
        ip("link", "set", second, "up");
        awaitCarrier(first);
        awaitCarrier(second);
    }

    /** Waits until an interface that is up knows that its peer is: before, it throws away what is sent. */
    public void awaitCarrier(String device) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!exec("cat", "/sys/class/net/" + device + "/operstate").equals("up\n")) {
            if (System.nanoTime() > end) {
                throw new AssertionError(device + " has no carrier");
            }
        }
    }

    /** Gives an interface an address, at once usable. */
    public void addAddress(String device, String address) {
        if (address.contains(":")) {
            exec("sysctl", "-qw", "net.ipv6.conf." + device + ".disable_ipv6=0");
            ip("address", "add", address, "dev", device, "nodad");
        } else {
            ip("address", "add", address, "dev", device);
        }
    }

    @Override
    public void close() {
        OPEN.remove(this);
        thread.shutdown();
        Commands.run("ip", "netns", "del", name);
    }
}
