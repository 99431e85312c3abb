package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressesTest {

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "203.0.113.1", "255.255.255.255"})
    void turnsIpv4AddressesIntoIntsAndBack(String text) {
        InetAddress address = InetAddress.ofLiteral(text);

        assertThat(Addresses.ipv4(Addresses.toInt(address))).isEqualTo(address);
    }

    @Test
    void hasTheFirstByteOnTop() {
        assertThat(Addresses.toInt(InetAddress.ofLiteral("203.0.113.1"))).isEqualTo(0xcb007101);
    }

    @Test
    void hasNoIntOfWhatIsNoIpv4Address() {
        assertThat(Addresses.toInt(null)).isZero();
        assertThat(Addresses.toInt(InetAddress.ofLiteral("2001:db8::1"))).isZero();
    }

    @Test
    void refusesWhatIsNoAddress() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Addresses.of(new byte[5]))
                .withMessage("5 bytes are no address");
    }
}
