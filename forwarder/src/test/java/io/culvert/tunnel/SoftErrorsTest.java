package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SoftErrorsTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long START = 1000 * SECOND;

    private final SoftErrors errors = new SoftErrors();

    @Test
    void eachIsTakenOnce() {
        assertThat(errors.isPending()).isFalse();
        assertThat(errors.take(START)).isFalse();
        errors.add(START);
        errors.add(START);
        assertThat(errors.isPending()).isTrue();
        assertThat(errors.take(START + 1)).isTrue();
        assertThat(errors.take(START + 1)).isTrue();
        assertThat(errors.take(START + 1)).isFalse();
        assertThat(errors.isPending()).isFalse();
    }

    @Test
    void noneIsOlderThanThirtySeconds() {
        errors.add(START);
        errors.add(START);
        assertThat(errors.take(START + 30 * SECOND)).isTrue();
        assertThat(errors.take(START + 30 * SECOND + 1)).isFalse();
        assertThat(errors.isPending()).isFalse();
        errors.add(START + 40 * SECOND);
        errors.add(START + 71 * SECOND);
        assertThat(errors.take(START + 71 * SECOND)).isTrue();
        assertThat(errors.take(START + 71 * SECOND)).isFalse();
    }
}
