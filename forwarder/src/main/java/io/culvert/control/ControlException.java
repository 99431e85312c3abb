package io.culvert.control;

/** A request that was refused or could not be made: a message for the user and the exit code that goes with it. */
public final class ControlException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /**
     * @param exitCode one of {@link ExitCode}
     * @param message names the thing, the reason and the remedy
     */
    public ControlException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public ControlException(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }

    /** The message: never null, unlike {@link #getMessage()}. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
