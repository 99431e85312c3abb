package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CountersTest {

    private final Counters counters = new Counters();

    @Test
    void startsAtZero() {
        assertThat(counters.packets()).isZero();
        assertThat(counters.bytes()).isZero();
        assertThat(counters.answeredPackets()).isZero();
        for (DropReason reason : DropReason.values()) {
            assertThat(counters.drops(reason)).isZero();
        }
    }

    @Test
    void keepsEachCountApart() {
        counters.forwarded(1500);
        counters.forwarded(40);
        for (int i = 0; i < 3; i++) {
            counters.answered();
        }
        for (DropReason reason : DropReason.values()) {
            counters.dropped(reason, 1_000L + reason.ordinal());
            counters.dropped(reason);
        }

        assertThat(counters.packets()).isEqualTo(2);
        assertThat(counters.bytes()).isEqualTo(1540);
        assertThat(counters.answeredPackets()).isEqualTo(3);
        for (DropReason reason : DropReason.values()) {
            assertThat(counters.drops(reason)).isEqualTo(1_001L + reason.ordinal());
        }
    }

    @Test
    void countsBeyond32Bits() {
        counters.dropped(DropReason.NO_ROUTE, 0xffff_ffffL);
        counters.dropped(DropReason.NO_ROUTE);

        assertThat(counters.drops(DropReason.NO_ROUTE)).isEqualTo(0x1_0000_0000L);
    }

    /** Users sort and count by them: in metrics, in JSON, in {@code culvert drops}. */
    @Test
    void namesEachDropReasonByAWordOfItsOwn() {
        Set<String> words = new HashSet<>();
        for (DropReason reason : DropReason.values()) {
            assertThat(reason.word()).matches("[a-z][a-z0-9]*(_[a-z]+)*");
            assertThat(reason.text()).isNotBlank();
            assertThat(words.add(reason.word())).isTrue();
        }
        assertThat(words).hasSize(DropReason.COUNT);
    }
}
