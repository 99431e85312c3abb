package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That these bytes mean the same to others {@code PptpTest} shows. */
final class GreV1FlyweightTest {

    private final GreV1Flyweight gre = new GreV1Flyweight();

    @ParameterizedTest
    @CsvSource({
        "2001 880b 0000 0007, 0, 0, 'GREv1 call 7, len 0'",
        "3001 880b 0000 ffff 80000001, 1000, 0, 'GREv1 call 65535, seq 2147483649, len 0'",
        "2081 880b 0000 0007 ffffffff, 80, 0, 'GREv1 call 7, ack 4294967295, len 0'",
        "3081 880b 0003 0007 00000005 00000009 c02101, 1080, 3, 'GREv1 call 7, seq 5, ack 9, len 3'"
    })
    void buildsAndParses(String hex, String flagsHex, int payload, String text) {
        byte[] bytes = Hex.bytes(hex);
        int flags = Integer.parseInt(flagsHex, 16);
        assertThat(GreV1Flyweight.validate(new UnsafeBuffer(bytes), 0, bytes.length))
                .isEqualTo(Malformed.NONE);
        gre.wrap(new UnsafeBuffer(bytes), 0);
        assertThat(gre.protocol()).isEqualTo(EtherType.PPP);
        assertThat(gre.payloadLength()).isEqualTo(payload);
        assertThat(gre.payloadOffset()).isEqualTo(bytes.length - payload);
        assertThat(gre.appendTo(new StringBuilder())).hasToString(text);

        UnsafeBuffer buffer = HeaderChecks.prefilled(bytes.length);
        GreV1Flyweight built = new GreV1Flyweight()
                .wrap(buffer, 0)
                .flags(flags)
                .payloadLength(payload)
                .callId(gre.callId());
        if (gre.hasSequence()) {
            built.sequence(gre.sequence());
        }
        if (gre.hasAcknowledgment()) {
            built.acknowledgment(gre.acknowledgment());
        }
        buffer.putBytes(built.payloadOffset(), bytes, bytes.length - payload, payload);
        assertThat(buffer.byteArray()).isEqualTo(bytes);
    }

    @Test
    void refusesEveryTruncationOfHeaderAndPayload() {
        HeaderChecks.assertRefusesEveryTruncation(
                Hex.bytes("3081 880b 0003 0007 00000005 00000009 c02101"), GreV1Flyweight::validate);
        HeaderChecks.assertRefusesEveryTruncation(Hex.bytes("2081 880b 0000 0007 00000009"), GreV1Flyweight::validate);
    }

    /** All 65,536 first words: version 1, K, S and A, and nothing else. */
    @Test
    void takesNoOtherFlags() {
        byte[] bytes = Arrays.copyOf(Hex.bytes("0000 880b 0000 0007"), 16);
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        for (int first = 0; first <= 0xffff; first++) {
            bytes[0] = (byte) (first >>> 8);
            bytes[1] = (byte) first;
            int expected = (first & 7) != 1
                    ? Malformed.BAD_VERSION
                    : (first & ~0x1080) == 0x2001 ? Malformed.NONE : Malformed.BAD_FLAGS;
            assertThat(GreV1Flyweight.validate(buffer, 0, bytes.length)).isEqualTo(expected);
            assertThat(GreV1Flyweight.isVersion(buffer, 0)).isEqualTo((first & 7) == 1);
        }
    }

    @Test
    void readsNothingBeyondWhatItAccepts() {
        SeededCases.check(5000, random -> {
            byte[] bytes = new byte[random.nextInt(24)];
            random.nextBytes(bytes);
            if (bytes.length > 1) {
                bytes[0] = (byte) (bytes[0] & 0x10 | 0x20);
                bytes[1] = (byte) (bytes[1] & 0x80 | 1);
            }
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            if (GreV1Flyweight.validate(buffer, 0, bytes.length) == Malformed.NONE) {
                gre.wrap(buffer, 0);
                gre.appendTo(new StringBuilder());
                assertThat(gre.payloadOffset() + gre.payloadLength()).isLessThanOrEqualTo(bytes.length);
            }
        });
    }
}
