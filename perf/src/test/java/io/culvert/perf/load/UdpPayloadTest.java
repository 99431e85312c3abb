package io.culvert.perf.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UdpPayloadTest {

    private final UdpPayload payload = new UdpPayload();
    private final UnsafeBuffer datagram = new UnsafeBuffer(ByteBuffer.allocateDirect(UdpPayload.MAX_LENGTH));

    @ParameterizedTest
    @ValueSource(ints = {16, 17, 36, 1372, 1472})
    void seesEveryChangedByte(int length) {
        for (long number : new long[] {0, 1, 1023, 1024, 5_000_000}) {
            fill(number, length);
            assertThat(payload.isIntact(datagram, 0, length)).isTrue();
            for (int i = UdpPayload.HEADER; i < length; i++) {
                datagram.putByte(i, (byte) (datagram.getByte(i) + 1));
                assertThat(payload.isIntact(datagram, 0, length))
                        .as("byte %d", i)
                        .isFalse();
                datagram.putByte(i, (byte) (datagram.getByte(i) - 1));
            }
        }
    }

    @Test
    void seesBytesOfAnotherNumber() {
        fill(7, 100);
        datagram.putLong(UdpPayload.NUMBER, 8);

        assertThat(payload.isIntact(datagram, 0, 100)).isFalse();
    }

    @Test
    void seesAnotherLength() {
        fill(7, 100);

        assertThat(payload.isIntact(datagram, 0, 99)).isFalse();
        assertThat(payload.isIntact(datagram, 0, 15)).isFalse();
    }

    @Test
    void mixesSizesAsTheMixSays() {
        long small = 0;
        long all = 0;
        for (long number = 0; number < 12; number++) {
            small += PacketSizes.IMIX.payload(number) == 36 ? 1 : 0;
            all++;
        }
        assertThat(small).isEqualTo(7);
        assertThat(all).isEqualTo(12);
    }

    private void fill(long number, int length) {
        datagram.putLong(UdpPayload.NUMBER, number);
        datagram.putInt(UdpPayload.LENGTH, length);
        UnsafeBuffer random = new UnsafeBuffer(payload.address(number), length - UdpPayload.HEADER);
        datagram.putBytes(UdpPayload.HEADER, random, 0, length - UdpPayload.HEADER);
    }
}
