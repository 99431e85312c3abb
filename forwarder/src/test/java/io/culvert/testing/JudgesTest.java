package io.culvert.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

final class JudgesTest {
    @Test
    void namesTheMissingJudgeAndItsPackage() {
        Throwable thrown = catchThrowable(() -> Judges.requireTool("no-such-judge", "its-package"));

        boolean isCi = "true".equals(System.getenv("CI"));
        assertThat(thrown)
                .isInstanceOf(isCi ? AssertionFailedError.class : TestAbortedException.class)
                .hasMessageContaining("the judge no-such-judge is missing: apt-get install its-package");
    }

    @Test
    void failsWhenAJudgeFails() {
        assertThatThrownBy(() -> Judges.run(List.of("sh", "-c", "echo the reason >&2; exit 3")))
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageContaining("exit status 3")
                .hasMessageContaining("the reason");
    }

    @Test
    void namesTheSeedOfAFailingCase() {
        assertThatThrownBy(() -> SeededCases.check(
                        1000, random -> assertThat(random.nextInt(4)).isNotEqualTo(3)))
                .isInstanceOf(AssertionError.class)
                .hasMessageMatching("(?s)seed \\d+ \\(again: -Dculvert.seed=\\d+\\).*");
    }
}
