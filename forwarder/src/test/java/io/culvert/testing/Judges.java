package io.culvert.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Programs by others that say whether our bytes are right. Where one is missing the test is skipped with a message that
 * names it and its Debian package; in CI, where the environment has {@code CI=true}, it fails.
 */
public final class Judges {
    /** Debian's interpreter, for which python3-scapy is packaged; another python3 may come first on the PATH. */
    private static final String PYTHON = "/usr/bin/python3";

    private static final long TIMEOUT_SECONDS = 120;

    private Judges() {}

    /** Skips or fails the test unless that program is on the PATH. */
    public static void requireTool(String tool, String debianPackage) {
        for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(directory, tool))) {
                return;
            }
        }
        missing(tool, debianPackage);
    }

    /** Skips or fails the test unless that file or directory is there. */
    public static void requireFile(Path file, String remedy) {
        if (!Files.exists(file)) {
            absent(file.toString(), remedy);
        }
    }

    /** Skips or fails the test unless Debian's Python has scapy. */
    public static void requireScapy() {
        requirePython("scapy.all", "python3-scapy");
    }

    /** Skips or fails the test unless Debian's Python has that module. */
    public static void requirePython(String module, String debianPackage) {
        if (!Files.isExecutable(Path.of(PYTHON)) || execute(List.of(PYTHON, "-c", "import " + module)).status != 0) {
            missing(module, debianPackage);
        }
    }

    /** Runs a Python script from the test resources, such as {@code /wire/packets.py}, and returns what it prints. */
    public static List<String> python(Class<?> test, String resource, String... arguments) {
        return run(pythonCommand(test, resource, arguments));
    }

    /** The command that runs a Python script from the test resources. */
    public static List<String> pythonCommand(Class<?> test, String resource, String... arguments) {
        try {
            List<String> command = new ArrayList<>(List.of(PYTHON));
            command.add(Path.of(test.getResource(resource).toURI()).toString());
            command.addAll(List.of(arguments));
            return command;
        } catch (java.net.URISyntaxException e) {
            throw new IllegalArgumentException(resource, e);
        }
    }

    /** Runs a program to its end and returns the lines it prints; the test fails if the program does. */
    public static List<String> run(List<String> command) {
        Result result = execute(command);
        if (result.status != 0) {
            Assertions.fail(String.join(" ", command) + ": exit status " + result.status + "\n" + result.errors);
        }
        return result.output.lines().toList();
    }

    private static void missing(String tool, String debianPackage) {
        absent(tool, "apt-get install " + debianPackage);
    }

    private static void absent(String judge, String remedy) {
        String message = "the judge " + judge + " is missing: " + remedy;
        if ("true".equals(System.getenv("CI"))) {
            Assertions.fail(message);
        }
        Assumptions.abort(message);
    }

    /** Output goes through files, so that a program that writes much to both streams cannot block. */
    private static Result execute(List<String> command) {
        try {
            Path output = Files.createTempFile("judge", ".out");
            Path errors = Files.createTempFile("judge", ".err");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile())
                        .start();
                if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    Assertions.fail(String.join(" ", command) + ": no end after " + TIMEOUT_SECONDS + " s");
                }
                return new Result(
                        process.exitValue(),
                        Files.readString(output, StandardCharsets.ISO_8859_1),
                        Files.readString(errors, StandardCharsets.ISO_8859_1));
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private record Result(int status, String output, String errors) {}
}
