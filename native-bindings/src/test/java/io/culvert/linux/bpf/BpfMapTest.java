package io.culvert.linux.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.Privileges;
import io.culvert.linux.RequiresRoot;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

@RequiresRoot
class BpfMapTest {

    private static final byte[] KEY = {4, 0, 0, 0};
    private static final byte[] OTHER_KEY = {47, 0, 0, 0};
    private static final byte[] VALUE = {1, 2, 3, 4, 5, 6, 7, 8};

    @Test
    void keepsWhatIsPut() {
        try (BpfMap map = BpfMap.hash("tunnels", 4, 8, 10)) {
            assertThat(map.get(KEY)).isNull();

            map.put(KEY, new byte[8]);
            map.put(KEY, VALUE);

            assertThat(map.get(KEY)).isEqualTo(VALUE);
            assertThat(map.get(OTHER_KEY)).isNull();
        }
    }

    @Test
    void removes() {
        try (BpfMap map = BpfMap.hash("tunnels", 4, 8, 10)) {
            map.put(KEY, VALUE);
            map.put(OTHER_KEY, VALUE);

            assertThat(map.remove(KEY)).isTrue();
            assertThat(map.remove(KEY)).isFalse();
            assertThat(map.get(KEY)).isNull();
            assertThat(map.get(OTHER_KEY)).isEqualTo(VALUE);
        }
    }

    @Test
    void isFullOfZerosAsAnArray() {
        try (BpfMap map = BpfMap.array("counters", 8, 5)) {
            assertThat(map.get(KEY)).isEqualTo(new byte[8]);
            map.put(KEY, VALUE);
            assertThat(map.get(KEY)).isEqualTo(VALUE);
            assertThat(map.get(OTHER_KEY)).isNull();
        }
    }

    @Test
    void saysWhenItIsFull() {
        try (BpfMap map = BpfMap.hash("tunnels", 4, 8, 1)) {
            map.put(KEY, VALUE);

            assertThatThrownBy(() -> map.put(OTHER_KEY, VALUE))
                    .isInstanceOf(ErrnoException.class)
                    .hasMessageContainingAll("BPF_MAP_UPDATE_ELEM, tunnels", "the map is full");
        }
    }

    @Test
    void refusesOtherSizes() {
        try (BpfMap map = BpfMap.hash("tunnels", 4, 8, 1)) {
            assertThatThrownBy(() -> map.put(KEY, new byte[7])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> map.get(VALUE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("map tunnels has a key of 4 bytes, not of 8");
        }
    }

    @Test
    void namesTheMapThatIsImpossible() {
        assertThatThrownBy(() -> BpfMap.hash("tunnels", 0, 8, 1))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContainingAll("tunnels, 1 entries of 0 and 8 bytes", "EINVAL");
    }

    @Test
    void takesLongNames() {
        try (BpfMap map = BpfMap.hash("a_name_longer_than_the_kernel_takes", 4, 8, 1)) {
            map.put(KEY, VALUE);
            assertThat(map.get(KEY)).isEqualTo(VALUE);
        }
    }

    @Test
    void namesThePrivilegeThatIsMissing() {
        assertThatThrownBy(() -> withoutBpf(() -> BpfMap.hash("tunnels", 4, 8, 1)))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContainingAll("EPERM", "CAP_BPF and CAP_NET_ADMIN");
    }

    /** CAP_SYS_ADMIN stands in for CAP_BPF. */
    private static <T> T withoutBpf(Callable<T> work) {
        return Privileges.without(Privileges.CAP_SYS_ADMIN, () -> Privileges.without(Privileges.CAP_BPF, work));
    }
}
