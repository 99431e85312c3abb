package io.culvert.esp;

/** A key file that cannot be used; the message names the file, the reason and the remedy, and never what stands in it. */
public final class KeyFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    KeyFileException(String message) {
        super(message);
    }
}
