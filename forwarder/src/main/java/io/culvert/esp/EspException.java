package io.culvert.esp;

/**
 * A security association that cannot be used; the message names the key file or library, the reason and the remedy, and
 * never what stands in a key file.
 */
public final class EspException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    EspException(String message) {
        super(message);
    }

    EspException(String message, Throwable cause) {
        super(message, cause);
    }
}
