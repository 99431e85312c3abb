package io.culvert.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Steps through a TOML text by character, keeping line and column; reads strings and bare words. */
final class TomlScanner {

    /** What {@link #peek()} returns behind the last character; a NUL in the text is an error anyway. */
    static final char END = '\0';

    private final Path file;
    private final String text;
    private int at;
    private int line = 1;
    private int lineStart;

    TomlScanner(Path file, String text) {
        this.file = file;
        this.text = text;
        // A byte order mark is no part of the first line.
        if (text.startsWith("\uFEFF")) {
            at = 1;
            lineStart = 1;
        }
    }

    /** A syntax error and where it is: ends one statement, not the file. */
    static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Position position;
        private final @Nullable String hint;

        SyntaxException(Position position, String message, @Nullable String hint) {
            super(message, null, false, false);
            this.position = position;
            this.hint = hint;
        }

        ConfigProblem toProblem() {
            return new ConfigProblem(position, String.valueOf(getMessage()), hint);
        }
    }

    Position position() {
        return new Position(file, line, at - lineStart + 1);
    }

    SyntaxException error(String message, @Nullable String hint) {
        return new SyntaxException(position(), message, hint);
    }

    boolean isAtEnd() {
        return at >= text.length();
    }

    char peek() {
        return peek(0);
    }

    char peek(int ahead) {
        return at + ahead < text.length() ? text.charAt(at + ahead) : END;
    }

    /** The character here; steps over it. */
    char next() {
        char c = text.charAt(at++);
        if (c == '\n') {
            line++;
            lineStart = at;
        }
        return c;
    }

    boolean accept(char expected) {
        if (isAtEnd() || peek() != expected) {
            return false;
        }
        next();
        return true;
    }

    boolean accept(String expected) {
        if (!text.startsWith(expected, at)) {
            return false;
        }
        for (int i = 0; i < expected.length(); i++) {
            next();
        }
        return true;
    }

    void skipBlanks() {
        while (peek() == ' ' || peek() == '\t') {
            next();
        }
    }

    boolean isAtLineEnd() {
        return isAtEnd() || peek() == '\n' || (peek() == '\r' && peek(1) == '\n');
    }

    /** Blanks, a comment if there is one, and the line's end. */
    void endLine() throws SyntaxException {
        skipBlanks();
        if (peek() == '#') {
            skipComment();
        }
        if (!isAtLineEnd()) {
            throw error("unexpected " + describe() + " after the value", "start a new line for the next key");
        }
        skipLine();
    }

    /** Blanks, line ends and comments: what may stand between the values of an array. */
    void skipBlankLines() throws SyntaxException {
        while (true) {
            skipBlanks();
            if (peek() == '#') {
                skipComment();
            } else if (!isAtEnd() && isAtLineEnd()) {
                skipLine();
            } else {
                return;
            }
        }
    }

    private void skipComment() throws SyntaxException {
        while (!isAtLineEnd()) {
            refuseControl();
            next();
        }
    }

    /** Everything up to and with the next line end. */
    void skipLine() {
        while (!isAtEnd() && next() != '\n') {
            // Steps over the rest of the line.
        }
    }

    /** The line's text from here on. */
    String restOfLine() {
        int end = text.indexOf('\n', at);
        return text.substring(at, end < 0 ? text.length() : end);
    }

    /** As many characters as are letters, digits or in {@code others}. */
    String word(String others) {
        int start = at;
        while (!isAtEnd() && (isAsciiLetterOrDigit(peek()) || others.indexOf(peek()) >= 0)) {
            next();
        }
        return text.substring(start, at);
    }

    static boolean isAsciiLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /** The character here, for a message. */
    String describe() {
        if (isAtEnd()) {
            return "end of file";
        }
        if (isAtLineEnd()) {
            return "end of line";
        }
        return peek() < ' ' || peek() == 0x7f ? "control character" : "\"" + peek() + "\"";
    }

    /** A string in quotes of either kind. */
    String string(boolean multiLineAllowed) throws SyntaxException {
        Position start = position();
        String quote = peek() == '"' ? "\"" : "'";
        if (multiLineAllowed && accept(quote.repeat(3))) {
            return multiLineString(quote, start);
        }
        next();
        StringBuilder value = new StringBuilder();
        while (!accept(quote)) {
            if (isAtLineEnd()) {
                throw new SyntaxException(start, "the string does not end on its line", "close it with " + quote);
            }
            character(quote, value);
        }
        return value.toString();
    }

    private String multiLineString(String quote, Position start) throws SyntaxException {
        if (isAtLineEnd()) {
            skipLine();
        }
        StringBuilder value = new StringBuilder();
        while (!accept(quote.repeat(3))) {
            if (isAtEnd()) {
                throw new SyntaxException(
                        start, "the string does not end before the file does", "close it with " + quote.repeat(3));
            }
            if (isAtLineEnd()) {
                value.append('\n');
                skipLine();
            } else if (!(quote.equals("\"") && skipContinuation())) {
                character(quote, value);
            }
        }
        // One or two quotes may stand right before the closing three.
        for (int extra = 0; extra < 2 && accept(quote); extra++) {
            value.append(quote);
        }
        return value.toString();
    }

    /** A backslash at the end of a line swallows all white space up to the next character. */
    private boolean skipContinuation() {
        if (peek() != '\\' || !restOfLine().substring(1).isBlank()) {
            return false;
        }
        next();
        while (!isAtEnd() && " \t\r\n".indexOf(peek()) >= 0) {
            next();
        }
        return true;
    }

    private void character(String quote, StringBuilder value) throws SyntaxException {
        refuseControl();
        if (peek() == '\\' && quote.equals("\"")) {
            escape(value);
        } else {
            value.append(next());
        }
    }

    private void refuseControl() throws SyntaxException {
        if ((peek() < ' ' && peek() != '\t') || peek() == 0x7f) {
            throw error("a control character cannot stand here", "write it as \\u00XX in a string in double quotes");
        }
    }

    private void escape(StringBuilder value) throws SyntaxException {
        Position start = position();
        next();
        if (isAtLineEnd()) {
            throw new SyntaxException(start, "the string does not end on its line", "write \\\\ for a backslash");
        }
        char c = next();
        switch (c) {
            case 'b' -> value.append('\b');
            case 't' -> value.append('\t');
            case 'n' -> value.append('\n');
            case 'f' -> value.append('\f');
            case 'r' -> value.append('\r');
            case '"', '\\' -> value.append(c);
            case 'e' -> value.append('\u001b');
            case 'x' -> value.appendCodePoint(codePoint(2, start));
            case 'u' -> value.appendCodePoint(codePoint(4, start));
            case 'U' -> value.appendCodePoint(codePoint(8, start));
            default ->
                throw new SyntaxException(
                        start, "\\" + c + " is not an escape", "write \\\\ for a backslash, or use single quotes");
        }
    }

    private int codePoint(int digits, Position start) throws SyntaxException {
        String hex = text.substring(at, Math.min(at + digits, text.length()));
        if (!hex.matches("[0-9a-fA-F]{" + digits + "}")) {
            throw new SyntaxException(start, "the escape needs " + digits + " hexadecimal digits", null);
        }
        long value = Long.parseLong(hex, 16);
        if (value > Character.MAX_CODE_POINT
                || (value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE)) {
            throw new SyntaxException(start, "\\u" + hex + " is not a character", null);
        }
        at += digits;
        return (int) value;
    }
}
