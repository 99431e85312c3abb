package io.culvert.perf.peer;

import io.culvert.lab.CommandResult;
import io.culvert.lab.Host;
import io.culvert.lab.LabException;
import io.culvert.lab.Requirements;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The programs that peers are made of. */
final class Tools {

    private static final Duration READY = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Tools() {}

    /** Which program is not there, with the package that brings it; null if all are. */
    static @Nullable String missing(String debianPackage, String... programs) {
        for (String program : programs) {
            if (!Requirements.hasProgram(program)) {
                return program + " not found: apt-get install " + debianPackage;
            }
        }
        return null;
    }

    /** The first line that a program says to a question for its version, or its name if it says nothing. */
    static String version(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (InputStream out = process.getInputStream()) {
                String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
                return text.lines()
                        .filter(line -> line.chars().anyMatch(Character::isDigit))
                        .findFirst()
                        .orElse(command[0])
                        .strip();
            }
        } catch (IOException e) {
            return command[0];
        }
    }

    /** {@code ip} in a host, which must succeed. */
    static CommandResult ip(Host host, String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "ip";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return host.exec(command).orThrow();
    }

    /** Waits until something is there. */
    static void await(String what, BooleanSupplier isThere) {
        long deadline = System.nanoTime() + READY.toNanos();
        while (!isThere.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new LabException(what + " is not there after " + READY.toSeconds() + " s");
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LabException("interrupted while waiting for " + what, e);
            }
        }
    }

    /** Both hosts, each with the address of the other end. */
    static List<End> ends(Bed bed, Ends inner) {
        return List.of(
                new End(
                        bed.left(),
                        bed.right(),
                        inner.left().getHostAddress(),
                        inner.right().getHostAddress()),
                new End(
                        bed.right(),
                        bed.left(),
                        inner.right().getHostAddress(),
                        inner.left().getHostAddress()));
    }

    /** One end of a tunnel: its host and the other one, its inner address and the other one's. */
    record End(Host here, Host there, String inner, String otherInner) {
        String outer() {
            return here.address().getHostAddress();
        }

        String otherOuter() {
            return there.address().getHostAddress();
        }
    }
}
