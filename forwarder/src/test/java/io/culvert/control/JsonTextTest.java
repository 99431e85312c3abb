package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Jackson's own mapper is the judge. */
class JsonTextTest {

    private static final JsonMapper MAPPER = new JsonMapper();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "true",
                "-0",
                "2147483648",
                "-9223372036854775808",
                "18446744073709551616",
                "1.25",
                "1e300",
                "\"\"",
                "\"a\\\"\\\\\\n\\u0000\\u20ac\\ud83d\\ude00/\"",
                " { \"a\" : [ 1 , 2.5, \"x\", [], {}, null, false ], \"b\":{\"a\":{\"a\":1}}, \"a\":2, \"\":3 } ",
                ""
            })
    void readsAndWritesAsTheMapperDoes(String text) {
        var expected = MAPPER.readTree(text);

        assertThat(JsonText.read(text)).isEqualTo(expected);
        assertThat(text.isEmpty() ? "" : JsonText.write(expected)).isEqualTo(text.isEmpty() ? "" : expected.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[1", "{} {}", "1 2", "{\"a\"}", "{\"a\":}", "nul", "'a'", "[1,]", "\u0000", "NaN"})
    void refusesWhatTheMapperRefuses(String text) {
        assertThatThrownBy(() -> MAPPER.readTree(text)).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> JsonText.read(text)).isInstanceOf(JacksonException.class);
    }

    @Test
    void refusesWhatIsNestedTooDeep() {
        assertThatThrownBy(() -> JsonText.read("[".repeat(100_000))).isInstanceOf(JacksonException.class);
    }
}
