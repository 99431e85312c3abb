package io.culvert.doctor;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing about a host or its gateway.
 *
 * @param check what was looked at
 * @param state whether it is right
 * @param detail what was seen
 * @param remedy the command that mends it, or what to do; null if it is right
 */
public record Finding(
        String check, State state, String detail, @Nullable String remedy) {

    /** How it is. */
    public enum State {
        OK,
        /** It works, and slower or less than it could. */
        WARN,
        /** It does not work. */
        FAIL;

        /** The word in the command's output. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String check, String detail) {
        return new Finding(check, State.OK, detail, null);
    }

    static Finding warn(String check, String detail, String remedy) {
        return new Finding(check, State.WARN, detail, remedy);
    }

    static Finding fail(String check, String detail, String remedy) {
        return new Finding(check, State.FAIL, detail, remedy);
    }
}
