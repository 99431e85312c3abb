package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {

    private final Tally<String> tally = new Tally<>();

    @Test
    void whatTwoNeedStaysUntilBothAreGone() {
        tally.add(List.of("a", "b"));
        tally.add(List.of("a"));
        tally.remove(List.of("a", "b"));

        assertThat(tally.present()).containsExactly("a");
        assertThat(tally.contains("a")).isTrue();
        assertThat(tally.contains("b")).isFalse();

        tally.remove(List.of("a"));

        assertThat(tally.present()).isEmpty();
    }

    @Test
    void onlyWhatCameOrWentIsTouched() {
        tally.add(List.of("a", "b"));
        assertThat(tally.touched()).containsExactlyInAnyOrder("a", "b");

        tally.settle();
        tally.add(List.of("a", "c"));
        tally.remove(List.of("b"));

        assertThat(tally.touched()).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void removingWhatIsNotThereCountsNothing() {
        tally.remove(List.of("a"));
        tally.add(List.of("a"));

        assertThat(tally.contains("a")).isTrue();
    }
}
