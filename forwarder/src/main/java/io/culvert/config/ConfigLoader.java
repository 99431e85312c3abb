package io.culvert.config;

import io.culvert.config.TomlValue.Array;
import io.culvert.config.TomlValue.Entry;
import io.culvert.config.TomlValue.Origin;
import io.culvert.config.TomlValue.Scalar;
import io.culvert.config.TomlValue.Table;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code culvert.toml} and the files of its {@code conf.d}, and finds every problem of all of them in one pass.
 */
public final class ConfigLoader {

    /** The file that is read if nobody names one. */
    public static final Path DEFAULT_FILE = Path.of("/etc/culvert/culvert.toml");

    private static final List<String> SECTIONS = List.of("gateway", "datapath", "tunnel");

    private final List<ConfigProblem> problems = new ArrayList<>();
    private final List<Path> paths = new ArrayList<>();
    private final Table gateway = new Table(Position.wholeFile(DEFAULT_FILE), Origin.HEADER);
    private final Table datapath = new Table(Position.wholeFile(DEFAULT_FILE), Origin.HEADER);
    private final TunnelSection tunnels = new TunnelSection(problems);

    private final MessageDigest digest = sha256();

    private ConfigLoader() {}

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * What was read.
     *
     * @param config every value that is right, and the default where one is wrong or absent
     * @param problems everything that is wrong, in the order of the files; the configuration counts only if this is
     *     empty
     * @param definitions where each tunnel's name stands
     * @param origins of each key of {@code [datapath]}: file and line, option, variable, preset or default
     * @param digest of the text of all files, in hexadecimal: another one if anything was edited
     */
    public record Loaded(
            GatewayConfig config,
            List<ConfigProblem> problems,
            Map<String, Position> definitions,
            Map<String, String> origins,
            String digest) {

        public Loaded {
            problems = List.copyOf(problems);
            definitions = Map.copyOf(definitions);
            origins = Map.copyOf(origins);
        }

        public boolean isValid() {
            return problems.isEmpty();
        }
    }

    /**
     * Reads a file, and {@code conf.d} beside it if it is {@link #DEFAULT_FILE}, under this process's environment.
     *
     * @param file the file; that it is missing is a problem like any other
     */
    public static Loaded load(Path file) {
        return load(file, null, System.getenv());
    }

    /**
     * Reads a file, the {@code *.toml} of a directory in the order of their names, and the {@code CULVERT_*} variables
     * that override them.
     *
     * @param file the file; that it is missing is a problem like any other
     * @param directory must be there; null reads {@code conf.d} beside the default file, where it may be absent, and
     *     nothing beside any other
     * @param environment the environment, and options that set keys of {@code [datapath]}, as {@code --lane}
     */
    public static Loaded load(Path file, @Nullable Path directory, Map<String, String> environment) {
        ConfigLoader loader = new ConfigLoader();
        loader.read(file);
        Path more = directory != null ? directory : directoryBeside(file);
        if (more != null) {
            loader.readDirectory(more);
        }
        GatewaySections sections = new GatewaySections(loader.gateway, loader.datapath, loader.problems);
        GatewayConfig config = sections.config(environment, loader.tunnels.specs());
        String digest = HexFormat.of().formatHex(loader.digest.digest());
        return new Loaded(config, loader.sortedProblems(), loader.tunnels.definitions(), sections.origins(), digest);
    }

    /** In the order of the files and their lines; the environment, which is no file, first. */
    private List<ConfigProblem> sortedProblems() {
        return problems.stream()
                .sorted(Comparator.comparingInt((ConfigProblem problem) -> paths.indexOf(problem.path()))
                        .thenComparingInt(ConfigProblem::line)
                        .thenComparingInt(ConfigProblem::column))
                .toList();
    }

    /**
     * A file, and those of {@code conf.d} beside it if it is {@link #DEFAULT_FILE}: what {@link #load(Path)} reads.
     *
     * @throws IOException if the directory cannot be read
     */
    public static List<Path> files(Path file) throws IOException {
        List<Path> files = new ArrayList<>(List.of(file));
        Path directory = directoryBeside(file);
        if (directory != null) {
            files.addAll(filesIn(directory));
        }
        return files;
    }

    private static @Nullable Path directoryBeside(Path file) {
        Path directory = file.resolveSibling("conf.d");
        return file.equals(DEFAULT_FILE) && Files.isDirectory(directory) ? directory : null;
    }

    /** In the order of their names. */
    private static List<Path> filesIn(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.toml")) {
            found.forEach(files::add);
        }
        files.sort(null);
        return files;
    }

    private void readDirectory(Path directory) {
        paths.add(directory);
        List<Path> files;
        try {
            files = filesIn(directory);
        } catch (IOException e) {
            unreadable(directory, e, "make the directory, or name another with --conf-d");
            return;
        }
        files.forEach(this::read);
    }

    private void read(Path file) {
        paths.add(file);
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            problems.add(new ConfigProblem(Position.wholeFile(file), "the file is not UTF-8 text", "save it as UTF-8"));
            return;
        } catch (IOException e) {
            unreadable(file, e, "make the file, or name another with -c FILE");
            return;
        }
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        for (Map.Entry<String, Entry> entry :
                TomlParser.parse(file, text, problems).entries().entrySet()) {
            section(entry.getKey(), entry.getValue());
        }
    }

    private void unreadable(Path path, IOException cause, String hintIfAbsent) {
        Position at = Position.wholeFile(path);
        switch (cause) {
            case NoSuchFileException _ ->
                problems.add(new ConfigProblem(at, "no such file or directory", hintIfAbsent));
            case AccessDeniedException _ ->
                problems.add(new ConfigProblem(at, "permission denied", "run as root, or make the file readable"));
            default -> problems.add(new ConfigProblem(at, "cannot be read: " + cause.getMessage(), null));
        }
    }

    private void section(String name, Entry entry) {
        switch (name) {
            case "gateway" -> merge(entry, name, gateway);
            case "datapath" -> merge(entry, name, datapath);
            case "tunnel" -> tunnels(entry);
            default -> {
                String near = Suggestion.didYouMean(name, SECTIONS);
                String what = entry.value() instanceof Scalar ? "key" : "section";
                problems.add(new ConfigProblem(
                        entry.keyAt(),
                        "unknown " + what + " \"" + name + "\"",
                        near != null ? near : "the sections are [gateway], [datapath] and [[tunnel]]"));
            }
        }
    }

    private void merge(Entry section, String name, Table into) {
        if (!(section.value() instanceof Table table)) {
            problems.add(new ConfigProblem(
                    section.keyAt(),
                    "\"" + name + "\" must be a section",
                    "write [" + name + "] on a line of its own"));
            return;
        }
        table.entries().forEach((key, entry) -> {
            Entry first = into.get(key);
            if (first == null) {
                into.put(key, entry);
            } else {
                problems.add(new ConfigProblem(
                        entry.keyAt(),
                        "\"" + key + "\" is set already at " + first.keyAt().fileAndLine(),
                        "keep one of the two"));
            }
        });
    }

    private void tunnels(Entry section) {
        if (!(section.value() instanceof Array array) || !array.ofTables()) {
            problems.add(new ConfigProblem(
                    section.keyAt(), "\"tunnel\" must be a list of sections", "write [[tunnel]] for each tunnel"));
            return;
        }
        array.values().forEach(table -> tunnels.add((Table) table));
    }
}
