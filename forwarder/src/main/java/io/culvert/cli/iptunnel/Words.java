package io.culvert.cli.iptunnel;

import java.util.List;

/** The words of a command line, read from left to right. */
final class Words {

    private final List<String> words;
    private int at;

    Words(List<String> words) {
        this.words = words;
    }

    boolean hasNext() {
        return at < words.size();
    }

    /** Whether no word was read yet but the one that {@link #next} gave last. */
    boolean isAtFirst() {
        return at == 1;
    }

    String next() {
        return words.get(at++);
    }

    /** The value of the keyword before. */
    String value() throws TunnelException {
        if (!hasNext()) {
            throw TunnelException.unparsable("Command line is not complete. Try option \"help\"");
        }
        return next();
    }

    /** Whether {@code word} is a beginning of {@code whole}; the empty word is of none. */
    static boolean isPrefix(String word, String whole) {
        return !word.isEmpty() && whole.startsWith(word);
    }

    /** The first command that the word is a beginning of; the empty string if there is none. */
    static String expand(String word, String... commands) {
        for (String command : commands) {
            if (isPrefix(word, command)) {
                return command;
            }
        }
        return "";
    }
}
