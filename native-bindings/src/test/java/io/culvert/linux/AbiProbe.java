package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Asks the C compiler and the system's headers for the numbers that our classes have written down. Rows with the same
 * headers share one program, since some of the kernel's headers do not go together with some of libc's.
 *
 * <p>To cover another package, write a test beside it that calls {@link #verify} with its rows.
 */
public final class AbiProbe {

    private static final String UNDEFINED = "undefined";

    private AbiProbe() {}

    /** Fails with every row whose number is not the header's. Without gcc it fails in CI and skips elsewhere. */
    public static void verify(List<AbiRow> rows) {
        requireCompiler();
        Map<List<String>, List<AbiRow>> programs =
                rows.stream().collect(Collectors.groupingBy(AbiRow::headers, LinkedHashMap::new, Collectors.toList()));
        List<String> wrong = new ArrayList<>();
        programs.forEach((headers, sameHeaders) -> {
            List<String> theirs = compileAndRun(source(headers, sameHeaders));
            for (int i = 0; i < sameHeaders.size(); i++) {
                AbiRow row = sameHeaders.get(i);
                if (!theirs.get(i).equals(UNDEFINED) && !theirs.get(i).equals(Long.toString(row.value()))) {
                    wrong.add(row.name() + " is " + theirs.get(i) + ", not " + row.value());
                }
            }
        });
        assertThat(rows).isNotEmpty();
        assertThat(wrong).isEmpty();
    }

    private static String source(List<String> headers, List<AbiRow> rows) {
        StringBuilder source = new StringBuilder("#define _GNU_SOURCE\n#include <stdio.h>\n#include <stddef.h>\n");
        headers.forEach(header -> source.append("#include <").append(header).append(">\n"));
        source.append("int main(void) {\n");
        rows.forEach(row -> source.append(statement(row)));
        return source.append("}\n").toString();
    }

    private static String statement(AbiRow row) {
        String print = "printf(\"%lld\\n\", (long long) (" + row.expression() + "));\n";
        return row.mayBeMissing()
                ? "#ifdef " + row.expression() + "\n" + print + "#else\nputs(\"" + UNDEFINED + "\");\n#endif\n"
                : print;
    }

    private static List<String> compileAndRun(String source) {
        try {
            Path directory = Files.createTempDirectory("abi-probe");
            Path program = directory.resolve("probe");
            Path code = Files.writeString(directory.resolve("probe.c"), source);
            try {
                run("gcc", "-Wall", "-Werror", "-o", program.toString(), code.toString());
                return run(program.toString()).lines().toList();
            } finally {
                Files.deleteIfExists(program);
                Files.delete(code);
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireCompiler() {
        try {
            run("gcc", "--version");
        } catch (UncheckedIOException e) {
            String reason = "gcc and libc6-dev are needed to check numbers with the system's headers";
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError(reason, e);
            }
            abort(reason);
        }
    }

    private static String run(String... command) {
        return Commands.run(command);
    }
}
