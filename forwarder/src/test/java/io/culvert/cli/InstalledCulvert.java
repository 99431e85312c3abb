package io.culvert.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/** The program with its launcher, laid out as a package installs it. */
final class InstalledCulvert {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** What a package puts into /usr/bin. */
    static final Path LAUNCHER = ROOT.resolve("deploy/launcher/culvert");

    private InstalledCulvert() {}

    /** Makes that directory the program's home, CULVERT_HOME: the classes of this test's own class path. */
    static void install(Path home) throws IOException {
        Files.createSymbolicLink(home.resolve("launcher"), ROOT.resolve("deploy/launcher"));
        Path lib = Files.createDirectories(home.resolve("lib"));
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(":")) {
            Path jar = lib.resolve("part" + number++ + ".jar");
            if (Files.isDirectory(Path.of(entry))) {
                jar(Path.of(entry), jar);
            } else {
                Files.createSymbolicLink(jar, Path.of(entry));
            }
        }
    }

    private static void jar(Path classes, Path jar) throws IOException {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            Files.walkFileTree(classes, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                    Files.copy(file, out);
                    out.closeEntry();
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    }
}
