package io.culvert.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeftoversTest {

    @Test
    void knowsTheOwnerOfItsOwnNames() {
        assertThat(Leftovers.owner(Leftovers.name(3, "left")))
                .isEqualTo(ProcessHandle.current().pid());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "culvert",
                "culvert-left",
                "culvert-12-left",
                "culvert-12-3-",
                "xculvert-12-3-left",
                "culvert-a-3-left"
            })
    void leavesTheNamesOfOthersAlone(String namespace) {
        assertThat(Leftovers.owner(namespace)).isNull();
    }
}
