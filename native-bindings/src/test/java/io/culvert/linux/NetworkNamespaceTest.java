package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class NetworkNamespaceTest {

    @Test
    @RequiresRoot
    void movesTheCallingThreadOnly() throws Exception {
        try (TestNamespace namespace = TestNamespace.create()) {
            String there = inode(namespace.exec("readlink", "/proc/self/ns/net").trim());
            String here = current();

            assertThat(inThread(() -> {
                        NetworkNamespace.enter(namespace.name());
                        return current();
                    }))
                    .isEqualTo(there)
                    .isNotEqualTo(here);
            assertThat(current()).isEqualTo(here);
        }
    }

    @Test
    @RequiresRoot
    void returnsByPath() throws Exception {
        try (TestNamespace namespace = TestNamespace.create()) {
            String here = current();

            String after = inThread(() -> {
                NetworkNamespace.enter(Path.of("/run/netns", namespace.name()));
                assertThat(current()).isNotEqualTo(here);
                NetworkNamespace.enter(
                        Path.of("/proc/" + ProcessHandle.current().pid() + "/ns/net"));
                return current();
            });

            assertThat(after).isEqualTo(here);
        }
    }

    @Test
    void namesTheNamespaceThatIsMissing() {
        assertThatThrownBy(() -> NetworkNamespace.enter("culvert-missing"))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("ENOENT")
                .hasMessageContaining("'ip netns add culvert-missing' makes it");
    }

    @Test
    @RequiresRoot
    void tellsAFileFromANamespace() {
        assertThatThrownBy(() -> NetworkNamespace.enter(Path.of("/proc/self/status")))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("/proc/self/status")
                .hasMessageContaining("not a network namespace");
    }

    @Test
    @RequiresRoot
    void namesThePrivilegeThatIsMissing() {
        assertThatThrownBy(() -> Privileges.without(Privileges.CAP_SYS_ADMIN, () -> {
                    NetworkNamespace.enter(Path.of("/proc/self/ns/net"));
                    return null;
                }))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("EPERM")
                .hasMessageContaining("CAP_SYS_ADMIN");
    }

    @Test
    void agreesWithTheHeaders() {
        AbiProbe.verify(List.of(
                AbiRow.constant("O_CLOEXEC", NetworkNamespace.O_CLOEXEC, "fcntl.h", "sched.h"),
                AbiRow.constant("CLONE_NEWNET", NetworkNamespace.CLONE_NEWNET, "fcntl.h", "sched.h")));
    }

    @Test
    void refusesNamesThatAreNoFileNames() {
        for (String name : List.of("", ".", "..", "a/b", "/proc/self/ns/net")) {
            assertThatThrownBy(() -> NetworkNamespace.enter(name)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesVirtualThreads() {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread.startVirtualThread(() ->
                thrown.complete(Assertions.catchThrowable(() -> NetworkNamespace.enter(Path.of("/proc/self/ns/net")))));

        assertThat(thrown.join()).isInstanceOf(IllegalStateException.class).hasMessageContaining("platform thread");
    }

    private static String current() throws Exception {
        return inode(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString());
    }

    /** The number in {@code net:[4026531840]}. */
    private static String inode(String link) {
        return link.replaceAll("\\D", "");
    }

    private static <T> T inThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().start(task);
        return task.get();
    }
}
