package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PrefixTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1/30, 192.0.2.1, 30",
        "192.0.2.1, 192.0.2.1, 32",
        "0.0.0.0/0, 0.0.0.0, 0",
        "2001:db8::1/64, 2001:db8::1, 64",
        "2001:db8::1, 2001:db8::1, 128",
        "::/0, ::, 0"
    })
    void readsAddressAndLength(String text, String address, int length) {
        Prefix prefix = Prefix.parse(text);

        assertThat(prefix.address()).isEqualTo(InetAddress.ofLiteral(address));
        assertThat(prefix.length()).isEqualTo(length);
        assertThat(prefix.isIpv4()).isEqualTo(!address.contains(":"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/24", "localhost/8", "192.0.2.256/24", "192.0.2.1.1", "192.0.2.0 /24", "2001:db8::x/64"})
    void refusesWhatIsNoAddress(String text) {
        String literal = text.replaceAll("/.*", "");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Prefix.parse(text))
                .withMessage("\"%s\" is not an IP address", literal);
    }

    /** Java takes 192.0.2 for 192.0.0.2, but {@code ip} takes it for 192.0.2.0. */
    @ParameterizedTest
    @ValueSource(strings = {"192.0.2/24", "10/8", "3221225985"})
    void refusesAnAbbreviatedAddress(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Prefix.parse(text))
                .withMessageEndingWith("is not an IP address");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "2 4", "+24", "-0", "24/", "255.255.255.0", "99999999999"})
    void refusesWhatIsNoLength(String length) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Prefix.parse("192.0.2.0/" + length))
                .withMessage("\"%s\" is not a prefix length", length);
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.0/33, 33, 32", "2001:db8::/129, 129, 128"})
    void refusesALengthBeyondTheAddress(String text, int length, int bits) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Prefix.parse(text))
                .withMessage("prefix length %d is not in 0 to %d", length, bits);
    }

    @Test
    void refusesANegativeLength() {
        InetAddress address = InetAddress.ofLiteral("192.0.2.0");

        assertThatIllegalArgumentException().isThrownBy(() -> new Prefix(address, -1));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, true",
        "192.0.2.128/25, true",
        "192.0.2.128/24, false",
        "192.0.2.1/31, false",
        "192.0.2.1/32, true",
        "0.0.0.0/0, true",
        "0.0.0.1/0, false",
        "2001:db8::/32, true",
        "2001:db8::1/127, false",
        "2001:db8::1/128, true",
        "8000::/1, true",
        "8000::/0, false"
    })
    void isANetworkWithoutHostBits(String text, boolean network) {
        assertThat(Prefix.parse(text).isNetwork()).isEqualTo(network);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.129/25, 192.0.2.128, true",
        "192.0.2.129/25, 192.0.2.127, false",
        "192.0.2.1/32, 192.0.2.1, true",
        "192.0.2.1/32, 192.0.2.0, false",
        "0.0.0.0/0, 203.0.113.1, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::/0, 203.0.113.1, false"
    })
    void containsWhatHasItsBits(String text, String address, boolean contained) {
        assertThat(Prefix.parse(text).contains(InetAddress.ofLiteral(address))).isEqualTo(contained);
    }

    @Test
    void printsWhatItReads() {
        assertThat(Prefix.parse("192.0.2.1/30")).hasToString("192.0.2.1/30");
        assertThat(Prefix.parse(Prefix.parse("2001:db8::1/64").toString())).isEqualTo(Prefix.parse("2001:db8::1/64"));
    }
}
