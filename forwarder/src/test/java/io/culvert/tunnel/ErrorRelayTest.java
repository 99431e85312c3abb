package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.icmp.IcmpErrorBuilder;
import io.culvert.icmp.OuterError;
import io.culvert.testing.Hex;
import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.Ipv4Flyweight;
import java.net.InetAddress;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of which error, in the order of the tables in RFC 2003 section 4 and RFC 2473 section 8. */
class ErrorRelayTest {

    private final OuterError error = new OuterError();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[200]);

    private void parseIpv4(int type, int code) {
        int bytes = 8 + 28;
        message.setMemory(0, message.capacity(), (byte) 0);
        message.putByte(0, (byte) 0x45);
        message.putByte(28, (byte) 0x45);
        new Ipv4Flyweight().wrap(message, 28).totalLength(1400).protocol(4);
        new Ipv4Flyweight().wrap(message, 0).totalLength(20 + bytes).protocol(1);
        new Icmpv4Flyweight().wrap(message, 20).type(type).code(code).updateChecksum(bytes);
        assertThat(error.parseIpv4(message, 0, 20 + bytes)).isTrue();
    }

    private void parseIpv6(int type, int code, int pointer, int limit) {
        byte[] quoted = Hex.bytes("6000000000503c40" + "20010db8ffff00000000000000000001"
                + "20010db8fffe00000000000000000001" + "2900040104010100" + "00".repeat(80));
        quoted[44] = (byte) limit;
        message.setMemory(0, message.capacity(), (byte) 0);
        message.putByte(0, (byte) type);
        message.putByte(1, (byte) code);
        message.putByte(7, (byte) pointer);
        message.putBytes(8, quoted);
        assertThat(error.parseIpv6(message, 0, 8 + quoted.length)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 3, 0, 4, NEXT_PACKET",
        "IPIP, 3, 1, 4, NEXT_PACKET",
        "IPIP, 3, 2, 4, NEXT_PACKET",
        "IPIP, 3, 3, 4, NEXT_PACKET",
        "IPIP, 3, 4, 4, NONE",
        "IPIP, 3, 5, 4, NONE",
        "IPIP, 3, 13, 4, NEXT_PACKET",
        "IPIP, 11, 0, 4, NEXT_PACKET",
        "IPIP, 11, 1, 4, NONE",
        "IPIP, 12, 0, 4, NONE",
        "GRE, 3, 1, 4, NEXT_PACKET",
        "GRE, 3, 3, 4, NONE",
        "GRE, 3, 3, 6, NONE",
        "GRE, 3, 1, 6, AT_ONCE",
        "SIT, 3, 1, 6, AT_ONCE",
        "SIT, 3, 3, 6, AT_ONCE",
        "SIT, 3, 1, 0, NEXT_PACKET",
        "SIT, 11, 0, 6, AT_ONCE",
        "VTI, 3, 1, 4, NONE",
        "MINENC, 3, 1, 4, NONE"
    })
    void overIpv4(Mode mode, int type, int code, int innerVersion, ErrorRelay relay) {
        parseIpv4(type, code);
        int ttl = mode == Mode.MINENC ? 0 : 64;
        assertThat(ErrorRelay.of(TestTunnels.spec(mode).ttl(ttl).build(), error, innerVersion))
                .isEqualTo(relay);
    }

    @Test
    void timeExceededByAnInheritedTtlIsTheSendersOwnMatter() {
        parseIpv4(11, 0);
        assertThat(ErrorRelay.of(TestTunnels.spec(Mode.GRE).build(), error, 4)).isEqualTo(ErrorRelay.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "IP6IP6, 1, 0, 0, 4, AT_ONCE",
        "IPIP6, 1, 3, 0, 4, AT_ONCE",
        "IP6GRE, 1, 3, 0, 4, NEXT_PACKET",
        "IP6IP6, 2, 0, 0, 4, NONE",
        "IP6IP6, 3, 0, 0, 4, AT_ONCE",
        "IP6IP6, 3, 1, 0, 4, NONE",
        "IP6IP6, 4, 0, 44, 0, AT_ONCE",
        "IP6IP6, 4, 0, 44, 4, NONE",
        "IP6IP6, 4, 0, 6, 0, NONE"
    })
    void overIpv6(Mode mode, int type, int code, int pointer, int limit, ErrorRelay relay) {
        parseIpv6(type, code, pointer, limit);
        TunnelSpec spec = TunnelSpec.builder("t1", mode)
                .local(InetAddress.ofLiteral("2001:db8:ffff::1"))
                .remote(InetAddress.ofLiteral("2001:db8:fffe::1"))
                .build();
        assertThat(ErrorRelay.of(spec, error, 6)).isEqualTo(relay);
    }

    /** A quote of a quote may be cut, but not before 8 bytes of what its header carries. */
    @Test
    void anErrorAboutAQuoteTakesWhatIsThere() {
        UnsafeBuffer packet =
                new UnsafeBuffer(Hex.bytes("4500057812340000 4011 7a69 c0000201 c6336402 c0000035 0564 0000"));
        new Ipv4Flyweight().wrap(packet, 0).updateChecksum();
        IcmpErrorBuilder quotes = IcmpErrorBuilder.aboutQuotes();

        assertThat(quotes.hostUnreachable(packet, 0, 28, message, 0)).isEqualTo(56);
        assertThat(message.getByte(20)).isEqualTo((byte) 3);
        assertThat(quotes.hostUnreachable(packet, 0, 27, message, 0)).isZero();
        assertThat(new IcmpErrorBuilder().hostUnreachable(packet, 0, 28, message, 0))
                .isZero();
        packet.putByte(9, (byte) 1);
        packet.putByte(20, (byte) 3);
        new Ipv4Flyweight().wrap(packet, 0).updateChecksum();
        assertThat(quotes.hostUnreachable(packet, 0, 28, message, 0))
                .as("about an ICMP error")
                .isZero();
    }
}
