package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/** The system calls of the packet path make no object, whatever else their JVM has compiled before. */
class PathCallsTest {

    /** What the compiler inlines depends on what it has counted until then, which differs from JVM to JVM. */
    @RepeatedTest(3)
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void allocateNothingOnceTheyArePrepared() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option ->
                        option.startsWith("-XX:CompileCommand=") || option.startsWith("--enable-native-access"))
                .forEach(command::add);
        command.addAll(List.of(
                "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), PathCallsProbe.class.getName()));

        assertThat(Commands.run(command.toArray(String[]::new))).isEmpty();
    }
}
