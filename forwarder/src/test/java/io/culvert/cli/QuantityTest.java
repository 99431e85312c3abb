package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.00 KiB",
        "1536, 1.50 KiB",
        "1048576, 1.00 MiB",
        "9223372036854775807, 8192.00 PiB"
    })
    void writesBytes(long bytes, String text) {
        assertThat(Quantity.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0 seconds",
                "1 | 1 second",
                "63 | 1 minute, 3 seconds",
                "90061 | 1 day, 1 hour, 1 minute, 1 second"
            })
    void writesDurations(long seconds, String text) {
        assertThat(Quantity.duration(seconds)).isEqualTo(text);
    }
}
