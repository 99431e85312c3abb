package io.culvert.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.TomlValue.Array;
import io.culvert.config.TomlValue.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/** Holds the reader against Jackson's, which knows no positions but is somebody else's. */
class TomlParserTest {

    private static final Path FILE = Path.of("t.toml");
    private static final TomlMapper JACKSON = new TomlMapper();
    private static final long SEED = 20_004;
    private static final int ROUNDS = 20_000;

    private final List<ConfigProblem> problems = new ArrayList<>();

    private Table parse(String text) {
        return TomlParser.parse(FILE, text, problems);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# only a comment",
                "a = 1",
                "a = 1\r\nb = 2\r\n",
                "a = +99\nb = -17\nc = 1_000\nd = 0xdead_BEEF\ne = 0o755\nf = 0b1101\ng = -0",
                "a = 1.5\nb = -0.01\nc = 5e+22\nd = 6.626e-34\ne = 9_224.5",
                "a = true\nb = false",
                "a = \"x\\t\\\"\\\\\\u00e9\\U0001F600\"",
                "a = 'C:\\no\\escape'",
                "a = \"\"\"\nfirst\nsecond \\\n   joined\"\"\"",
                "a = '''\nraw \\ ' '' text'''",
                "a = \"\"\"two quotes \"\"\"\"\"",
                "a = \"\"",
                "a = []\nb = [1, 2,\n 3, # three\n]\nc = [[1, 2], [\"x\"]]",
                "a = {\n x = 1, # one\n y = 2,\n}",
                "a = \"\\e\\x41\"",
                "a = { x = 1, y.z = \"w\" }\nb = {}",
                "a.b.c = 1\na.b.d = 2",
                "\"quoted key\" = 1\n'literal' = 2\n\"\" = 3\n1234 = 4",
                "[a]\nx = 1\n[a.b]\ny = 2\n[c.d.e]\nz = 3\n[c]\nw = 4",
                "[[t]]\nname = \"a\"\n[[t]]\nname = \"b\"\n[[t.sa]]\nspi = 0x1001\n[t.more]\nx = 1",
                "[ a . \"b.c\" ]\nx = 1",
                "  a  =  1  # with blanks\n\t[b]\t# and tabs\n",
                "x=\"a#b\" # c",
            })
    void readsWhatJacksonReads(String text) {
        JsonNode judge = JACKSON.readTree(text);

        JsonNode ours = parse(text).toJson();

        assertThat(problems).isEmpty();
        assertSame(text, ours, judge);
    }

    /** Jackson keeps a float's digits, this reader its value. */
    private static void assertSame(String text, JsonNode ours, JsonNode judge) {
        boolean same = judge.equals(
                (one, other) -> one.isNumber() && other.isNumber() && one.doubleValue() == other.doubleValue()
                        ? 0
                        : one.equals(other) ? 0 : 1,
                ours);
        assertThat(same).as("%s%nours:  %s%njudge: %s", text, ours, judge).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a =",
                "= 1",
                "a = 1 b = 2",
                "a = 01",
                "a = 1__0",
                "a = _1",
                "a = 1.",
                "a = .5",
                "a = 0xg",
                "a = truee",
                "a = inherit",
                "a = 203.0.113.1",
                "a = \"open",
                "a = 'open",
                "a = \"\"\"open",
                "a = \"\\q\"",
                "a = \"\\u12\"",
                "a = \"\\ud800\"",
                "a = \"tab\u0001\"",
                "a = [1, 2",
                "a = [1 2]",
                "a = [,]",
                "a = { x = 1",
                "a = { x = 1, x = 2 }",
                "a = 1\na = 2",
                "a = 1\na.b = 2",
                "a = { b = 1 }\na.c = 2",
                "a = { b = 1 }\n[a.c]\n",
                "[a]\n[a]",
                "a.b = 1\n[a]",
                "[a]\n[[a]]",
                "[[a]]\n[a]",
                "a = [1]\n[[a]]",
                "[a",
                "[[a]",
                "[]",
                "[a.]",
                "a..b = 1",
                "a = 99999999999999999999999999999999x",
            })
    void refusesWhatJacksonRefuses(String text) {
        boolean judgeRefuses;
        try {
            JACKSON.readTree(text);
            judgeRefuses = false;
        } catch (JacksonException e) {
            judgeRefuses = true;
        }

        parse(text);

        assertThat(judgeRefuses).as("the judge refuses %s", text).isTrue();
        assertThat(problems).as(text).isNotEmpty();
    }

    @Test
    void survivesAnyDamage() {
        String good =
                "[gateway]\nadmin = \"127.0.0.1:1\"\n[[tunnel]]\nname = 'a'\nkey = 0x7\nroutes = [ \"192.0.2.0/24\",\n"
                        + " { x = 1.5 } ]\ntext = \"\"\"\nmore \\u0041\n\"\"\"\n";
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder damaged = new StringBuilder(good);
            for (int change = random.nextInt(1, 5); change > 0; change--) {
                int at = random.nextInt(damaged.length());
                switch (random.nextInt(3)) {
                    case 0 -> damaged.deleteCharAt(at);
                    case 1 -> damaged.insert(at, "[]{}=\"'\\#,.\n\0".charAt(random.nextInt(13)));
                    default -> damaged.setCharAt(at, (char) random.nextInt(0x80));
                }
            }
            String text = damaged.toString();
            problems.clear();
            Table ours = parse(text);
            assertAgrees(text, ours);
        }
    }

    private void assertAgrees(String text, Table ours) {
        JsonNode judge;
        try {
            judge = JACKSON.readTree(text);
        } catch (JacksonException e) {
            assertThat(problems).as("the judge refuses %s", text).isNotEmpty();
            return;
        }
        assertThat(problems).as("the judge takes %s", text).isEmpty();
        assertSame(text, ours.toJson(), judge);
    }

    @Test
    void knowsWhereKeysAndValuesStand() {
        Table root = parse("# first\n[a]\n  key = \"v\"\nlist = [ 1,\n   22 ]\n");

        Table a = (Table) Objects.requireNonNull(root.get("a")).value();
        TomlValue.Entry key = Objects.requireNonNull(a.get("key"));
        Array list = (Array) Objects.requireNonNull(a.get("list")).value();
        assertThat(a.at()).isEqualTo(new Position(FILE, 2, 1));
        assertThat(key.keyAt()).isEqualTo(new Position(FILE, 3, 3));
        assertThat(key.value().at()).isEqualTo(new Position(FILE, 3, 9));
        assertThat(list.values().get(1).at()).isEqualTo(new Position(FILE, 5, 4));
    }

    @Test
    void goesOnBehindAnError() {
        Table root = parse("a = oops\nb = 2\nc = [ 1 2,\n 3 ]\nd = \"open\n[e\nf = 1\n[g]\nh = 1\nh = 2\n");

        assertThat(problems)
                .extracting(ConfigProblem::toString)
                .containsExactly(
                        "t.toml:1:5: oops is not a value\n  hint: write strings in quotes: \"oops\"",
                        "t.toml:3:9: unexpected \"2\" in the array\n  hint: separate values by \",\", end with \"]\"",
                        "t.toml:5:5: the string does not end on its line\n  hint: close it with \"",
                        "t.toml:6:3: unexpected end of line in the header\n  hint: close it with ]",
                        "t.toml:10:1: \"h\" is set already on line 9\n  hint: keep one of the two");
        assertThat(root.get("b")).isNotNull();
        assertThat(root.get("g")).isNotNull();
        assertThat(root.get("f")).as("a key below a broken header").isNull();
    }

    @Test
    void refusesEndlessNesting() {
        parse("a = " + "[".repeat(100_000));

        assertThat(problems)
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("nested more than 64 deep"));
    }

    @Test
    void takesDatesForWhatTheyAre() {
        Table root = parse("a = 1979-05-27T07:32:00Z\nb = 1979-05-27 07:32:00\nc = 1979-05-27\nd = 07:32:00.5\n");

        assertThat(problems).isEmpty();
        assertThat(root.entries().values())
                .allSatisfy(entry ->
                        assertThat(((TomlValue.Scalar) entry.value()).value()).isInstanceOf(TomlValue.Date.class));
    }
}
