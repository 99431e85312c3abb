package io.culvert.config;

import io.culvert.config.TomlValue.Array;
import io.culvert.config.TomlValue.Entry;
import io.culvert.config.TomlValue.Scalar;
import io.culvert.config.TomlValue.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the values of one section, and says which are wrong. One thread. */
final class SectionReader {

    private final String name;
    private final Table table;
    private final List<ConfigProblem> problems;

    SectionReader(String name, Table table, List<ConfigProblem> problems) {
        this.name = name;
        this.table = table;
        this.problems = problems;
    }

    void refuseUnknown(List<String> known) {
        table.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                String near = Suggestion.didYouMean(key, known);
                problems.add(new ConfigProblem(
                        entry.keyAt(),
                        "unknown key \"" + key + "\" in [" + name + "]",
                        near != null ? near : "the keys are " + String.join(", ", known)));
            }
        });
    }

    /** Puts a variable's text in the place of the file's value; an empty one counts as unset. */
    void override(String key, String variable, Map<String, String> environment) {
        String text = environment.get(variable);
        if (text != null && !text.isEmpty()) {
            Position at = Position.wholeFile(Path.of(variable));
            table.put(key, new Entry(at, new Scalar(text, at)));
        }
    }

    /** The same for a key whose value is a number. */
    void overrideNumber(String key, String variable, Map<String, String> environment) {
        override(key, variable, environment);
        Entry entry = table.get(key);
        if (entry != null && entry.value() instanceof Scalar(String text, Position at)) {
            table.put(key, new Entry(entry.keyAt(), new Scalar(number(text), at)));
        }
    }

    /** The same for a key whose value is an array of numbers, with commas between them in the variable. */
    void overrideNumbers(String key, String variable, Map<String, String> environment) {
        override(key, variable, environment);
        Entry entry = table.get(key);
        if (entry != null && entry.value() instanceof Scalar(String text, Position at)) {
            List<TomlValue> values = new ArrayList<>();
            for (String element : text.split(",", -1)) {
                values.add(new Scalar(number(element.strip()), at));
            }
            table.put(key, new Entry(entry.keyAt(), new Array(values, false, at)));
        }
    }

    private static Object number(String text) {
        return text.matches("[0-9]{1,9}") ? Long.valueOf(text) : text;
    }

    @Nullable
    Entry entry(String key) {
        return table.get(key);
    }

    /** Where the value of a key comes from, for people. */
    String origin(String key) {
        Entry entry = table.get(key);
        return entry == null ? "default" : entry.keyAt().fileAndLine();
    }

    void problem(Position at, String message, String hint) {
        problems.add(new ConfigProblem(at, message, hint));
    }

    @Nullable
    String text(String key) {
        Entry entry = table.get(key);
        if (entry == null) {
            return null;
        }
        if (entry.value() instanceof Scalar(String text, Position _)) {
            return text;
        }
        wrongType(key, entry.value(), "a string");
        return null;
    }

    <E extends Enum<E>> E word(String key, Class<E> type, E otherwise) {
        Entry entry = table.get(key);
        String text = text(key);
        if (entry == null || text == null) {
            return otherwise;
        }
        List<String> words = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String word = constant.name().toLowerCase(Locale.ROOT);
            if (word.equals(text)) {
                return constant;
            }
            words.add(word);
        }
        String near = Suggestion.didYouMean(text, words);
        String what = "aeiou".indexOf(key.charAt(0)) < 0 ? "a " : "an ";
        problem(
                entry.value().at(),
                "\"" + text + "\" is not " + what + key,
                near != null ? near : "use " + String.join(", ", words));
        return otherwise;
    }

    /** @param what the number is of, such as "a number of workers" */
    int integer(String key, String what, int max, int otherwise) {
        Entry entry = table.get(key);
        if (entry == null) {
            return otherwise;
        }
        if (!(entry.value() instanceof Scalar(Long number, Position at))) {
            wrongType(key, entry.value(), "an integer");
            return otherwise;
        }
        if (number < 1 || number > max) {
            problem(at, number + " is not " + what, "use 1 to " + max);
            return otherwise;
        }
        return number.intValue();
    }

    /** @param what each number is, such as "a processor" */
    List<Integer> integers(String key, String what, int max) {
        Entry entry = table.get(key);
        if (entry == null) {
            return List.of();
        }
        if (!(entry.value() instanceof Array array)) {
            wrongType(key, entry.value(), "an array of integers");
            return List.of();
        }
        List<Integer> integers = new ArrayList<>();
        for (TomlValue value : array.values()) {
            if (value instanceof Scalar(Long number, Position _) && number >= 0 && number <= max) {
                integers.add(number.intValue());
            } else {
                problem(value.at(), value.toJson() + " is not " + what, "use numbers from 0 to " + max);
            }
        }
        return integers;
    }

    private void wrongType(String key, TomlValue value, String wanted) {
        String message = "\"" + key + "\" must be " + wanted + ", not " + SpecReader.typeOf(value.toJson());
        problems.add(new ConfigProblem(value.at(), message, null));
    }
}
