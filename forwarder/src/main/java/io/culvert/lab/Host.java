package io.culvert.lab;

import io.culvert.linux.NetworkNamespace;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A test host: a network namespace, the programs that run in it, and threads of this JVM that open their sockets in it.
 * Any thread may call.
 */
public final class Host {

    /** Every host's first device towards the others. */
    public static final String UNDERLAY = "eth0";

    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String name;
    private final String namespace;
    private final InetAddress address;
    private final Path directory;
    private final List<LabProcess> processes = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    /** Guarded by {@link #processes}. */
    private boolean isRemoved;

    private int captures;
    private @Nullable InetAddress ipv6Address;

    Host(String name, String namespace, InetAddress address, Path directory) {
        this.name = name;
        this.namespace = namespace;
        this.address = address;
        this.directory = directory;
    }

    /** What the lab calls it: {@code left}, {@code right}, {@code router}. */
    public String name() {
        return name;
    }

    /** Its network namespace, as {@code ip netns} lists it. */
    public String namespace() {
        return namespace;
    }

    /** Its address on {@link #UNDERLAY}. */
    public InetAddress address() {
        return address;
    }

    /** Its IPv6 address on {@link #UNDERLAY}; only in a lab that has IPv6. */
    public InetAddress ipv6Address() {
        if (ipv6Address == null) {
            throw new IllegalStateException("the lab was built without IPv6");
        }
        return ipv6Address;
    }

    /** Lets the underlay have IPv6, at once usable, with that address of a /64. */
    void enableIpv6(InetAddress own) {
        ipv6Address = own;
        enableIpv6(UNDERLAY, own);
    }

    /** Lets a device have IPv6, at once usable, with that address of a /64. */
    void enableIpv6(String device, InetAddress own) {
        sysctl("net.ipv6.conf." + device + ".accept_dad", "0");
        sysctl("net.ipv6.conf." + device + ".accept_ra", "0");
        sysctl("net.ipv6.conf." + device + ".disable_ipv6", "0");
        exec("ip", "addr", "add", own.getHostAddress() + "/64", "dev", device, "nodad")
                .orThrow();
    }

    /** A directory of its own for files, removed with the lab. */
    public Path directory() {
        return directory;
    }

    /** Runs a command to its end, whatever its exit code; ends it after 30 s. */
    public CommandResult exec(String... command) {
        return exec(COMMAND_TIMEOUT, List.of(command));
    }

    /** Runs a command to its end, whatever its exit code; ends it after {@code timeout}. */
    public CommandResult exec(Duration timeout, List<String> command) {
        try (LabProcess process = launch(command, Map.of(), false)) {
            return process.result(timeout);
        }
    }

    /** Starts a program that the lab ends at its close at the latest. */
    public LabProcess start(String... command) {
        return start(List.of(command), Map.of());
    }

    /** Starts a program, with variables added to its environment, that the lab ends at its close at the latest. */
    public LabProcess start(List<String> command, Map<String, String> environment) {
        return launch(command, environment, true);
    }

    /** A program that is started while the host is removed, from a shutdown hook, would outlive it. */
    private LabProcess launch(List<String> command, Map<String, String> environment, boolean endsWithHost) {
        synchronized (processes) {
            if (isRemoved) {
                throw new LabException(
                        "host " + name + " is gone, so that \"" + String.join(" ", command) + "\" cannot run in it");
            }
            LabProcess process = LabProcess.start(inNamespace(command), environment);
            if (endsWithHost) {
                processes.add(process);
            }
            return process;
        }
    }

    /**
     * Starts a capture and returns when every packet from now on is seen.
     *
     * @param device a device's name, or {@code any}
     * @param filter in tcpdump's language; empty for every packet
     */
    public Capture capture(String device, String filter) {
        Path file;
        synchronized (this) {
            file = directory.resolve(device + "-" + captures++ + ".pcap");
        }
        return Capture.start(this, device, filter, file);
    }

    /** Sets a kernel parameter, such as {@code net.ipv4.ip_forward}. */
    public void sysctl(String key, String value) {
        Path file = Path.of("/proc/sys", key.split("\\.", -1));
        // The kernel shows each thread the parameters of the namespace that it is in.
        call("sysctl " + key, COMMAND_TIMEOUT, () -> Files.writeString(file, value));
    }

    /**
     * Runs {@code ip} with these words, which blanks separate.
     *
     * @throws LabException if it fails
     */
    public void ip(String words) {
        exec(("ip " + words).split(" ", -1)).orThrow();
    }

    /** What {@code ip -json} with these arguments says. */
    public JsonNode ipJson(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip", "-json"));
        command.addAll(List.of(arguments));
        String out = exec(COMMAND_TIMEOUT, command).orThrow().out();
        return JSON.readTree(out.isBlank() ? "[]" : out);
    }

    /** Whether a device of that name is there. */
    public boolean hasDevice(String device) {
        return exec("ip", "link", "show", "dev", device).exit() == 0;
    }

    /**
     * Calls code of this JVM on a new thread that is in this host's namespace: sockets that it opens are this host's,
     * and stay so when other threads use them.
     *
     * @param role the thread's name
     */
    public <T> FutureTask<T> async(String role, Callable<T> code) {
        FutureTask<T> task = new FutureTask<>(() -> {
            try {
                NetworkNamespace.enter(namespace);
                return code.call();
            } finally {
                threads.remove(Thread.currentThread());
            }
        });
        Thread thread = Thread.ofPlatform().daemon().name(name + "-" + role).unstarted(task);
        threads.add(thread);
        thread.start();
        return task;
    }

    /**
     * Calls code of this JVM in this host's namespace and waits for its result.
     *
     * @throws LabException if it throws, or takes longer than {@code timeout}
     */
    public <T> T call(String role, Duration timeout, Callable<T> code) {
        return await(async(role, code), role, timeout);
    }

    /** Waits for code that {@link #async} started; interrupts it after {@code timeout}. */
    static <T> T await(FutureTask<T> task, String role, Duration timeout) {
        try {
            return task.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new LabException(role + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new LabException(role + " is not done after " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while waiting for " + role, e);
        }
    }

    /** Tells every program and thread in the namespace to end, and waits for none. */
    void end() {
        synchronized (processes) {
            isRemoved = true;
        }
        threads.forEach(Thread::interrupt);
        processes.forEach(LabProcess::terminate);
    }

    /** Ends every program and thread in the namespace and removes it. */
    void remove() {
        end();
        processes.forEach(LabProcess::close);
        Leftovers.remove(namespace);
    }

    private List<String> inNamespace(List<String> command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        whole.addAll(command);
        return whole;
    }

    @Override
    public String toString() {
        return name;
    }
}
