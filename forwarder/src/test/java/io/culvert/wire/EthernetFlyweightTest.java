package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class EthernetFlyweightTest {
    private static final byte[] HEADER = Hex.bytes("0200 0000 00fe fe54 8001 02ff 86dd");

    private final EthernetFlyweight ethernet = new EthernetFlyweight();

    @Test
    void parsesAHeader() {
        ethernet.wrap(new UnsafeBuffer(HEADER), 0);

        assertThat(ethernet.destination()).isEqualTo(0x0200_0000_00feL);
        assertThat(ethernet.source()).isEqualTo(0xfe54_8001_02ffL);
        assertThat(ethernet.type()).isEqualTo(EtherType.IPV6);
        assertThat(ethernet.payloadOffset()).isEqualTo(14);
    }

    @Test
    void buildsAHeader() {
        UnsafeBuffer buffer = HeaderChecks.prefilled(HEADER.length);
        ethernet.wrap(buffer, 0)
                .destination(0x0200_0000_00feL)
                .source(0xfe54_8001_02ffL)
                .type(EtherType.IPV6);

        assertThat(buffer.byteArray()).isEqualTo(HEADER);
    }

    @Test
    void refusesEveryTruncation() {
        HeaderChecks.assertRefusesEveryTruncation(HEADER, EthernetFlyweight::validate);
    }

    @Test
    void printsOneLine() {
        assertThat(ethernet.wrap(new UnsafeBuffer(HEADER), 0).appendTo(new StringBuilder()))
                .hasToString("Ethernet fe:54:80:01:02:ff > 02:00:00:00:00:fe: IPv6");
    }
}
