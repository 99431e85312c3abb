package io.culvert.config;

import io.culvert.config.TomlScanner.SyntaxException;
import io.culvert.config.TomlValue.Array;
import io.culvert.config.TomlValue.Entry;
import io.culvert.config.TomlValue.Origin;
import io.culvert.config.TomlValue.Scalar;
import io.culvert.config.TomlValue.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads TOML 1.1 into a tree that knows where each key and value stands, and goes on at the next statement after an
 * error, so that one look at the file finds every error. (Jackson's TOML reader keeps no positions and stops at the
 * first error; the tests hold this one against it.)
 */
final class TomlParser {

    /** The first line that can be a statement: where reading goes on after an error. */
    private static final Pattern STATEMENT = Pattern.compile("\\s*(\\[.*|[A-Za-z0-9_\"'.\\- \t]+=.*|#.*|)\\s*");

    /** Deep enough for any file by hand; keeps nested brackets off the stack's end. */
    private static final int MAX_DEPTH = 64;

    private final TomlScanner in;
    private final Table root;
    private Table current;
    private int depth;

    private TomlParser(Path file, String text) {
        this.in = new TomlScanner(file, text);
        this.root = new Table(Position.wholeFile(file), Origin.HEADER);
        this.current = root;
    }

    /** The file's tree as far as it can be read; adds what cannot to {@code problems}. */
    static Table parse(Path file, String text, List<ConfigProblem> problems) {
        TomlParser parser = new TomlParser(file, text);
        while (!parser.in.isAtEnd()) {
            try {
                parser.statement();
            } catch (SyntaxException e) {
                problems.add(e.toProblem());
                parser.recover();
            }
        }
        return parser.root;
    }

    private void recover() {
        depth = 0;
        do {
            in.skipLine();
        } while (!in.isAtEnd() && !STATEMENT.matcher(in.restOfLine()).matches());
    }

    private void statement() throws SyntaxException {
        in.skipBlankLines();
        if (in.isAtEnd()) {
            return;
        }
        if (in.peek() == '[') {
            header();
        } else {
            keyAndValue(current);
        }
        in.endLine();
    }

    private record Key(String name, Position at) {}

    private void header() throws SyntaxException {
        Position at = in.position();
        boolean ofTables = in.accept("[[");
        if (!ofTables) {
            in.next();
        }
        // Keys below a header that is wrong belong to no table: they are still read, for their own errors.
        current = new Table(at, Origin.HEADER);
        List<Key> path = key();
        if (!in.accept(ofTables ? "]]" : "]")) {
            throw in.error(
                    "unexpected " + in.describe() + " in the header", "close it with " + (ofTables ? "]]" : "]"));
        }
        Table parent = root;
        for (Key step : path.subList(0, path.size() - 1)) {
            parent = child(parent, step, Origin.IMPLICIT);
        }
        current = ofTables ? appendTable(parent, path.getLast(), at) : openTable(parent, path.getLast(), at);
    }

    private static Table openTable(Table parent, Key key, Position at) throws SyntaxException {
        Entry entry = parent.get(key.name);
        if (entry == null) {
            Table table = new Table(at, Origin.HEADER);
            parent.put(key.name, new Entry(key.at, table));
            return table;
        }
        if (entry.value() instanceof Table table && table.origin() == Origin.IMPLICIT) {
            table.defineAt(at);
            return table;
        }
        throw defined(key, entry);
    }

    private static Table appendTable(Table parent, Key key, Position at) throws SyntaxException {
        Entry entry = parent.get(key.name);
        if (entry == null) {
            entry = new Entry(key.at, TomlValue.arrayOfTables(at));
            parent.put(key.name, entry);
        }
        if (!(entry.value() instanceof Array array) || !array.ofTables()) {
            throw defined(key, entry);
        }
        Table table = new Table(at, Origin.HEADER);
        array.values().add(table);
        return table;
    }

    /** The table that {@code step} names in {@code parent}, made if need be; of an array of tables, the last. */
    private static Table child(Table parent, Key step, Origin origin) throws SyntaxException {
        Entry entry = parent.get(step.name);
        if (entry == null) {
            Table table = new Table(step.at, origin);
            parent.put(step.name, new Entry(step.at, table));
            return table;
        }
        boolean isHeader = origin == Origin.IMPLICIT;
        if (isHeader && entry.value() instanceof Array array && array.ofTables()) {
            return (Table) array.values().getLast();
        }
        if (entry.value() instanceof Table table
                && table.origin() != Origin.INLINE
                && (isHeader || table.origin() == Origin.DOTTED_KEY)) {
            return table;
        }
        throw defined(step, entry);
    }

    private static SyntaxException defined(Key key, Entry first) {
        return new SyntaxException(
                key.at,
                "\"" + key.name + "\" is set already on line " + first.keyAt().line(),
                "keep one of the two");
    }

    private void keyAndValue(Table table) throws SyntaxException {
        List<Key> path = key();
        if (!in.accept('=')) {
            throw in.error("unexpected " + in.describe() + " after the key", "write KEY = VALUE");
        }
        in.skipBlanks();
        TomlValue value = value();
        Table parent = table;
        for (Key step : path.subList(0, path.size() - 1)) {
            parent = child(parent, step, Origin.DOTTED_KEY);
        }
        Key last = path.getLast();
        Entry first = parent.get(last.name);
        if (first != null) {
            throw defined(last, first);
        }
        parent.put(last.name, new Entry(last.at, value));
    }

    /** A key, dotted or not, with the blanks around it. */
    private List<Key> key() throws SyntaxException {
        List<Key> path = new ArrayList<>();
        do {
            in.skipBlanks();
            Position at = in.position();
            String name = in.peek() == '"' || in.peek() == '\'' ? in.string(false) : in.word("_-");
            if (name.isEmpty() && in.position().equals(at)) {
                throw in.error("unexpected " + in.describe() + " where a key should be", "write KEY = VALUE");
            }
            path.add(new Key(name, at));
            in.skipBlanks();
        } while (in.accept('.'));
        return path;
    }

    private TomlValue value() throws SyntaxException {
        Position at = in.position();
        if (++depth > MAX_DEPTH) {
            throw in.error("values are nested more than " + MAX_DEPTH + " deep", null);
        }
        TomlValue value = switch (in.peek()) {
            case '"', '\'' -> new Scalar(in.string(true), at);
            case '[' -> array(at);
            case '{' -> inlineTable(at);
            default -> TomlLiteral.read(in, at);
        };
        depth--;
        return value;
    }

    private Array array(Position at) throws SyntaxException {
        List<TomlValue> values = new ArrayList<>();
        in.next();
        in.skipBlankLines();
        while (!in.accept(']')) {
            values.add(value());
            in.skipBlankLines();
            boolean more = in.accept(',');
            in.skipBlankLines();
            if (!more && in.peek() != ']') {
                throw in.error(
                        "unexpected " + in.describe() + " in the array", "separate values by \",\", end with \"]\"");
            }
        }
        return new Array(values, false, at);
    }

    private Table inlineTable(Position at) throws SyntaxException {
        // Open to dotted keys of its own while it is read, closed to everything after.
        Table table = new Table(at, Origin.INLINE);
        in.next();
        in.skipBlankLines();
        while (!in.accept('}')) {
            keyAndValue(table);
            in.skipBlankLines();
            boolean more = in.accept(',');
            in.skipBlankLines();
            if (!more && in.peek() != '}') {
                throw in.error(
                        "unexpected " + in.describe() + " in the inline table",
                        "separate keys by \",\", end with \"}\"");
            }
        }
        return table;
    }
}
