package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.esp.AssociationSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ModeTest {

    @ParameterizedTest
    @CsvSource({
        "IPIP, ipip, ip/ip, 4, false",
        "GRE, gre, gre/ip, 47, true",
        "IP6IP6, ip6ip6, ipv6/ipv6, 41, false",
        "IPIP6, ipip6, ip/ipv6, 4, false",
        "ANY6, any6, any/ipv6, 0, false",
        "IP6GRE, ip6gre, gre/ipv6, 47, true",
        "GRETAP, gretap, gretap/ip, 47, true",
        "IP6GRETAP, ip6gretap, gretap/ipv6, 47, true",
        "ERSPAN, erspan, erspan/ip, 47, true",
        "IP6ERSPAN, ip6erspan, erspan/ipv6, 47, true",
        "L2TP, l2tp, l2tp/ip, 115, false",
        "IP6L2TP, ip6l2tp, l2tp/ipv6, 115, false",
        "PPTP, pptp, ppp/ip, 47, false"
    })
    void hasTheWordsAndNumbersOfIpTunnel(Mode mode, String word, String family, int protocol, boolean keyed) {
        assertThat(mode.word()).isEqualTo(word);
        assertThat(mode.family()).isEqualTo(family);
        assertThat(mode.protocol()).isEqualTo(protocol);
        assertThat(mode.isKeyed()).isEqualTo(keyed);
        assertThat(Mode.ofWord(word)).isEqualTo(mode);
        assertThat(Mode.ofWord(family)).isEqualTo(mode);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "IPIP", "gre ", "tap", "ip"})
    void knowsNoOtherWord(String word) {
        assertThat(Mode.ofWord(word)).isNull();
    }

    @Test
    void hasAnEncapsulatorAndADecapsulatorForEachMode() {
        for (Mode mode : Mode.values()) {
            assertThat(ModeRegistry.encapsulator(TestTunnels.spec(mode).build(), AssociationSet.NONE))
                    .isNotNull();
            for (OuterProtocol protocol : mode.outerProtocols()) {
                assertThat(
                                protocol.ipv6()
                                        ? ModeRegistry.ipv6Decapsulator(protocol.number())
                                        : ModeRegistry.decapsulator(protocol.number()))
                        .isNotNull();
            }
        }
    }
}
