package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers for people. */
final class Quantity {

    private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final int UNIT = 1024;

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})([smh]?)");

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

    /**
     * Reads {@code 60s}, {@code 5m}, {@code 1h} or a number of seconds.
     *
     * @throws ControlException if it is something else, or not from a second to a day
     */
    static Duration parseDuration(String text) throws ControlException {
        Matcher matcher = DURATION.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            Duration duration = switch (matcher.group(2)) {
                case "h" -> Duration.ofHours(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofSeconds(number);
            };
            if (duration.isPositive() && duration.compareTo(Duration.ofDays(1)) <= 0) {
                return duration;
            }
        }
        throw new ControlException(ExitCode.USAGE, "\"" + text + "\" is not a time: use 1s to 24h, such as 60s or 5m");
    }

    private static void addPart(List<String> parts, long number, String unit) {
        if (number > 0) {
            parts.add(count(number, unit));
        }
    }
}
