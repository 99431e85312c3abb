package io.culvert.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers for people. */
final class Quantity {

    private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final int UNIT = 1024;

    private Quantity() {}

    /** {@code 1 tunnel}, {@code 2 tunnels}. */
    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** {@code 512 B}, {@code 1.50 KiB}. */
    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= UNIT && unit < BYTE_UNITS.length - 1) {
            value /= UNIT;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.2f %s", value, BYTE_UNITS[unit]);
    }

    /** {@code 1 day, 2 hours, 5 seconds}: what is zero is left out. */
    static String duration(long seconds) {
        List<String> parts = new ArrayList<>();
        addPart(parts, seconds / 86_400, "day");
        addPart(parts, seconds / 3600 % 24, "hour");
        addPart(parts, seconds / 60 % 60, "minute");
        addPart(parts, seconds % 60, "second");
        return parts.isEmpty() ? "0 seconds" : String.join(", ", parts);
    }

    private static void addPart(List<String> parts, long number, String unit) {
        if (number > 0) {
            parts.add(count(number, unit));
        }
    }
}
