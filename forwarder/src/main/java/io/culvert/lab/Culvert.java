package io.culvert.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** This very build in a JVM of its own: same JDK, same class path. Any thread may call. */
public final class Culvert {

    private static final String MAIN = "io.culvert.cli.Main";

    /** The flags that {@code deploy/launcher/start.sh} gives every JVM that carries packets, or sends and receives them. */
    static final List<String> FLAGS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=dontinline,io.culvert.linux.SystemCalls::*",
            "-XX:CompileCommand=inline,jdk.internal.foreign.AbstractMemorySegmentImpl::*",
            "-XX:CompileCommand=inline,jdk.internal.foreign.abi.SharedUtils::checkNative",
            "-XX:CompileCommand=CompileThresholdScaling,io.culvert.linux.SystemCalls::*,0.05",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");

    /** What it gives a gateway besides. */
    static final List<String> RUN_FLAGS =
            List.of("-Xms64m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:+UseTransparentHugePages");

    /** System property: one more flag for each JVM, where many are started that live for seconds. */
    private static final String MORE = "culvert.lab.flag";

    private Culvert() {}

    /**
     * Runs the command line outside of any lab, whatever its exit code.
     *
     * @param wrapper a program with options that runs it, such as {@code setpriv}; may be empty
     */
    public static CommandResult run(List<String> wrapper, Duration timeout, String... arguments) {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(command(arguments));
        return Programs.run(timeout, command);
    }

    /** The command that runs the command line. */
    public static List<String> command(String... arguments) {
        return java(arguments[0].equals("run") ? RUN_FLAGS : List.of(), MAIN, arguments);
    }

    /** The command that runs a gateway in a JVM with more flags than its own. */
    static List<String> gateway(List<String> flags, String... arguments) {
        List<String> all = new ArrayList<>(RUN_FLAGS);
        all.addAll(flags);
        return java(all, MAIN, arguments);
    }

    /** The command that runs a main class of this build, with the gateway's flags and some more. */
    public static List<String> java(List<String> flags, String mainClass, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        String more = System.getProperty(MORE, "");
        if (!more.isEmpty()) {
            command.add(more);
        }
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(List.of(arguments));
        return command;
    }
}
