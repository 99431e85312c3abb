package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every drop reason has a test that expects it, and one word for everybody. */
final class DropReasonTest {

    private static final Path TESTS = Path.of("src/test/java");
    private static final List<String> LINES = lines();

    /** What tests expect; a set of reasons that are another test's business is no test, and neither is this one. */
    private static List<String> lines() {
        try (Stream<Path> files = Files.walk(TESTS)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("DropReasonTest.java"))
                    .flatMap(DropReasonTest::lines)
                    .filter(line -> !line.contains("EnumSet"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isExpectedByATest(DropReason reason) {
        // As the constant, or as the word: a string of its own, the last value of a CSV row, or the name of a constant.
        Pattern expected = Pattern.compile(
                "DropReason\\." + reason + "\\b|(\"|, )" + reason.word() + "\"|names = .*\"" + reason + "\"");

        assertThat(LINES)
                .as("tests that expect %s", reason)
                .anyMatch(line -> expected.matcher(line).find());
    }

    @Test
    void hasItsConstantsNameAsItsWord() {
        assertThat(DropReason.values())
                .allMatch(reason -> reason.word().equals(reason.name().toLowerCase(Locale.ROOT)));
        assertThat(DropReason.values()).extracting(DropReason::text).doesNotHaveDuplicates();
    }
}
