package io.culvert.control;

/** What a command's exit status says, and what a refused request says in its {@code exit} field. */
public final class ExitCode {

    public static final int OK = 0;

    /** Syntax or usage. */
    public static final int USAGE = 1;

    /** The gateway or the kernel refused. */
    public static final int REFUSED = 2;

    /** {@code check} or {@code doctor} found problems. */
    public static final int PROBLEMS = 3;

    /** A privilege or a device is missing. */
    public static final int PRIVILEGE = 4;

    public static final int NO_GATEWAY = 5;

    /** A defect of Culvert itself. */
    public static final int INTERNAL = 70;

    private ExitCode() {}
}
