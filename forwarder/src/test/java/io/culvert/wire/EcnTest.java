package io.culvert.wire;

import static io.culvert.wire.Ecn.CE;
import static io.culvert.wire.Ecn.DROP;
import static io.culvert.wire.Ecn.ECT0;
import static io.culvert.wire.Ecn.ECT1;
import static io.culvert.wire.Ecn.NOT_ECT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class EcnTest {
    /** RFC 6040 figure 4. */
    private static final int[][] FIGURE_4 = {
        // inner, then outer Not-ECT, ECT(0), ECT(1), CE
        {NOT_ECT, NOT_ECT, NOT_ECT, NOT_ECT, DROP},
        {ECT0, ECT0, ECT0, ECT1, CE},
        {ECT1, ECT1, ECT1, ECT1, CE},
        {CE, CE, CE, CE, CE},
    };

    private static final int[] OUTER = {NOT_ECT, ECT0, ECT1, CE};

    @Test
    void decapsulatesAllSixteenCombinations() {
        for (int[] row : FIGURE_4) {
            for (int column = 0; column < OUTER.length; column++) {
                assertThat(Ecn.decapsulate(row[0], OUTER[column]))
                        .as("inner %d, outer %d", row[0], OUTER[column])
                        .isEqualTo(row[column + 1]);
            }
        }
    }

    @Test
    void copiesTheInnerFieldToTheOuterHeader() {
        for (int tos = 0; tos < 256; tos++) {
            assertThat(Ecn.encapsulate(tos)).isEqualTo(tos % 4);
        }
    }
}
