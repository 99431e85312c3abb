package io.culvert.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Namespaces named {@code culvert-PID-NUMBER-HOST}, after the process that made them, so that a later run knows which
 * ones a killed run has left behind.
 */
final class Leftovers {

    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final Pattern NAME = Pattern.compile("culvert-(\\d+)-\\d+-[a-z]+");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private Leftovers() {}

    /** The name of a namespace of this process. */
    static String name(int lab, String host) {
        return "culvert-" + ProcessHandle.current().pid() + "-" + lab + "-" + host;
    }

    /** The process that made a namespace of that name; null if no lab made it. */
    static @Nullable Long owner(String namespace) {
        Matcher matcher = NAME.matcher(namespace);
        return matcher.matches() ? Long.valueOf(matcher.group(1)) : null;
    }

    /** Removes the namespaces, and ends the programs in them, of runs that are no more. */
    static void removeAll() {
        for (String namespace : namespaces()) {
            Long owner = owner(namespace);
            if (owner != null && ProcessHandle.of(owner).isEmpty()) {
                remove(namespace);
            }
        }
    }

    /** Kills the programs that still run in a namespace, and removes it. Does nothing if it is gone. */
    static void remove(String namespace) {
        if (!Files.exists(NAMESPACES.resolve(namespace))) {
            return;
        }
        long self = ProcessHandle.current().pid();
        for (String pid : Programs.run(TIMEOUT, List.of("ip", "netns", "pids", namespace))
                .out()
                .split("\\s+", -1)) {
            // A thread of this JVM that has not left the namespace yet shows up as this process.
            if (!pid.isEmpty() && Long.parseLong(pid) != self) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        CommandResult deleted = Programs.run(TIMEOUT, List.of("ip", "netns", "delete", namespace));
        // Another process may look for what was left behind, too, and be first.
        if (Files.exists(NAMESPACES.resolve(namespace))) {
            deleted.orThrow();
        }
    }

    private static List<String> namespaces() {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(NAMESPACES)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(NAMESPACES, "culvert-*")) {
                entries.forEach(entry -> names.add(entry.getFileName().toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return names;
    }
}
