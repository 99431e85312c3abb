package io.culvert.linux.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TunRequestTest {

    @Test
    void addsOptionsToAPlainDevice() {
        assertThat(TunRequest.tun("gre1")).isEqualTo(new TunRequest("gre1", false, false, false, false, false));
        assertThat(TunRequest.tap("tap1").withVnetHeader())
                .isEqualTo(new TunRequest("tap1", true, true, false, false, false));
        assertThat(TunRequest.tun("gre1").withMultiQueue().withPersist().withVnetHeader())
                .isEqualTo(new TunRequest("gre1", false, true, false, true, true));
    }

    @Test
    void refusesANameThatTheKernelWouldCutOff() {
        assertThat(TunRequest.tun("fifteen-letters").name()).hasSize(15);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TunRequest.tun("sixteen-letters-"))
                .withMessage("interface name \"sixteen-letters-\" is longer than 15 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> TunRequest.tun("ääääääää"));
    }
}
