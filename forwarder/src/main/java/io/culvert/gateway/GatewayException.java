package io.culvert.gateway;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;

/** Why the gateway cannot do what it was asked: one line that names thing, reason and remedy, and an exit status. */
public final class GatewayException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The gateway or the kernel refused. */
    public static final int REFUSED = 2;

    /** A privilege or a device is missing. */
    public static final int MISSING_PRIVILEGE = 4;

    private final int exitStatus;

    GatewayException(int exitStatus, String message) {
        super(message);
        this.exitStatus = exitStatus;
    }

    GatewayException(int exitStatus, String message, Throwable cause) {
        super(message, cause);
        this.exitStatus = exitStatus;
    }

    /** A refusal of the kernel while doing something. */
    static GatewayException of(String doing, ErrnoException cause) {
        int status = switch (cause.errno()) {
            case Errno.EPERM, Errno.EACCES, Errno.ENOENT -> MISSING_PRIVILEGE;
            default -> REFUSED;
        };
        return new GatewayException(status, doing + ": " + cause.getMessage(), cause);
    }

    /** Exit status of the command that asked, per the command line's contract. */
    public int exitStatus() {
        return exitStatus;
    }
}
