package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs copies of the launchers in a tree of their own, where Maven and the JDKs are scripts that say how they were
 * called.
 */
class LauncherTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String BUILDING = "culvert: building (once, about a minute) ...\n";

    @TempDir
    private Path directory;

    private Path tree;
    private Path calls;
    private final Map<String, String> environment = new HashMap<>();

    private record Result(int exit, String out, String err, long pid) {}

    @BeforeEach
    void makeTheTree() throws IOException {
        tree = Files.createDirectories(directory.resolve("a tree"));
        calls = directory.resolve("calls");
        copy("culvert");
        try (Stream<Path> scripts = Files.list(ROOT.resolve("deploy/launcher"))) {
            for (Path script : scripts.toList()) {
                copy("deploy/launcher/" + script.getFileName());
            }
        }
        Files.writeString(tree.resolve("pom.xml"), "");
        Files.createDirectories(tree.resolve("forwarder/src/main/java"));
        Files.writeString(tree.resolve("forwarder/src/main/java/A.java"), "");
        Files.writeString(tree.resolve("forwarder/pom.xml"), "");
        script(
                directory.resolve("bin/mvn"),
                "echo \"mvn $JAVA_HOME\" >>'" + calls + "'",
                "sleep ${MAVEN_SECONDS:-0}",
                "[ -z \"${MAVEN_ERROR:-}\" ] || { echo noise; echo \"[ERROR] $MAVEN_ERROR\"; exit 1; }",
                "mkdir -p deploy/target/culvert/lib && touch deploy/target/culvert/lib/b.jar"
                        + " deploy/target/culvert/lib/a.jar");
        jdk("jvm/jdk-25", "25.0.3");
        environment.put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
    }

    /** Copies a file of the repository; in the copy, the places of JDKs are in the test's own directory. */
    private void copy(String name) throws IOException {
        Path target = tree.resolve(name);
        Files.createDirectories(target.getParent());
        String text = Files.readString(ROOT.resolve(name))
                .replace("/usr/lib/jvm/", "\"" + directory + "\"/jvm/")
                .replace("/opt/", "\"" + directory + "\"/opt/");
        Files.writeString(target, text);
        Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(ROOT.resolve(name)));
    }

    private static void script(Path path, String... lines) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A JDK whose java prints its arguments, one in brackets a line. */
    private Path jdk(String name, String version) throws IOException {
        Path home = directory.resolve(name);
        script(
                home.resolve("bin/java"),
                "case $* in *AOTCacheOutput*) exit 0 ;; esac",
                "echo \"$0 $$\"",
                "for word; do echo \"[$word]\"; done",
                "[ -z \"${SHOW_CORE:-}\" ] || echo \"core $(ulimit -c)\"",
                "exit ${JAVA_EXIT:-0}");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private Process launch(Path launcher, Path from, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(from.toFile())
                .redirectError(directory.resolve("err").toFile());
        builder.environment().keySet().removeIf(key -> key.startsWith("CULVERT_") || key.equals("JAVA_HOME"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private Result run(Path launcher, Path from, String... args) throws IOException, InterruptedException {
        Process process = launch(launcher, from, args);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), out, Files.readString(directory.resolve("err")), process.pid());
    }

    private Result culvert(String... args) throws IOException, InterruptedException {
        return run(tree.resolve("culvert"), directory, args);
    }

    private List<String> calls() throws IOException {
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    /** Lets the build have been a minute ago. */
    private void ageTheBuild() throws IOException {
        Instant before = Instant.now().minusSeconds(60);
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.filter(path -> !path.endsWith("built")).toList()) {
                Files.setLastModifiedTime(path, FileTime.from(before.minusSeconds(60)));
            }
        }
        Files.setLastModifiedTime(tree.resolve("deploy/target/culvert/built"), FileTime.from(before));
    }

    @Test
    void buildsOnce() throws Exception {
        Result first = culvert("version");
        Result second = culvert("version");

        assertThat(first.err()).isEqualTo(BUILDING);
        assertThat(second.err()).isEmpty();
        assertThat(second.exit()).isZero();
        assertThat(calls()).containsExactly("mvn " + directory.resolve("jvm/jdk-25"));
    }

    @ParameterizedTest
    @CsvSource({"pom.xml", "forwarder/pom.xml", "forwarder/src/main/java/A.java", "forwarder/src/main/java/New.java"})
    void buildsAgainWhenASourceIsNewer(String source) throws Exception {
        culvert("version");
        ageTheBuild();
        assertThat(culvert("version").err()).isEmpty();

        Files.writeString(tree.resolve(source), "changed");

        assertThat(culvert("version").err()).isEqualTo(BUILDING);
        assertThat(culvert("version").err()).isEmpty();
    }

    @Test
    void buildsAgainWhenASourceOrTheJarsAreGone() throws Exception {
        culvert("version");
        ageTheBuild();
        Files.delete(tree.resolve("forwarder/src/main/java/A.java"));
        assertThat(culvert("version").err()).isEqualTo(BUILDING);

        ageTheBuild();
        Files.move(tree.resolve("deploy/target/culvert/lib"), directory.resolve("gone"));
        assertThat(culvert("version").err()).isEqualTo(BUILDING);
    }

    @Test
    void writesNoJarOverThatAGatewayMayHaveOpen() throws Exception {
        culvert("version");
        Path jar = tree.resolve("deploy/target/culvert/lib/a.jar");
        try (var open = Files.newByteChannel(jar)) {
            Object before = Files.readAttributes(jar, BasicFileAttributes.class).fileKey();
            ageTheBuild();
            Files.writeString(tree.resolve("pom.xml"), "changed");
            assertThat(culvert("version").err()).isEqualTo(BUILDING);

            assertThat(Files.readAttributes(jar, BasicFileAttributes.class).fileKey())
                    .isNotEqualTo(before);
            assertThat(open.isOpen()).isTrue();
        }
    }

    @Test
    void buildsOnceForTwoAtTheSameTime() throws Exception {
        environment.put("MAVEN_SECONDS", "0.3");
        Process first = launch(tree.resolve("culvert"), directory, "version");
        Process second = launch(tree.resolve("culvert"), directory, "version");

        assertThat(first.waitFor()).isZero();
        assertThat(second.waitFor()).isZero();
        assertThat(calls()).hasSize(1);
    }

    @Test
    void saysWhyTheBuildFails() throws Exception {
        environment.put("MAVEN_ERROR", "A.java: no such thing");

        Result failed = culvert("version");

        assertThat(failed.exit()).isEqualTo(70);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err())
                .isEqualTo(BUILDING + "[ERROR] A.java: no such thing\n"
                        + "culvert: the build failed: see above, and all that Maven said in "
                        + tree.resolve("deploy/target/build.log") + "\n");
        environment.remove("MAVEN_ERROR");
        assertThat(culvert("version").err()).isEqualTo(BUILDING);
    }

    @Test
    void namesWhatInstallsMaven() throws Exception {
        onlyTheseTools();

        Result result = culvert("version");

        assertThat(result.exit()).isEqualTo(4);
        assertThat(result.err()).isEqualTo("culvert: building needs Maven: install it with `apt-get install maven`\n");
    }

    /** A PATH without Maven and Java. */
    private void onlyTheseTools() throws IOException {
        Path tools = Files.createDirectories(directory.resolve("tools"));
        for (String tool :
                List.of("sh", "dirname", "readlink", "find", "mkdir", "touch", "rm", "mv", "grep", "head", "flock")) {
            for (String place : List.of("/usr/bin/", "/bin/")) {
                if (Files.exists(Path.of(place + tool)) && !Files.exists(tools.resolve(tool))) {
                    Files.createSymbolicLink(tools.resolve(tool), Path.of(place + tool));
                }
            }
        }
        environment.put("PATH", tools.toString());
    }

    @Test
    void becomesTheJvm() throws Exception {
        culvert("version");
        environment.put("JAVA_EXIT", "143");

        Result result = culvert("run");

        assertThat(result.out()).startsWith(directory.resolve("jvm/jdk-25/bin/java") + " " + result.pid() + "\n");
        assertThat(result.exit()).isEqualTo(143);
    }

    @Test
    void passesItsArgumentsOn() throws Exception {
        Result result = culvert("tunnel", "add", "two words", "", "*", "$HOME", "-x");

        Path lib = tree.resolve("deploy/target/culvert/lib");
        assertThat(result.out())
                .endsWith("[-cp]\n[" + lib.resolve("a.jar") + ":" + lib.resolve("b.jar") + "]\n"
                        + "[io.culvert.cli.Main]\n[tunnel]\n[add]\n[two words]\n[]\n[*]\n[$HOME]\n[-x]\n");
    }

    @Test
    void worksThroughALinkFromAnywhere() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), tree.resolve("culvert"));

        assertThat(run(link, Path.of("/"), "version").out()).contains("a tree/deploy/target/culvert/lib/a.jar");
    }

    @ParameterizedTest
    @CsvSource({
        "run, true",
        "--socket /s run, true",
        "-s -j --socket=/s run -c x, true",
        "-f inet run, true",
        "show, false",
        "--socket run show, false",
        "version, false",
        "tunnel show, false"
    })
    void givesTheGatewayAHeapOfItsOwn(String line, boolean isGateway) throws Exception {
        String out = culvert(line.split(" ")).out();

        assertThat(out.contains("[-XX:+AlwaysPreTouch]")).isEqualTo(isGateway);
        assertThat(out.contains("[-XX:TieredStopAtLevel=1]")).isEqualTo(!isGateway);
        assertThat(out).contains("[--enable-native-access=ALL-UNNAMED]");
    }

    /** A core would hold the keys of security associations. */
    @Test
    void letsAGatewayLeaveNoCore() throws Exception {
        environment.put("SHOW_CORE", "yes");
        Path wrapper = directory.resolve("with-cores");
        script(wrapper, "ulimit -c unlimited", "exec '" + tree.resolve("culvert") + "' \"$@\"");

        assertThat(run(wrapper, directory, "show").out()).endsWith("\ncore unlimited\n");
        assertThat(run(wrapper, directory, "run").out()).endsWith("\ncore 0\n");
    }

    @Test
    void usesTheCacheOfClassesOfTheCommand() throws Exception {
        culvert("version");
        Path home = tree.resolve("deploy/target/culvert");
        Path ofPlain = Files.createFile(home.resolve("plain.aot"));

        assertThat(culvert("-s", "tunnel", "show").out()).contains("[-XX:AOTCache=" + ofPlain + "]");
        assertThat(culvert("show", "gre1").out()).contains("[-XX:AOTCache=" + ofPlain + "]");
        assertThat(culvert("stats").out()).doesNotContain("AOTCache");

        Path ofOthers = Files.createFile(home.resolve("others.aot"));
        assertThat(culvert("stats").out()).contains("[-XX:AOTCache=" + ofOthers + "]");
        assertThat(culvert("run").out()).doesNotContain("AOTCache");

        Path ofRun = Files.createFile(home.resolve("run.aot"));
        assertThat(culvert("run").out()).contains("[-XX:AOTCache=" + ofRun + "]");
        assertThat(culvert("demo").out()).doesNotContain("AOTCache");
    }

    @Test
    void takesTheUsersSwitches() throws Exception {
        environment.put("CULVERT_JAVA_OPTS", "* -Xmx1g");

        assertThat(culvert("run").out()).contains("]\n[*]\n[-Xmx1g]\n[-cp]\n");
    }

    @Test
    void takesJavaHomeIfItIsNewEnough() throws Exception {
        Path newer = jdk("elsewhere/jdk-26", "26-ea");
        environment.put("JAVA_HOME", newer.toString());
        assertThat(culvert("version").out()).startsWith(newer.toString());

        environment.put("JAVA_HOME", jdk("elsewhere/jdk-17", "17.0.15").toString());
        assertThat(culvert("version").out())
                .startsWith(directory.resolve("jvm/jdk-25").toString());
    }

    @Test
    void takesTheNewestJdk() throws Exception {
        jdk("jvm/a-jdk-24", "24.0.1");
        Path newest = jdk("jvm/b-jdk-100", "100.0.1");
        jdk("jvm/c-jdk-8", "1.8.0_402");
        Files.createDirectories(directory.resolve("jvm/d-empty"));

        assertThat(culvert("version").out()).startsWith(newest.toString());
    }

    @Test
    void takesJavaOfThePathLast() throws Exception {
        Files.delete(directory.resolve("jvm/jdk-25/release"));
        Path home = jdk("elsewhere/jdk-25", "25");
        Files.createSymbolicLink(directory.resolve("bin/java"), home.resolve("bin/java"));

        assertThat(culvert("version").out()).startsWith(home.toString());
    }

    @Test
    void namesWhatInstallsAJdk() throws Exception {
        Files.delete(directory.resolve("jvm/jdk-25/release"));
        onlyTheseTools();

        Result result = culvert("version");

        assertThat(result.exit()).isEqualTo(4);
        assertThat(result.err()).contains("no JDK 25", "apt-get install openjdk-25-jdk-headless");
    }

    /** The one test with the real JVM and the real classes, as a package installs them. */
    @Test
    void runsTheInstalledProgram() throws Exception {
        Path home = Files.createDirectories(directory.resolve("share/culvert"));
        InstalledCulvert.install(home);
        environment.put("CULVERT_HOME", home.toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        Path launcher = InstalledCulvert.LAUNCHER;
        String socket = directory.resolve("none.sock").toString();

        Result version = run(launcher, directory, "version");
        assertThat(version.exit()).as(version.err()).isZero();
        assertThat(version.out()).startsWith("culvert ");
        assertThat(run(launcher, directory, "--socket", socket, "show").exit()).isEqualTo(5);
        assertThat(run(launcher, directory, "tunnel", "nonsense").exit()).isEqualTo(255);
        assertThat(run(launcher, directory, "run", "-c", "/nonexistent").exit()).isEqualTo(3);
    }
}
