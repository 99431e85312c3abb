package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What is checked of every header alike. */
final class HeaderChecks {
    /** What buffers hold before a header is built into them, so that a byte nobody wrote shows. */
    static final byte FILLER = (byte) 0xa5;

    private HeaderChecks() {}

    @FunctionalInterface
    interface Validator {
        int validate(DirectBuffer buffer, int offset, int available);
    }

    static UnsafeBuffer prefilled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, FILLER);
        return new UnsafeBuffer(bytes);
    }

    /** Every shorter length is refused, and without a look at a byte beyond it: there is none. */
    static void assertRefusesEveryTruncation(byte[] sound, Validator validator) {
        assertThat(validator.validate(new UnsafeBuffer(sound), 0, sound.length)).isEqualTo(Malformed.NONE);
        for (int length = 0; length < sound.length; length++) {
            UnsafeBuffer cut = new UnsafeBuffer(Arrays.copyOf(sound, length));
            assertThat(validator.validate(cut, 0, length))
                    .as("%d of %d bytes", length, sound.length)
                    .isEqualTo(Malformed.TRUNCATED);
        }
    }
}
