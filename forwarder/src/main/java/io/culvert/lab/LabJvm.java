package io.culvert.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts this very build in a JVM of its own: same JDK, same class path. */
final class LabJvm {

    /** What the launcher gives every JVM that calls native code. */
    private static final List<String> FLAGS =
            List.of("--enable-native-access=ALL-UNNAMED", "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");

    private LabJvm() {}

    static List<String> command(Class<?> main, String... arguments) {
        return command(List.of(), main.getName(), arguments);
    }

    /**
     * The command that runs a main class.
     *
     * @param options more options for the JVM
     */
    static List<String> command(List<String> options, String mainClass, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(List.of(arguments));
        return command;
    }
}
